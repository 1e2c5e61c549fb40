"""Báo có người qua đời: one person of the office tells, another one confirms; nothing is written before."""

from datetime import date
from http import HTTPStatus
from typing import Final

from aiohttp import web

from console.door import Door, get, post
from console.trouble import Refused
from console.visit import Visit
from knowledge.calendar import here
from letters import deaths
from records import events, staff, trace
from records.cases import Permission
from records.letters import CivilEvent, EventKind

MAY: Final = (Permission.IMPORT_RECORDS, Permission.DRAFT_LETTERS)  # as in chat
MOST: Final = 50
FIELDS: Final[tuple[tuple[str, str, str], ...]] = (  # fact, label, hint
    ("deceased_name", "Họ và tên người mất", ""),
    ("deceased_born", "Ngày sinh", "Ngày/tháng/năm, hoặc chỉ năm sinh."),
    ("died_on", "Ngày mất (dương lịch)", "Ví dụ 19/11/2026."),
    ("group", "Tổ dân phố, khu phố", ""),
    ("address", "Số nhà, đường", ""),
    ("family_name", "Người đại diện gia đình", ""),
    ("family_relation", "Là gì của người mất", "Ví dụ: con trai, vợ."),
    ("viewing", "Giờ và nơi lễ viếng", ""),
)
YOURSELF: Final = Refused("Tin này do chính anh/chị báo. Cần một người khác gọi gia đình rồi xác nhận.")
GONE: Final = Refused("Tin này đã được xử lý, hoặc vừa có thông tin mới. Mời mở lại trang để xem.")


async def page(visit: Visit) -> web.Response:
    """Show the form, and what waits for a second person; who looked leaves a trace."""
    async with visit.house.database.reading() as db:
        rows = await events.unconfirmed(db, EventKind.DEATH_REPORTED, MOST)
        people = {one.login: one.name for one in await staff.everybody(db)}
    if rows:
        async with visit.house.database.writing() as db:
            detail = {"events": [row.id for row in rows]}
            await trace.leave(
                db, who=visit.person.login, what="deaths.seen", on="deaths", detail=detail, now=visit.now
            )
    return _page(visit, rows, people, {})


def _page(
    visit: Visit,
    rows: list[CivilEvent],
    people: dict[str, str],
    wrong: dict[str, str],
    status: int = HTTPStatus.OK,
) -> web.Response:
    return visit.page(
        "imports_deaths.html",
        status=status,
        rows=rows,
        people=people,
        fields=FIELDS,
        wrong=wrong,
        needed=deaths.NEEDED,
        born=_born,
    )


def _born(event: CivilEvent) -> str:
    """Return the day or the year of birth as people write it."""
    said = str(event.facts.get("deceased_born", "")) or "chưa ghi"
    return f"{date.fromisoformat(said):%d/%m/%Y}" if "-" in said else said


async def report(visit: Visit) -> web.Response:
    """Note a death somebody tells of, and ask others to confirm it."""
    said = {name: visit.said(name) for name in (*(name for name, _, _ in FIELDS), "deceased_sex", "delicate")}
    facts, wrong = deaths.read(said, here(visit.now).date())
    if wrong:
        rows = await events.unconfirmed(visit.db, EventKind.DEATH_REPORTED, MOST)
        people = {one.login: one.name for one in await staff.everybody(visit.db)}
        return _page(visit, rows, people, wrong, HTTPStatus.UNPROCESSABLE_ENTITY)
    outcome = await deaths.report(visit.letters, facts, visit.person)
    await visit.house.voice.ask_about_death(visit.db, outcome.event, visit.person, visit.now)
    told = "Người này đã được báo trước đó; thông tin mới được ghi thêm."
    if outcome.noted is events.Noted.NEW:
        told = "Đã ghi. Cần một người khác xác nhận; trước đó chưa có thư chia buồn nào được soạn."
    return visit.back("/nhap/bao-tu", told)


async def confirm(visit: Visit) -> web.Response:
    """Stand for what somebody else told."""
    event = await _waiting(visit)
    buried = await deaths.confirm(visit.letters, event, visit.person)
    if buried is None:
        raise YOURSELF
    if buried.resident is not None:
        told = "Đã xác nhận và ghi nhận trong danh sách người dân. Thư chia buồn được soạn để lãnh đạo duyệt."
    elif buried.candidates:
        told = "Đã xác nhận. Có người trùng tên nên chưa ghi cho ai; lời chúc tới các nhà ấy tạm giữ. Mời đối chiếu hộ tịch."
    else:
        told = "Đã xác nhận. Người mất chưa có trong danh sách người dân; mời kiểm tra lại nơi ở."
    return visit.back("/nhap/bao-tu", told)


async def deny(visit: Visit) -> web.Response:
    """Say that what was told is a mistake."""
    await deaths.deny(visit.letters, await _waiting(visit), visit.person)
    return visit.back("/nhap/bao-tu", "Đã ghi là báo nhầm. Không có thư nào được soạn.")


async def _waiting(visit: Visit) -> CivilEvent:
    event = await deaths.waiting(visit.letters, visit.number("number"), visit.said_number("revision"))
    if event is None:
        raise GONE
    return event


DOORS: tuple[Door, ...] = (
    get("/nhap/bao-tu", page, *MAY, alone=True),
    post("/nhap/bao-tu", report, *MAY),
    post(r"/nhap/bao-tu/{number:\d+}/xac-nhan", confirm, *MAY),
    post(r"/nhap/bao-tu/{number:\d+}/bao-nham", deny, *MAY),
)
