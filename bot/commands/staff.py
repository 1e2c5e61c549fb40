"""`ward staff invite|list|disable|room|absent`: who works here, what they may do, who stands in."""

import argparse
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import app, settings
from bot.commands import ledger
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from feedback.states import OPEN
from knowledge import when
from knowledge.calendar import here
from knowledge.logins import FORM, LONGEST, login_of
from knowledge.ward import load_ward
from records import staff, trace
from records.cases import Feedback, Permission, Staff

ANSWERING = (Permission.ANSWER_FEEDBACK, Permission.ASSIGN_FEEDBACK)
MOST_NAME = 100  # letters the table keeps
SOMEBODY = "ward"  # who acted, where nobody is named: whoever may run the command


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "cán bộ: mời, xem, ngừng, gắn nhóm của tổ, ghi ngày vắng"
    verbs = nouns.add_parser("staff", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    _add_invite(verbs)
    listing = verbs.add_parser("list", help="cán bộ, quyền, tài khoản đã gắn")
    listing.set_defaults(run=show)
    ending = verbs.add_parser("disable", help="ngừng một người: mất quyền, tài khoản, mã mời")
    ending.add_argument("login", metavar="TÊN_ĐĂNG_NHẬP")
    ending.add_argument("--by", required=True, metavar="TÊN", help="người quyết định")
    ending.set_defaults(run=disable)
    room = verbs.add_parser("room", help="mã dùng một lần, gõ trong nhóm chat để nhóm nhận việc của tổ")
    room.add_argument("desk", metavar="ĐƠN_VỊ", help="mã đơn vị trong desks.toml, ví dụ do_thi")
    room.add_argument("--by", default=SOMEBODY, metavar="TÊN", help="người quyết định")
    room.set_defaults(run=make_room)
    away = verbs.add_parser("absent", help="ghi ngày vắng và người thay")
    away.add_argument("login", metavar="TÊN_ĐĂNG_NHẬP")
    away.add_argument("first", metavar="TỪ_NGÀY", help="dạng 2026-11-23")
    away.add_argument("last", metavar="ĐẾN_NGÀY", help="tính cả ngày này")
    away.add_argument("--deputy", metavar="TÊN_ĐĂNG_NHẬP", help="người thay")
    away.add_argument("--by", default=SOMEBODY, metavar="TÊN", help="người ghi")
    away.set_defaults(run=absent)
    for verb in (listing, ending, room, away):
        verb.add_argument("--json", action="store_true", help="in JSON")


def _add_invite(verbs: Nouns) -> None:
    known = "; ".join(f"{permission}: {what}" for permission, what in staff.TITLES.items())
    verb = verbs.add_parser(
        "invite", help="mời một người, in mã dùng một lần", description=f"Quyền: {known}."
    )
    verb.add_argument("--name", required=True, metavar="HỌ_TÊN")
    verb.add_argument(
        "--may", required=True, metavar="QUYỀN[,QUYỀN…]", help="các quyền, cách nhau bằng dấu phẩy"
    )
    verb.add_argument("--login", metavar="TÊN_ĐĂNG_NHẬP", help="không ghi thì lấy từ họ tên")
    verb.add_argument("--desk", metavar="ĐƠN_VỊ", help="mã đơn vị trong desks.toml")
    verb.add_argument("--by", default=SOMEBODY, metavar="TÊN", help="người quyết định")
    verb.add_argument("--json", action="store_true", help="in JSON")
    verb.set_defaults(run=invite)


async def invite(asked: argparse.Namespace) -> int:
    """Give a person what they may do and a fresh one-time code, whether or not they were here before."""
    config, now = settings.load(), app.clock()
    may, name, login = _permissions(asked.may), _name(asked.name), _login(asked)
    if asked.desk is not None:
        ledger.desk_in(load_ward(config.ward_dir).desks, asked.desk)
    async with ledger.opened(config) as database, database.writing() as db:
        known = await staff.by_login(db, login)
        _require_same(known, asked.login, name)
        desk = asked.desk if asked.desk is not None else known.desk if known else ""
        person = await staff.add(db, login=login, name=name, desk=desk, permissions=may, now=now)
        code = await staff.invite(db, person, now)
        detail = {"permissions": person.permissions, "desk": desk}
        await _note(db, asked.by, "staff.invited", f"staff:{person.id}", detail)
    facts = {"login": login, "name": name, "desk": desk, "permissions": person.permissions}
    _say(asked, facts | _code(code), f"{name} ({login}): gửi cho Trợ lý số, trong khung chat riêng")
    return 0


async def show(asked: argparse.Namespace) -> int:
    """List everybody, those who left last."""
    today = here(app.clock()).date()
    async with ledger.opened(settings.load()) as database, database.reading() as db:
        rows = [await _row(db, person, today) for person in await staff.everybody(db)]
    if not rows and not asked.json:
        print("Chưa có cán bộ nào. Mời bằng: ward staff invite --name HỌ_TÊN --may QUYỀN")
    for row in rows:
        print(json.dumps(row, ensure_ascii=False) if asked.json else _line(row))
    return 0


async def disable(asked: argparse.Namespace) -> int:
    """Take everything from somebody who left, and name the open cases they still hold."""
    now = app.clock()
    async with ledger.opened(settings.load()) as database, database.writing() as db:
        person = await ledger.person_of(db, asked.login)
        await staff.disable(db, person, now)
        await _note(db, asked.by, "staff.disabled", f"staff:{person.id}", {})
        holding = await _holding(db, person)
    if asked.json:
        facts = {"login": person.login, "disabled_at": here(now).isoformat(), "holding": holding}
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    print(f"Đã ngừng {person.name} ({person.login}): không còn quyền, tài khoản chat, mã mời.")
    if holding:
        print(f"Còn giữ {len(holding)} việc, cần giao lại: {', '.join(holding)}")
    return 0


async def make_room(asked: argparse.Namespace) -> int:
    """Give a one-time code that makes a group the room of a desk."""
    config = settings.load()
    desks = load_ward(config.ward_dir).desks
    code_of_desk = ledger.desk_in(desks, asked.desk)
    async with ledger.opened(config) as database, database.writing() as db:
        code = await staff.invite_room(db, code_of_desk, app.clock())
        await _note(db, asked.by, "staff.room", f"desk:{code_of_desk}", {})
    name = desks.desk(code_of_desk).name
    facts = {"desk": code_of_desk, "name": name} | _code(code)
    _say(asked, facts, f"{name}: thêm Trợ lý số vào nhóm chat của tổ, rồi gõ trong nhóm")
    return 0


async def absent(asked: argparse.Namespace) -> int:
    """Note on which days somebody is away, and who stands in."""
    first, last = ledger.day(asked.first), ledger.day(asked.last)
    if last < first or last < here(app.clock()).date():
        raise Trouble("Ngày cuối phải từ hôm nay trở đi và không trước ngày đầu.")
    async with ledger.opened(settings.load()) as database, database.writing() as db:
        person = await ledger.person_of(db, asked.login)
        deputy = await _deputy(db, person, asked.deputy)
        await staff.note_absence(db, person, first, last, deputy)
        detail = {
            "first": first.isoformat(),
            "last": last.isoformat(),
            "deputy": deputy.id if deputy else None,
        }
        await _note(db, asked.by, "staff.absent", f"staff:{person.id}", detail)
    instead = f"người thay: {deputy.name}" if deputy else "không có người thay, việc báo lên cấp trên"
    said = f"{person.name} vắng từ {when.day(first)} đến hết {when.day(last)}; {instead}."
    facts = {"login": person.login, "first": asked.first, "last": asked.last, "deputy": asked.deputy}
    print(json.dumps(facts, ensure_ascii=False) if asked.json else said)
    return 0


def _permissions(text: str) -> list[Permission]:
    known = {str(permission): permission for permission in Permission}
    said = [part for part in text.replace(",", " ").split() if part]
    wrong = [part for part in said if part not in known]
    if wrong or not said:
        listed = "\n".join(f"  {permission}: {what}" for permission, what in staff.TITLES.items())
        named = f"Không có quyền “{', '.join(wrong)}”." if wrong else "Chưa ghi quyền nào."
        raise Trouble(f"{named} Các quyền đang có:\n{listed}")
    return [permission for permission in Permission if permission in said]


def _name(text: str) -> str:
    name = ledger.said(text)
    if not login_of(name) or len(name) > MOST_NAME:
        raise Trouble(f"Họ tên trống hoặc dài quá {MOST_NAME} chữ.")
    return name


def _login(asked: argparse.Namespace) -> str:
    if asked.login is None:
        return login_of(asked.name)
    if not FORM.fullmatch(asked.login) or len(asked.login) > LONGEST:
        raise Trouble("Tên đăng nhập viết không dấu, chữ thường, nối bằng dấu chấm, ví dụ “cao.xuan.khang”.")
    return str(asked.login)


def _require_same(known: Staff | None, given: str | None, name: str) -> None:
    """Two people may have one name, and two names one login: nobody gets another's cases unasked."""
    if known is not None and given is None and known.name.casefold() != name.casefold():
        raise Trouble(
            f"Tên đăng nhập “{known.login}” đã là của {known.name}. Người khác thì ghi thêm --login khác; "
            f"đúng người ấy thì ghi --login {known.login}."
        )


async def _deputy(db: AsyncSession, person: Staff, login: str | None) -> Staff | None:
    if login is None:
        return None
    deputy = await ledger.person_of(db, login)
    if deputy.id == person.id:
        raise Trouble("Người thay phải là người khác.")
    if not any(staff.may(deputy, permission) for permission in ANSWERING):
        raise Trouble(f"{deputy.name} chưa có quyền trả lời hoặc giao phản ánh nên chưa thay được.")
    return deputy


async def _holding(db: AsyncSession, person: Staff) -> list[str]:
    found = await db.exec(
        select(Feedback.code)
        .where(col(Feedback.officer_id) == person.id, col(Feedback.state).in_(sorted(OPEN)))
        .order_by(col(Feedback.id))
    )
    return list(found.all())


async def _row(db: AsyncSession, person: Staff, today: date) -> dict[str, Any]:
    number = person.id or 0
    away = await staff.absence(db, number, today)
    return {
        "login": person.login,
        "name": person.name,
        "desk": person.desk,
        "permissions": person.permissions,
        "accounts": sorted({str(account.channel) for account in await staff.accounts(db, number)}),
        "absent_until": away.last.isoformat() if away else None,
        "disabled_at": here(person.disabled_at).isoformat() if person.disabled_at else None,
    }


def _line(row: dict[str, Any]) -> str:
    if row["disabled_at"]:
        return f"{row['login']}  {row['name']}  đã ngừng {row['disabled_at'][:10]}"
    accounts = "đã gắn " + ", ".join(row["accounts"]) if row["accounts"] else "chưa gắn tài khoản"
    away = f"  vắng đến {row['absent_until']}" if row["absent_until"] else ""
    may: Sequence[str] = row["permissions"]
    return f"{row['login']}  {row['name']}  {row['desk'] or '–'}  {','.join(may)}  {accounts}{away}"


def _code(code: str) -> dict[str, str]:
    expires = here(app.clock() + staff.CODE_LIVES)
    return {"code": code, "send": f"/canbo {code}", "expires_at": expires.isoformat(timespec="minutes")}


def _say(asked: argparse.Namespace, facts: dict[str, Any], opening: str) -> None:
    if asked.json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    print(f"{opening}:\n  {facts['send']}\nMã dùng một lần, trong 24 giờ. Đưa riêng cho đúng người.")


async def _note(db: AsyncSession, who: str, what: str, on: str, detail: dict[str, Any]) -> None:
    await trace.leave(db, who=who, what=what, on=on, detail=detail, now=app.clock())
