"""Thư: every letter by where it stands, and the register of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from aiohttp import web

from console import sheets
from console.door import Door, get
from console.pages import day
from console.sheets import Column
from console.visit import Visit
from letters import book, doubts, listing, notices
from letters.listing import Line, Wanted
from letters.states import TITLES
from records.cases import Permission
from records.columns import row_number
from records.letters import LetterState as S
from records.letters import Route

LETTERS: Final = (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)  # one of them suffices
# A PDF runs nothing of ours; the viewer inside a browser brings a style of its own.
PDF_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
BADGES: Final[Mapping[S, str]] = {
    S.INCOMPLETE: "warn",
    S.FINISHED: "good",
    S.REJECTED: "bad",
    S.HALTED: "bad",
    S.WITHHELD: "bad",
}
ROUTES: Final = tuple((str(route), title) for route, title in notices.ROUTES.items())


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab of the list: which states it shows, and what an empty one says."""

    name: str
    title: str
    states: tuple[S, ...]
    nothing: str
    then: str


TABS: Final = (
    Tab(
        name="cho-soat",
        title="Chờ soát",
        states=(S.DRAFTED,),
        nothing="Không có thư nào chờ soát.",
        then="Thư được soạn tự động từ sổ vừa nhập; nhập thêm ở bàn Nhập dữ liệu.",
    ),
    Tab(
        name="con-thieu",
        title="Còn thiếu",
        states=(S.INCOMPLETE,),
        nothing="Không có thư nào còn thiếu.",
        then="Thư thiếu ngày, tên hoặc lý do sẽ nằm ở đây cho tới khi có người bổ sung.",
    ),
    Tab(
        name="cho-ky",
        title="Chờ ký",
        states=(S.CHECKED,),
        nothing="Không có thư nào chờ ký.",
        then="Thư đã soát xong sẽ hiện ở đây.",
    ),
    Tab(
        name="dang-gui",
        title="Đã ký, đang gửi",
        states=(S.SIGNED, S.RELEASED),
        nothing="Không có thư nào đang trên đường gửi.",
        then="Thư vừa ký sẽ hiện ở đây cho tới khi mọi người nhận đều đã nhận.",
    ),
    Tab(
        name="da-dung",
        title="Đã dừng, không gửi",
        states=(S.HALTED, S.REJECTED, S.WITHHELD),
        nothing="Không có thư nào bị dừng hoặc không gửi.",
        then="",
    ),
    Tab(
        name="xong",
        title="Xong",
        states=(S.FINISHED,),
        nothing="Chưa có thư nào xong.",
        then="Thư xong khi mọi người nhận đều đã nhận.",
    ),
)
_BY_NAME: Final = {tab.name: tab for tab in TABS}
COLUMNS: Final = (
    Column(title="Thư số", value=lambda one: one.letter.id, width=9),
    Column(title="Loại thư", value=lambda one: one.title, width=30),
    Column(title="Người nhận", value=lambda one: one.whom, width=40),
    Column(title="Tình trạng", value=lambda one: TITLES[one.letter.state]),
    Column(title="Còn thiếu / lý do", value=lambda one: one.letter.gap or one.letter.reason, width=50),
    Column(title="Số ký hiệu", value=lambda one: notices.number(one.letter)),
    Column(title="Ngày văn bản", value=lambda one: one.letter.document_date),
    Column(title="Soạn lúc", value=lambda one: one.letter.drafted_at, width=26),
    Column(title="Giờ gửi", value=lambda one: one.letter.due_at, width=26),
)
BOOK: Final = (
    Column(title="Số", value=lambda one: one.letter.number, width=8),
    Column(title="Số ký hiệu", value=lambda one: notices.number(one.letter)),
    Column(title="Ngày văn bản", value=lambda one: one.letter.document_date),
    Column(title="Loại thư", value=lambda one: one.title, width=30),
    Column(title="Người nhận", value=lambda one: one.whom or "lời chúc chung", width=40),
    Column(title="Mã kiểm tra", value=lambda one: one.letter.check_code),
    Column(title="Tình trạng", value=lambda one: TITLES[one.letter.state]),
)


async def tabs(visit: Visit, current: str) -> dict[str, Any]:
    """Return what the head of every page of this desk shows: the tabs with how many wait behind each."""
    states = await listing.counts(visit.letters)
    return {
        "tabs": [(tab.name, tab.title, sum(states.get(state, 0) for state in tab.states)) for tab in TABS],
        "tab": current,
        "in_doubt": await doubts.how_many(visit.letters),
    }


def _wanted(visit: Visit) -> tuple[Tab, Wanted]:
    default = "cho-ky" if visit.may(Permission.SIGN_LETTERS) else "cho-soat"
    tab = _BY_NAME.get(visit.asked("muc", default), _BY_NAME[default])
    kinds = {kind for kind, _ in listing.kinds(visit.letters)}
    kind, route = visit.asked("loai"), visit.asked("duong")
    return tab, Wanted(
        states=tab.states,
        kind=kind if kind in kinds else "",
        route=route if route in set(Route) else "",
        name=visit.asked("tim")[:80],
    )


def page_number(visit: Visit) -> int:
    """Return which page of a list is asked for."""
    asked = visit.asked("trang", "1")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1  # noqa: PLR2004


async def letters(visit: Visit) -> web.Response:
    """List the letters of one tab."""
    tab, wanted = _wanted(visit)
    return visit.page(
        "letters_list.html",
        **await tabs(visit, tab.name),
        shown=tab,
        page=await listing.page(visit.letters, wanted, page_number(visit)),
        wanted=wanted,
        kinds=listing.kinds(visit.letters),
        routes=ROUTES,
        titles=TITLES,
        badges=BADGES,
        ready=await listing.next_to_sign(visit.letters, visit.person),
    )


async def export(visit: Visit) -> web.StreamResponse:
    """Give the list as it is narrowed as a file."""
    async with visit.house.database.reading() as db:
        visit.session = db
        found: list[Line] = await listing.everything(visit.letters, _wanted(visit)[1])
        visit.session = None
    return await sheets.export(visit, "thu", COLUMNS, found)


def _asked(visit: Visit) -> book.Asked:
    year, number = visit.asked("nam"), visit.asked("so")
    kinds = {kind for kind, _ in listing.kinds(visit.letters)}
    kind = visit.asked("loai")
    return book.Asked(
        year=row_number(year) or visit.today.year,
        number=row_number(number),
        day=_a_day(visit.asked("ngay")),
        kind=kind if kind in kinds else "",
    )


def _a_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


async def register(visit: Visit) -> web.Response:
    """Show the register of numbers of one year."""
    asked = _asked(visit)
    return visit.page(
        "letters_book.html",
        **await tabs(visit, "so"),
        asked=asked,
        day_said=asked.day.isoformat() if asked.day else "",
        entries=await book.entries(visit.letters, asked, page_number(visit)),
        whole=await book.whole(visit.letters, asked.year),
        years=await book.years(visit.letters),
        kinds=listing.kinds(visit.letters),
        titles=TITLES,
        badges=BADGES,
        number_of=notices.number,
        day_of=day,
    )


async def export_register(visit: Visit) -> web.StreamResponse:
    """Give the register as a file."""
    async with visit.house.database.reading() as db:
        visit.session = db
        found = await book.everything(visit.letters, _asked(visit))
        visit.session = None
    return await sheets.export(visit, "so-thu", BOOK, found)


def pdf_answer(body: bytes, name: str) -> web.Response:
    """Return a PDF that a browser shows in a tab of its own, and keeps nowhere."""
    return web.Response(
        body=body,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Content-Security-Policy": PDF_POLICY,
        },
    )


DOORS: tuple[Door, ...] = (
    get("/thu", letters, *LETTERS),
    get("/thu.{kind:csv|xlsx}", export, *LETTERS, second=True, alone=True),
    get("/thu/so", register, *LETTERS),
    get("/thu/so.{kind:csv|xlsx}", export_register, *LETTERS, second=True, alone=True),
)
