"""Paper carried to houses: what waits quarter by quarter, the list its head signs, all letters as one file to print."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image
from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from letters import frozen, handing, rules
from letters.desk import Hand, open_letter
from letters.drafting import leave
from letters.enclosures import Enclosure, promised
from letters.listing import title
from letters.paper import HandoverPaper, HandoverRow
from letters.states import NotAllowed, Stale
from letters.work import Work
from records.cases import Permission
from records.letters import Letter, LetterState, Recipient, Route

UNKNOWN: Final = "Chưa rõ tổ dân phố"
MOST: Final = 200  # rows of one list
MOST_PRINTED: Final = 60  # letters of one file
PRINT_DPI: Final = 200
NOBODY: Final = "Chưa ghi ai nhận. Mời ghi tên người ký nhận hoặc người nộp lại danh sách."


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One paper to one house: `also` are recipients of the same letter under the same roof."""

    letter: Letter
    title: str
    recipient: Recipient
    also: tuple[Recipient, ...] = ()

    @property
    def names(self) -> str:
        """Return everybody the paper is for."""
        return ", ".join(one.name for one in (self.recipient, *self.also) if one.name)

    @property
    def along(self) -> str:
        """Return what is put into the envelope besides the letter."""
        return "; ".join(enclosures_of(self.letter))


def enclosures_of(letter: Letter) -> tuple[str, ...]:
    """Return what goes along with *letter* on paper: the ward's own sheet, and what a clerk puts in."""
    sheet, rule = promised(letter.facts), rules.of_template(letter.template)
    named = (str(sheet["told"]) if sheet is not None else "", rule.encloses if rule is not None else "")
    return tuple(one for one in named if one)


def sheet_of(work: Work, letter: Letter) -> Enclosure:
    """Return the very sheet the words of *letter* promise. Raises NotAllowed where the ward has it no more."""
    page, there = promised(letter.facts), work.shelf.enclosures.get(letter.template)
    if page is None:
        raise NotAllowed("Thư này không có tờ nào gửi kèm.")
    if there is None or there.sha256 != page.get("sha256"):
        raise NotAllowed(
            "Tờ đi kèm mà thư nhắc tới không còn, hoặc đã đổi. Đặt lại tờ đã duyệt, hoặc soạn lại thư."
        )
    return there


async def quarters(work: Work) -> list[tuple[str, int]]:
    """Return the quarters papers wait for, with how many recipients."""
    found = await work.db.exec(
        select(Recipient.quarter, func.count())
        .join(Letter, col(Letter.id) == col(Recipient.letter_id))
        .where(*_waits())
        .group_by(col(Recipient.quarter))
        .order_by(col(Recipient.quarter))
    )
    return [(quarter or UNKNOWN, number) for quarter, number in found.all()]


async def of_quarter(work: Work, quarter: str) -> list[Carried]:
    """Return the papers for *quarter*, one a letter and house, by number; up to `MOST`."""
    found = await work.db.exec(
        select(Letter, Recipient)
        .join(Recipient, col(Recipient.letter_id) == col(Letter.id))
        .where(*_waits(), col(Recipient.quarter) == ("" if quarter == UNKNOWN else quarter))
        .order_by(col(Letter.number), col(Letter.id), col(Recipient.place))
        .limit(MOST)
    )
    houses: dict[tuple[int | None, str], list[tuple[Letter, Recipient]]] = {}
    for letter, row in found.all():
        houses.setdefault((letter.id, row.address), []).append((letter, row))
    return [
        Carried(
            letter=rows[0][0],
            title=title(work, rows[0][0]),
            recipient=rows[0][1],
            also=tuple(row for _, row in rows[1:]),
        )
        for rows in houses.values()
    ]


def _waits() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Letter.state) == LetterState.RELEASED,
        col(Recipient.route) == Route.PAPER,
        col(Recipient.handed_at).is_(None),
    )


async def list_of(work: Work, quarter: str, papers: Sequence[Carried]) -> bytes:
    """Return the list the neighbourhood head takes along, as PDF."""
    rows = [
        HandoverRow(
            number=one.letter.number,
            title=one.title,
            recipient=one.names,
            address=one.recipient.address,
        )
        for one in papers
    ]
    paper = HandoverPaper(
        head=work.head,
        dated=work.today,
        neighbourhood=quarter,
        group_head="",
        rows=tuple(rows),
        contact_phone=work.shelf.ward.phone,
    )
    return await asyncio.to_thread(work.shelf.press.pdf, paper)


async def to_print(work: Work, papers: Sequence[Carried]) -> bytes:
    """Return the letters as one PDF of pictures, so that one click prints them all; each once."""
    letters = list({one.letter.id: one.letter for one in papers}.values())[:MOST_PRINTED]
    if not letters:
        raise NotAllowed("Không có thư nào để in.")
    return await asyncio.to_thread(_printed, work, letters)


def _printed(work: Work, letters: Sequence[Letter]) -> bytes:
    pages = [
        Image.open(BytesIO(page)).convert("RGB")
        for letter in letters
        for page in work.shelf.press.pages(frozen.paper_of(letter, work), PRINT_DPI)
    ]
    made = BytesIO()
    pages[0].save(made, "PDF", save_all=True, append_images=pages[1:], resolution=float(PRINT_DPI))
    return made.getvalue()


async def handed(work: Work, hand: Hand, recipients: Sequence[int], to: str) -> list[int]:
    """Note that papers reached *to*, with everybody under the same roof; return whom it was noted for.

    Raises NotAllowed where one of them is on no list.
    """
    if not to.strip():
        raise NotAllowed(NOBODY)
    done = []
    for number in recipients:
        first = await work.db.get(Recipient, number)
        if first is None:
            raise NotAllowed("Danh sách vừa thay đổi. Mời tải lại trang rồi đánh dấu lại.")
        for row in await _under_one_roof(work, first):
            if row.handed_at is None:
                await handing.handed(work, row.letter_id, hand, row.place, to=to.strip())
                done.append(row.id or 0)
    return done


async def _under_one_roof(work: Work, row: Recipient) -> list[Recipient]:
    found = await work.db.exec(
        select(Recipient).where(
            col(Recipient.letter_id) == row.letter_id,
            col(Recipient.route) == Route.PAPER,
            col(Recipient.address) == row.address,
        )
    )
    return list(found.all()) or [row]


async def not_handed(work: Work, hand: Hand, recipients: Sequence[int]) -> int:
    """Take back what was just noted by mistake; return for how many. Raises NotAllowed or Stale."""
    taken = 0
    for number in recipients:
        row = await work.db.get(Recipient, number, populate_existing=True)
        if row is None or row.handed_at is None:
            raise Stale
        letter = await open_letter(
            work, row.letter_id, hand, Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS
        )
        if letter.state is not LetterState.RELEASED:
            raise Stale
        row.handed_at, row.handed_by = None, ""
        work.db.add(row)
        await work.db.flush()
        await leave(work, letter, "letter.not_handed", hand.person.login, place=row.place)
        taken += 1
    return taken
