"""The restricted box, for the two named persons only: every look is written down, for all others it is not there."""

import hashlib
from http import HTTPStatus
from typing import Final

from aiohttp import web

from console import case_found
from console.case_found import typed
from console.door import Door, get, post
from console.trouble import NOT_FOUND
from console.visit import Visit
from feedback import notices, restricted
from feedback.states import NotAllowed
from records.cases import Permission, RestrictedMessage

SHORTEST: Final = 5  # letters of an answer
LONGEST: Final = 1500
AT: Final = "/phan-anh/hop-kin"
ONE: Final = AT + r"/{code:[Kk][Ii][Nn]-[2-9A-Za-z]{7}}"
TOO_SHORT: Final = f"Câu trả lời cần từ {SHORTEST} đến {LONGEST} chữ cái. Xin không nhắc lại nội dung tin."
CHANGED: Final = "Nội dung đã khác bản xem trước nên chưa gửi. Mời anh/chị xem bản mới rồi bấm gửi."


async def box(visit: Visit) -> web.Response:
    """List what waits: codes and dates, no words."""
    async with visit.house.database.writing() as db:
        work = visit.house.work(db, visit.now)
        try:
            rows = await restricted.box(work, visit.person)
        except NotAllowed:
            raise NOT_FOUND from None
    return visit.page("cases_box.html", rows=rows)


async def message(visit: Visit) -> web.Response:
    """Show one message; the look is written down before anything is seen."""
    async with visit.house.database.writing() as db:
        visit.session = db
        row = await _read(visit)
    visit.session = None
    return _page(visit, row)


async def answer(visit: Visit) -> web.Response:
    """Show the answer as whoever wrote will read it; send it when that very preview was agreed to."""
    row, text = await _read(visit), typed(visit, "text")
    if row.answered_at is not None:
        return visit.back(f"{AT}/{row.code}", notices.RESTRICTED_ANSWERED, wrong=True)
    if not SHORTEST <= len(text) <= LONGEST:
        return _page(visit, row, text=text, wrong=TOO_SHORT)
    if not visit.said("go") or visit.said("seal") != _seal(row, text):
        return _page(visit, row, text=text, wrong=CHANGED if visit.said("go") else "", previewed=True)
    await restricted.answer(visit.cases, visit.person, row.code, text)
    return visit.back(AT, f"Đã trả lời tin kín {row.code}.")


async def _read(visit: Visit) -> RestrictedMessage:
    try:
        return await restricted.read(visit.cases, visit.person, visit.request.match_info["code"])
    except NotAllowed:
        raise NOT_FOUND from None


def _seal(row: RestrictedMessage, text: str) -> str:
    return hashlib.sha256(f"{row.code}:{text}".encode()).hexdigest()[:32]


def _page(
    visit: Visit, row: RestrictedMessage, *, text: str = "", wrong: str = "", previewed: bool = False
) -> web.Response:
    return visit.page(
        "cases_box_message.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        row=row,
        text=text,
        wrong=wrong,
        read=list(case_found.pieces(notices.restricted_answer(row, text))) if previewed else [],
        seal=_seal(row, text) if previewed else "",
    )


DOORS: tuple[Door, ...] = (
    get(AT, box, Permission.SEE_RESTRICTED, second=True, alone=True),
    get(ONE, message, Permission.SEE_RESTRICTED, second=True, alone=True),
    post(ONE, answer, Permission.SEE_RESTRICTED, second=True),
)
