"""Phản ánh: the list with its filters in the address, its export, and giving several cases out at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from console import sheets
from console.case_found import MAY, STATES
from console.door import Door, get, post
from console.sheets import Column
from console.trouble import Refused
from console.visit import Visit
from feedback import acts, listing, restricted, roll, routing, seeing
from feedback.acts import Hand
from feedback.listing import COLUMNS, Listed
from feedback.notices import LEVELS
from feedback.roll import Due, Wanted
from feedback.states import OPEN, NotAllowed, Stale
from feedback.work import Work
from records import staff
from records.cases import Feedback, FeedbackState, Permission, Staff
from records.columns import row_number

STANDINGS: Final[Mapping[str, tuple[str, frozenset[FeedbackState]]]] = {
    "": ("Đang mở", OPEN),
    "moi": ("Mới, chưa ai nhận", frozenset({FeedbackState.NEW})),
    "dang-xu-ly": ("Đang xử lý", frozenset({FeedbackState.ASSIGNED})),
    "mo-lai": ("Người dân mở lại", frozenset({FeedbackState.REOPENED})),
    "da-tra-loi": ("Đã trả lời, chờ ý kiến", frozenset({FeedbackState.ANSWERED})),
    "da-dong": ("Đã đóng", frozenset({FeedbackState.CLOSED})),
    "da-chuyen": ("Đã chuyển nơi khác", frozenset({FeedbackState.REFERRED})),
    "tat-ca": ("Tất cả", frozenset()),
}
DUES: Final[Mapping[str, tuple[str, Due]]] = {
    "": ("Mọi hạn", Due.ANY),
    "qua-han": ("Đã quá hạn", Due.LATE),
    "hom-nay": ("Đến hạn hôm nay", Due.TODAY),
    "sap-den": ("Sắp đến hạn (hết ngày làm việc tới)", Due.SOON),
    "tam-dung": ("Tạm dừng, chờ người dân", Due.WAITING),
}
TABS: Final = (
    ("Đang mở", ""),
    ("Của tôi", "cua=toi"),
    ("Chưa ai giữ", "cua=chua"),
    ("Quá hạn", "han=qua-han"),
    ("Sắp đến hạn", "han=sap-den"),
    ("Chờ người dân", "han=tam-dung"),
    ("Đã trả lời", "tinh-trang=da-tra-loi"),
    ("Tất cả", "tinh-trang=tat-ca"),
)
MINE, NOBODY = "toi", "chua"
MORE: Final = ("cua", "linh-vuc", "kp", "to", "tu")  # filters that are folded away until one is used
MOST_AT_ONCE: Final = roll.PAGE
MOST_ROWS: Final = 20_000  # of one file: their texts are all in memory
TOO_MANY: Final = "Bảng này có hơn 20.000 dòng. Mời anh/chị chọn thêm ngày, tổ hoặc lĩnh vực rồi xuất lại."
MOVED: Final = "việc đã khác lúc anh/chị mở danh sách"


@dataclass(frozen=True, kw_only=True)
class Given:
    """What became of one ticked case: "" when it was given, else why not."""

    code: str
    why: str


async def show(visit: Visit) -> web.Response:
    """Show one page of the list."""
    wanted = wanted_of(visit)
    found = await roll.sheet(visit.cases, visit.person, wanted)
    giver = visit.may(Permission.ASSIGN_FEEDBACK)
    work = visit.cases
    officers = await _officers(visit) if giver else []
    return visit.page(
        "cases_list.html",
        sheet=found,
        wanted=wanted,
        states=STATES,
        levels=LEVELS,
        standings=[(code, title) for code, (title, _) in STANDINGS.items()],
        dues=[(code, title) for code, (title, _) in DUES.items()],
        tabs=TABS,
        desks={desk.code: desk.short for desk in work.ward.desks.desks},
        all_desks=seeing.sees_all(visit.person) or len(seeing.own_desks(work.ward.desks, visit.person)) > 1,
        fields={one.code: one.title for one in work.concerns.categories},
        quarters={one.code: one.name for one in work.ward.places.quarters},
        officers=officers,
        people=[(str(one.id), one.name) for one in officers],
        giver=giver,
        more=any(visit.asked(name) for name in MORE),
        boxed=restricted.is_named(work, visit.person),
    )


def wanted_of(visit: Visit) -> Wanted:
    """Return what the address asks for; what makes no sense there is passed over."""
    _, states = STANDINGS.get(visit.asked("tinh-trang"), STANDINGS[""])
    _, due = DUES.get(visit.asked("han"), DUES[""])
    page = visit.asked("trang")
    return Wanted(
        states=states,
        desk=visit.asked("to")[:40],
        officer=_officer(visit),
        category=visit.asked("linh-vuc")[:40],
        quarter=visit.asked("kp")[:40],
        due=due,
        since=_day(visit.asked("tu")),
        said=visit.asked("tim")[:100],
        page=row_number(page) or 1,
    )


def _officer(visit: Visit) -> int | None:
    said = visit.asked("cua")
    if said == MINE:
        return visit.person.id
    if said == NOBODY:
        return 0
    return row_number(said)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _officers(visit: Visit) -> list[Staff]:
    """Return who may hold a case at all."""
    return [one for one in await staff.everybody(visit.db) if staff.may(one, Permission.ANSWER_FEEDBACK)]


# --- taken home --------------------------------------------------------------------------------


def _columns() -> list[Column]:
    return [Column(title=title, value=_cell(name)) for name, title in COLUMNS]


def _cell(name: str) -> Any:
    return lambda row: listing.cell(name, row[name])


async def export(visit: Visit) -> web.Response:
    """Give the filtered list as a file: covered words, no names, of a discreet case only its field."""
    async with visit.house.database.reading() as db:
        work = visit.house.work(db, visit.now)
        found = await roll.all_of(work, visit.person, wanted_of(visit), MOST_ROWS + 1)
    if len(found) > MOST_ROWS:
        raise Refused(TOO_MANY)
    rows = await asyncio.to_thread(_export_rows, found, work)  # covering numbers takes its time
    return await sheets.export(visit, "phan-anh", _columns(), rows)


def _export_rows(found: Sequence[tuple[Feedback, str]], work: Work) -> list[dict[str, Any]]:
    return [
        listing.export_row(Listed(case=case, officer=login), work.concerns, work.now) for case, login in found
    ]


# --- several at once ---------------------------------------------------------------------------


async def assign_many(visit: Visit) -> web.Response:
    """Give the ticked cases to one officer; say of each that could not be given why."""
    ticked = [one.partition(" ") for one in visit.said_all("case")][:MOST_AT_ONCE]
    if not ticked:
        raise Refused("Chưa đánh dấu việc nào. Mời anh/chị đánh dấu các việc cần giao rồi bấm lại.")
    officer = await visit.db.get(Staff, visit.said_number("officer")) if visit.said("officer") else None
    if officer is None:
        raise Refused("Chưa chọn người nhận việc. Mời anh/chị chọn một người rồi bấm lại.")
    given = [Given(code=code, why=await _assign(visit, code, seen, officer)) for code, _, seen in ticked]
    done = [one.code for one in given if not one.why]
    back = f"/phan-anh?{urlencode(parse_qsl(visit.said('ve')[:1000]))}".rstrip("?")
    if len(done) == len(given):
        return visit.back(back, f"Đã giao {len(done)} việc cho {officer.name}.")
    return visit.page(
        "cases_given.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        officer=officer.name,
        done=done,
        given=given,
        back=back,
    )


async def _assign(visit: Visit, code: str, seen: str, officer: Staff) -> str:
    version = row_number(seen) or 0
    try:
        async with visit.db.begin_nested():
            hand = Hand(person=visit.person, version=version)
            await acts.assign(visit.cases, code[:20], hand, officer)
    except NotAllowed as refusal:
        return str(refusal)
    except Stale:
        return MOVED
    return ""


def may_hold(visit: Visit, case: Feedback, people: list[Staff]) -> list[Staff]:
    """Return who of *people* may be given *case*."""
    return [one for one in people if one.id != case.officer_id and routing.may_answer(visit.cases, one, case)]


DOORS: tuple[Door, ...] = (
    get("/phan-anh", show, *MAY),
    get("/phan-anh.{kind:csv|xlsx}", export, *MAY, second=True, alone=True),
    post("/phan-anh/giao", assign_many, Permission.ASSIGN_FEEDBACK),
)
