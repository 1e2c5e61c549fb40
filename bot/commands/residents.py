"""`ward residents find|show|bind|unbind`: whose chat account is whose, where nobody at the desk uses chat."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import app, settings
from bot.commands import ledger
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from handlers.binding import allowed, tell
from handlers.phrases import binding as phrases
from knowledge.calendar import here
from letters import matching
from records import binding, people
from records.binding import NotBindable
from records.cases import Staff
from records.letters import Resident, ResidentAddress
from records.tables import Address, ChannelName


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "người dân: tìm, xem, gắn và gỡ khung chat đã đối chiếu giấy tờ"
    verbs = nouns.add_parser("residents", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    finding = verbs.add_parser("find", help="tìm theo họ tên, năm sinh, tổ dân phố")
    finding.add_argument("words", metavar="LỜI", help='ví dụ "Nguyễn Văn Thử 1943 tổ 3"')
    finding.set_defaults(run=find)
    showing = verbs.add_parser("show", help="một người và các khung chat của họ")
    showing.add_argument("number", type=int, metavar="SỐ", help="số người dân, do find in ra")
    showing.set_defaults(run=show)
    tying = verbs.add_parser("bind", help="gắn khung chat bằng mã người dân đọc, sau khi xem thẻ căn cước")
    tying.add_argument("code", metavar="MÃ", help="ví dụ K7QX-9M2P")
    tying.add_argument("number", type=int, metavar="SỐ")
    tying.set_defaults(run=bind)
    freeing = verbs.add_parser("unbind", help="gỡ khung chat; tin đang chờ gửi vào đó được giữ lại")
    freeing.add_argument("number", type=int, metavar="SỐ")
    freeing.add_argument(
        "--account", metavar="TÊN", help="tên khung chat do show in ra; có một thì không cần"
    )
    freeing.set_defaults(run=unbind)
    for verb in (finding, showing, tying, freeing):
        verb.add_argument("--by", required=True, metavar="TÊN_ĐĂNG_NHẬP", help="cán bộ đối chiếu")
        verb.add_argument("--json", action="store_true", help="in JSON")


async def find(asked: argparse.Namespace) -> int:
    """Print who fits, with what tells them apart; that they were looked at is sealed."""
    async with ledger.opened(settings.load()) as database, database.writing() as db:
        person = await _person(db, asked.by)
        found = await binding.search(db, binding.wanted(ledger.said(asked.words)))
        await binding.seen(db, person.login, found, app.clock())
        rows = [await _facts(db, one) for one in found]
    apart = matching.tell_apart(found)
    for row, one in zip(rows, found, strict=True):
        line = f"{one.id}  {phrases.person(one, apart[one.id or 0])}  {len(row['accounts'])} khung chat"
        print(json.dumps(row, ensure_ascii=False) if asked.json else line)
    if not found and not asked.json:
        print("Không thấy ai khớp.")
    return 0


async def show(asked: argparse.Namespace) -> int:
    """Print one resident and their accounts."""
    async with ledger.opened(settings.load()) as database, database.writing() as db:
        person = await _person(db, asked.by)
        one = await _resident(db, asked.number)
        await binding.seen(db, person.login, [one], app.clock())
        facts = await _facts(db, one)
    print(json.dumps(facts, ensure_ascii=False) if asked.json else "\n".join(_lines(one, facts)))
    return 0


async def bind(asked: argparse.Namespace) -> int:
    """Bind the account a code speaks for, and tell its owner."""
    now = app.clock()
    async with ledger.opened(settings.load()) as database, database.writing() as db:
        person = await _person(db, asked.by)
        code = binding.hashed(asked.code)
        try:
            who = await binding.bind(db, code, asked.number, by=person.login, now=now)
        except NotBindable as refusal:
            raise Trouble(str(refusal)) from refusal
        await tell(db, who, now, bound=True)
        name = binding.name(db, who)
    facts = {"resident": asked.number, "account": name, "bound_at": here(now).isoformat()}
    said = f"Đã gắn khung chat {name} với người dân số {asked.number}; lời báo đã xếp vào hộp thư đi."
    print(json.dumps(facts, ensure_ascii=False) if asked.json else said)
    return 0


async def unbind(asked: argparse.Namespace) -> int:
    """Close an account of somebody, stop what waits for it, and tell its owner."""
    now = app.clock()
    async with ledger.opened(settings.load()) as database, database.writing() as db:
        person = await _person(db, asked.by)
        await _resident(db, asked.number)
        who = await _account(db, asked.number, asked.account)
        name = binding.name(db, who)
        kept = await binding.unbind(db, who, by=person.login, now=now)
        await tell(db, who, now, bound=False)
    facts = {"resident": asked.number, "account": name, "withheld": kept}
    said = f"Đã gỡ khung chat {name} khỏi người dân số {asked.number}; {kept} tin đang chờ được giữ lại."
    print(json.dumps(facts, ensure_ascii=False) if asked.json else said)
    return 0


async def _person(db: AsyncSession, login: str) -> Staff:
    person = await ledger.person_of(db, login)
    if not allowed(person):
        raise Trouble(
            f"“{login}” chưa được quyền xem và gắn khung chat của người dân (import_records hoặc draft_letters)."
        )
    return person


async def _resident(db: AsyncSession, number: int) -> Resident:
    row = await db.get(Resident, number)
    if row is None:
        raise Trouble(f"Không có người dân số {number}. Tìm bằng: ward residents find LỜI --by TÊN_ĐĂNG_NHẬP")
    return row


async def _account(db: AsyncSession, number: int, name: str | None) -> Address:
    theirs = [one for one in await binding.accounts(db, number) if one.verified_at and not one.closed_at]
    if name is None and len(theirs) == 1:
        return _address(theirs[0])
    who = await binding.named(db, number, name) if name is not None else None
    if who is None:
        listed = ", ".join(binding.name(db, _address(one)) for one in theirs) or "không có"
        raise Trouble(f"Cần tên khung chat (--account). Người dân số {number} đang gắn: {listed}.")
    return who


def _address(row: ResidentAddress) -> Address:
    return Address(ChannelName(row.channel), row.user)


async def _facts(db: AsyncSession, one: Resident) -> dict[str, Any]:
    accounts = await binding.accounts(db, one.id or 0)
    return {
        "id": one.id,
        "name": one.name,
        "born": str(one.born_on or one.born_year or ""),
        "gender": one.gender,
        "group": one.quarter,
        "address": one.address,
        "deceased_on": str(one.deceased_on) if one.deceased_on else None,
        "accounts": [await _told(db, row) for row in accounts],
    }


async def _told(db: AsyncSession, row: ResidentAddress) -> dict[str, Any]:
    agreed = await people.consents(db, _address(row))
    return {
        "account": binding.name(db, _address(row)),
        "channel": str(row.channel),
        "verified_at": here(row.verified_at).isoformat() if row.verified_at else None,
        "verified_by": row.verified_by,
        "closed_at": here(row.closed_at).isoformat() if row.closed_at else None,
        "agreed_to": sorted(str(purpose) for purpose, yes in agreed.items() if yes),
    }


def _lines(one: Resident, facts: dict[str, Any]) -> Sequence[str]:
    lines = [f"{one.id}  {phrases.person(one, matching.tell_apart([one])[one.id or 0])}"]
    for row in facts["accounts"]:
        state = f"đã gỡ hoặc đóng {row['closed_at'][:10]}" if row["closed_at"] else "đang gắn"
        agreed = ", ".join(row["agreed_to"]) or "chưa đồng ý loại tin nào"
        verified = (row["verified_at"] or "chưa")[:10]
        lines.append(f"  {row['account']}  {state}, đối chiếu {verified} bởi {row['verified_by']}; {agreed}")
    return lines if facts["accounts"] else [*lines, "  chưa có khung chat nào"]
