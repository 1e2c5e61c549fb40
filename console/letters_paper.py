"""Letters carried to houses, quarter by quarter; and copies of which nobody knows whether they arrived."""

from typing import Final

from aiohttp import web

from console import undo
from console.door import Door, get, post
from console.letters import LETTERS, page_number, pdf_answer, tabs
from console.trouble import NOT_FOUND, Refused
from console.visit import Visit
from letters import beside, doubts, rounds
from letters.desk import Hand
from letters.errors import LetterError

SETTLED: Final = {
    doubts.ARRIVED: "Đã ghi: thư đã tới.",
    doubts.AGAIN: "Đã ghi: chưa tới; thư được gửi lại.",
    doubts.ANOTHER_WAY: "Đã ghi: chưa tới; thư đã muộn nên chuyển sang đường khác hoặc in để trao tay.",
    doubts.KEPT: "Đã ghi: chưa tới; thư đã dừng hoặc đã muộn nên không gửi lại.",
}


async def to_carry(visit: Visit) -> web.Response:
    """Show what is to be handed over, by quarter, and the papers of one quarter."""
    waiting = await rounds.quarters(visit.letters)
    asked = visit.asked("to") or (waiting[0][0] if waiting else "")
    return visit.page(
        "letters_carry.html",
        **await tabs(visit, "trao-tay"),
        quarters=waiting,
        quarter=asked,
        papers=await rounds.of_quarter(visit.letters, asked) if asked else [],
        most=rounds.MOST_PRINTED,
    )


async def _papers(visit: Visit) -> list[rounds.Carried]:
    papers = await rounds.of_quarter(visit.letters, visit.asked("to"))
    if not papers:
        raise NOT_FOUND
    return papers


async def list_sheet(visit: Visit) -> web.Response:
    """Give the list the head of the quarter has signed, as PDF."""
    papers = await _papers(visit)
    try:
        body = await rounds.list_of(visit.letters, visit.asked("to"), papers)
    except LetterError as error:
        raise Refused(f"Chưa in được danh sách: {error}.") from error
    return pdf_answer(body, "danh-sach-trao-tay")


async def all_sheets(visit: Visit) -> web.Response:
    """Give the letters of a quarter as one file to print."""
    papers = await _papers(visit)
    try:
        body = await rounds.to_print(visit.letters, papers)
    except LetterError as error:
        raise Refused(f"Chưa in được thư: {error}.") from error
    return pdf_answer(body, "thu-trao-tay")


async def received(visit: Visit) -> web.Response:
    """Note which papers of a list were received; for ten seconds it can be taken back."""
    chosen = [int(one) for one in visit.said_all("nhan") if one.isascii() and one.isdecimal()]
    if not chosen:
        raise Refused("Chưa đánh dấu thư nào. Mời đánh dấu các thư đã trao rồi bấm lại.")
    done = await rounds.handed(visit.letters, Hand(person=visit.person), chosen, visit.said("to"))
    await undo.offer(visit, "letters.handed", {"recipients": done, "to": "/thu/trao-tay"})
    return visit.back("/thu/trao-tay", f"Đã ghi {len(chosen)} thư đã trao.")


async def in_doubt(visit: Visit) -> web.Response:
    """Show copies in doubt."""
    number = page_number(visit)
    found, total = await doubts.waiting(visit.letters, number)
    return visit.page(
        "letters_doubt.html",
        **await tabs(visit, "chua-ro"),
        found=found,
        total=total,
        number=number,
        last=max(1, -(-total // doubts.A_PAGE)),
        channels=beside.CHANNELS,
    )


async def settle(visit: Visit) -> web.Response:
    """Take what a person says became of a copy."""
    outcome = visit.said("outcome")
    if outcome not in ("toi", "chua"):
        raise Refused("Chưa rõ anh/chị chọn gì. Mời bấm “Đã tới” hoặc “Chưa tới”.")
    hand = Hand(person=visit.person)
    done = await doubts.settle(visit.letters, visit.number("number"), hand, arrived=outcome == "toi")
    return visit.back("/thu/chua-ro", SETTLED[done])


DOORS: tuple[Door, ...] = (
    get("/thu/trao-tay", to_carry, *LETTERS),
    get("/thu/trao-tay/danh-sach.pdf", list_sheet, *LETTERS),
    get("/thu/trao-tay/thu.pdf", all_sheets, *LETTERS),
    post("/thu/trao-tay/da-trao", received, *LETTERS),
    get("/thu/chua-ro", in_doubt, *LETTERS),
    post("/thu/chua-ro/{number}", settle, *LETTERS),
)
