"""Cán bộ: people and what they may do, desks and duty, absence, bound accounts, sessions."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from aiohttp import web

from console import sheets, undo
from console.door import ROOT, Door, get, post
from console.sheets import Column
from console.trouble import NOT_FOUND, Refused
from console.visit import Visit
from feedback.routing import turn_of
from knowledge.desks import Desk
from knowledge.logins import FORM, LONGEST, login_of
from records import sessions, staff, trace
from records.cases import Permission, Staff

MANAGE: Final = Permission.MANAGE_STAFF
MOST_NAME: Final = 100
TWO_FACTORS: Final = frozenset({Permission.SIGN_LETTERS, Permission.MANAGE_STAFF})
ANSWERING: Final = (Permission.ANSWER_FEEDBACK, Permission.ASSIGN_FEEDBACK)


async def everybody(visit: Visit) -> web.Response:
    """List who works here, who is away, and who is on duty at each desk today."""
    people = await staff.everybody(visit.db)
    names = {one.login: one.name for one in people}
    return visit.page(
        "colleagues.html",
        people=people,
        chats=await staff.all_accounts(visit.db),
        desks=_desk_names(visit),
        titles=staff.TITLES,
        duty=[(desk, names.get(_on_duty(visit, desk), "")) for desk in visit.house.shelf.ward.desks.desks],
        rooms=await staff.rooms_by_desk(visit.db),
        away=await staff.absences(visit.db, visit.today),
        by_id={one.id: one for one in people},
    )


def _desk_names(visit: Visit) -> dict[str, str]:
    return {desk.code: desk.name for desk in visit.house.shelf.ward.desks.desks}


def _on_duty(visit: Visit, desk: Desk) -> str:
    """Return whose turn it is at *desk* today, before anybody's absence."""
    if not desk.on_duty:
        return desk.head
    return desk.on_duty[turn_of(visit.house.shelf.calendar, visit.today, len(desk.on_duty))]


async def one(visit: Visit) -> web.Response:
    """Show one person: rights, accounts, sessions, absences."""
    person = await _person(visit)
    number = person.id or 0
    return visit.page(
        "colleague.html",
        person=person,
        desks=_desk_names(visit),
        titles=staff.TITLES,
        chats=await staff.accounts(visit.db, number),
        living=await sessions.living(visit.db, visit.now, number),
        away=[row for row, who in await staff.absences(visit.db, visit.today) if who.id == number],
        people=[other for other in await staff.everybody(visit.db) if _can_stand_in(other, person)],
        code="",
    )


async def _person(visit: Visit) -> Staff:
    found = await visit.db.get(Staff, visit.number("number"), populate_existing=True)
    if found is None:
        raise NOT_FOUND
    return found


def _can_stand_in(other: Staff, person: Staff) -> bool:
    return other.id != person.id and any(staff.may(other, permission) for permission in ANSWERING)


async def new_page(visit: Visit) -> web.Response:
    """Ask whom to invite."""
    return visit.page(
        "colleague_new.html",
        desks=_desk_names(visit),
        titles=staff.TITLES,
        wrong="",
        name="",
        login="",
        given=[],
    )


async def invite(visit: Visit) -> web.Response:
    """Take somebody new in and show the one-time code, once."""
    name, login = " ".join(visit.said("name").split()), visit.said("login") or login_of(visit.said("name"))
    given = _given(visit)
    wrong = _wrong(name, login, given)
    if not wrong and await staff.by_login(visit.db, login) is not None:
        wrong = f"Tên đăng nhập “{login}” đã có người dùng. Mời anh/chị ghi một tên khác."
    if wrong:
        return visit.page(
            "colleague_new.html",
            status=422,
            desks=_desk_names(visit),
            titles=staff.TITLES,
            wrong=wrong,
            name=name,
            login=visit.said("login"),
            given=given,
        )
    person = await staff.add(
        visit.db, login=login, name=name, desk=_desk(visit), permissions=given, now=visit.now
    )
    await _note(visit, "staff.invited", person, {"permissions": person.permissions, "desk": person.desk})
    return await _code_page(visit, person)


def _wrong(name: str, login: str, given: list[Permission]) -> str:
    if not login_of(name) or len(name) > MOST_NAME:
        return f"Họ tên còn trống hoặc dài quá {MOST_NAME} chữ."
    if not FORM.fullmatch(login) or len(login) > LONGEST:
        return "Tên đăng nhập viết không dấu, chữ thường, nối bằng dấu chấm, ví dụ cao.xuan.khang."
    return "" if given else "Mời anh/chị chọn ít nhất một quyền."


def _given(visit: Visit) -> list[Permission]:
    said = visit.said_all("may")
    return [permission for permission in Permission if permission in said]


def _desk(visit: Visit) -> str:
    said = visit.said("desk")
    if said and said not in _desk_names(visit):
        raise Refused("Không có đơn vị này trong danh sách của phường.")
    return said


async def _code_page(visit: Visit, person: Staff) -> web.Response:
    """Show a one-time code; it stands nowhere but on this page."""
    code = await staff.invite(visit.db, person, visit.now)
    base = visit.house.public_url or f"{visit.request.scheme}://{visit.request.host}"
    return visit.page("colleague_code.html", person=person, code=code, address=f"{base}{ROOT}/invite/{code}")


async def code(visit: Visit) -> web.Response:
    """Give a fresh one-time code to somebody who forgot the password, or wants to bind a chat account."""
    person = await _person(visit)
    if person.disabled_at is not None:
        raise Refused("Người này đã ngừng làm việc. Mời anh/chị mở lại tài khoản trước.")
    await _note(visit, "staff.code", person, {})
    return await _code_page(visit, person)


async def change(visit: Visit) -> web.Response:
    """Change name, desk and rights; whoever it is comes in anew with the new rights at the next click."""
    person = await _person(visit)
    name, given = " ".join(visit.said("name").split()), _given(visit)
    wrong = _wrong(name, person.login, given)
    if wrong:
        raise Refused(wrong)
    if person.id == visit.person.id and Permission.MANAGE_STAFF not in given:
        raise Refused("Anh/chị không tự bỏ quyền quản lý cán bộ của mình; mời một người quản lý khác làm.")
    if person.disabled_at is not None:
        raise Refused("Người này đã ngừng làm việc; mời anh/chị dùng “Mở lại tài khoản”.")
    before = list(person.permissions)
    await staff.add(
        visit.db, login=person.login, name=name, desk=_desk(visit), permissions=given, now=visit.now
    )
    await _note(visit, "staff.changed", person, {"before": before, "permissions": [str(p) for p in given]})
    return visit.back(f"/can-bo/{person.id}", f"Đã lưu quyền của {name}.")


async def disable(visit: Visit) -> web.Response:
    """Take everything from somebody who left; ten seconds to take it back."""
    person = await _person(visit)
    if person.id == visit.person.id:
        raise Refused("Anh/chị không tự ngừng tài khoản của mình được; mời một người quản lý khác làm.")
    taken = await staff.all_of(visit.db, person)
    await staff.disable(visit.db, person, visit.now)
    await _note(visit, "staff.disabled", person, {})
    await undo.offer(visit, "staff.disable", taken)
    return visit.back(f"/can-bo/{person.id}", f"Đã ngừng tài khoản của {person.name} và đăng xuất mọi máy.")


@undo.way("staff.disable")
async def give_back(visit: Visit, taken: Mapping[str, Any]) -> str:
    """Open the account again as it was."""
    if not visit.may(MANAGE):
        raise NOT_FOUND
    person = await staff.give_back(visit.db, taken, visit.now)
    if person is None:
        raise undo.TOO_LATE
    await _note(visit, "staff.enabled", person, {})
    return f"/can-bo/{person.id}"


async def enable(visit: Visit) -> web.Response:
    """Open the account of somebody who came back: rights are chosen anew, a new code is given."""
    person = await _person(visit)
    given = _given(visit)
    if not given:
        raise Refused("Mời anh/chị chọn ít nhất một quyền.")
    await staff.add(
        visit.db, login=person.login, name=person.name, desk=_desk(visit), permissions=given, now=visit.now
    )
    await _note(visit, "staff.enabled", person, {"permissions": [str(p) for p in given]})
    return await _code_page(visit, person)


async def end_sessions(visit: Visit) -> web.Response:
    """Log somebody out everywhere."""
    person = await _person(visit)
    but = visit.entry.session.token_sha256 if visit.entry and person.id == visit.person.id else ""
    count = await sessions.end_all(visit.db, person.id or 0, visit.now, but=but)
    await _note(visit, "staff.sessions", person, {"ended": count})
    return visit.back(f"/can-bo/{person.id}", f"Đã đăng xuất {count} máy của {person.name}.")


async def unbind(visit: Visit) -> web.Response:
    """Take a chat account from somebody."""
    person = await _person(visit)
    gone = await staff.unbind(visit.db, person.id or 0, visit.said("channel"), visit.said("user"))
    if not gone:
        raise Refused("Tài khoản chat này không còn gắn với người ấy.")
    await _note(visit, "staff.unbound", person, {"channel": visit.said("channel")[:20]})
    return visit.back(f"/can-bo/{person.id}", "Đã gỡ tài khoản chat.")


async def away(visit: Visit) -> web.Response:
    """Note on which days somebody is away, and who stands in."""
    person = await _person(visit)
    first, last = _day(visit, "first"), _day(visit, "last")
    if last < first or last < visit.today:
        raise Refused("Ngày cuối phải từ hôm nay trở đi và không trước ngày đầu.")
    deputy = await visit.db.get(Staff, visit.said_number("deputy")) if visit.said("deputy") else None
    if deputy is not None and not _can_stand_in(deputy, person):
        raise Refused("Người thay phải là người khác và có quyền trả lời hoặc giao phản ánh.")
    await staff.note_absence(visit.db, person, first, last, deputy)
    detail = {"first": str(first), "last": str(last), "deputy": deputy.id if deputy else None}
    await _note(visit, "staff.absent", person, detail)
    instead = f"người thay: {deputy.name}" if deputy else "không có người thay, việc báo lên cấp trên"
    return visit.back(
        f"/can-bo/{person.id}",
        f"Đã ghi {person.name} vắng từ {first:%d/%m/%Y} đến hết {last:%d/%m/%Y}; {instead}.",
    )


def _day(visit: Visit, name: str) -> date:
    try:
        return date.fromisoformat(visit.said(name))
    except ValueError as error:
        raise Refused("Mời anh/chị chọn đủ ngày đầu và ngày cuối.") from error


async def room(visit: Visit) -> web.Response:
    """Give a one-time code that makes a chat group the room of a desk."""
    desk = _desk(visit)
    if not desk:
        raise NOT_FOUND
    given = await staff.invite_room(visit.db, desk, visit.now)
    await trace.leave(
        visit.db, who=visit.person.login, what="staff.room", on=f"desk:{desk}", detail={}, now=visit.now
    )
    return visit.page("colleague_room.html", desk=_desk_names(visit)[desk], code=given)


async def export(visit: Visit) -> web.Response:
    """Take the list home."""
    async with visit.house.database.reading() as db:
        people = await staff.everybody(db)
    names = _desk_names(visit)
    columns = (
        Column(title="Họ tên", value=lambda row: row.name, width=28),
        Column(title="Tên đăng nhập", value=lambda row: row.login, width=24),
        Column(title="Đơn vị", value=lambda row: names.get(row.desk, row.desk), width=30),
        Column(title="Quyền", value=lambda row: "; ".join(map(_title, row.permissions)), width=60),
        Column(title="Từ ngày", value=lambda row: row.created_at),
        Column(title="Ngừng", value=lambda row: row.disabled_at),
    )
    return await sheets.export(visit, "can-bo", columns, people)


def _title(permission: str) -> str:
    return staff.TITLES.get(Permission(permission), permission)


async def _note(visit: Visit, what: str, person: Staff, detail: dict[str, Any]) -> None:
    await trace.leave(
        visit.db,
        who=visit.person.login,
        what=what,
        on=f"staff:{person.id}",
        detail=detail,
        now=visit.now,
    )


DOORS: tuple[Door, ...] = (
    get("/can-bo", everybody, MANAGE, second=True),
    get("/can-bo.{kind:csv|xlsx}", export, MANAGE, second=True, alone=True),
    get("/can-bo/moi", new_page, MANAGE, second=True),
    post("/can-bo/moi", invite, MANAGE, second=True),
    post("/can-bo/nhom", room, MANAGE, second=True),
    get("/can-bo/{number}", one, MANAGE, second=True),
    post("/can-bo/{number}/quyen", change, MANAGE, second=True),
    post("/can-bo/{number}/ma", code, MANAGE, second=True),
    post("/can-bo/{number}/ngung", disable, MANAGE, second=True),
    post("/can-bo/{number}/mo-lai", enable, MANAGE, second=True),
    post("/can-bo/{number}/dang-xuat", end_sessions, MANAGE, second=True),
    post("/can-bo/{number}/go-chat", unbind, MANAGE, second=True),
    post("/can-bo/{number}/vang", away, MANAGE, second=True),
)
