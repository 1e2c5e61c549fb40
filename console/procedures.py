"""Thủ tục: search as a resident would and see why, the list of all cards, and one card."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from aiohttp import web

from console import sheets
from console.door import Door, get
from console.sheets import Column
from console.trouble import NOT_FOUND
from console.visit import Visit
from knowledge import card_form, card_preview, explaining
from knowledge.catalogue import Catalogue
from knowledge.procedure import Procedure
from records import editions, proposals, staff
from records.cases import Permission
from records.console import CardDraft, DraftState

EDIT: Final = Permission.EDIT_KNOWLEDGE
TOP: Final = 5
A_PAGE: Final = 40
MONTHS: Final = (("3", "quá 3 tháng"), ("6", "quá 6 tháng"), ("12", "quá 12 tháng"))
DETAILS: Final = (("du", "đủ chi tiết"), ("thieu", "chưa có chi tiết"))
STATES: Final[Mapping[DraftState, tuple[str, str]]] = {
    DraftState.DRAFT: ("bản nháp", ""),
    DraftState.PROPOSED: ("chờ công bố", "warn"),
    DraftState.PUBLISHED: ("đã công bố", "good"),
    DraftState.DROPPED: ("đã bỏ", "bad"),
}
COLUMNS: Final = (
    Column(title="Mã", value=lambda one: one.code, width=14),
    Column(title="Tên ngắn", value=lambda one: one.short_name, width=40),
    Column(title="Tên đầy đủ", value=lambda one: one.name, width=60),
    Column(title="Lĩnh vực", value=lambda one: one.field, width=24),
    Column(title="Đủ chi tiết", value=lambda one: one.full, width=11),
    Column(title="Lệ phí", value=lambda one: one.fee, width=40),
    Column(title="Thời gian", value=lambda one: one.time_limit, width=40),
    Column(title="Kiểm tra ngày", value=lambda one: one.checked_on),
    Column(title="Nguồn", value=lambda one: one.source, width=50),
)


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """What the list is narrowed to."""

    field: str = ""
    detail: str = ""
    months: str = ""
    open_only: bool = False

    def takes(self, card: Procedure, today: date, drafted: set[str]) -> bool:
        """Tell whether *card* is shown."""
        return (
            (not self.field or card.field_slug == self.field)
            and (not self.detail or card.full == (self.detail == "du"))
            and (not self.months or months_since(card.checked_on, today) >= int(self.months))
            and (not self.open_only or card.code in drafted)
        )


def months_since(day: date, today: date) -> int:
    """Return how many whole months have passed since *day*.

    >>> months_since(date(2026, 1, 31), date(2026, 4, 30))
    2
    """
    return (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)


def _narrowed(visit: Visit, cards: Catalogue) -> Narrowed:
    field, detail, months = visit.asked("linh-vuc"), visit.asked("muc"), visit.asked("qua-han")
    return Narrowed(
        field=field if field in cards.fields else "",
        detail=detail if detail in dict(DETAILS) else "",
        months=months if months in dict(MONTHS) else "",
        open_only=visit.asked("dang-sua") == "1",
    )


async def tabs(visit: Visit, current: str) -> dict[str, Any]:
    """Return what the head of every page of this desk shows."""
    waiting = await proposals.waiting_count(visit.db, CardDraft) if visit.may(EDIT) else 0
    return {"tab": current, "proposed": waiting, "editor": visit.may(EDIT)}


async def search(visit: Visit) -> web.Response:
    """Answer a question as residents are answered, say why; without one list the cards."""
    cards, question = visit.house.shelf.catalogue, visit.asked("hoi")
    narrowed = _narrowed(visit, cards)
    drafted = await _drafted(visit)
    found = [card for card in cards.procedures if narrowed.takes(card, visit.today, drafted)]
    number, last = page_number(visit), max(1, -(-len(found) // A_PAGE))
    return visit.page(
        "procedures_list.html",
        **await tabs(visit, "tra-cuu"),
        question=question,
        answer=_answered(cards, question) if question else None,
        cards=found[(number - 1) * A_PAGE : number * A_PAGE],
        total=len(found),
        number=number,
        last=last,
        narrowed=narrowed,
        drafted=drafted,
        fields=cards.fields,
        months=MONTHS,
        details=DETAILS,
        age=lambda card: months_since(card.checked_on, visit.today),
    )


def page_number(visit: Visit) -> int:
    """Return which page of a list is asked for."""
    asked = visit.asked("trang", "1")
    return int(asked) if asked.isascii() and asked.isdecimal() and 0 < len(asked) < 5 and int(asked) else 1  # noqa: PLR2004


async def _drafted(visit: Visit) -> set[str]:
    """Return the codes of the cards somebody is changing."""
    if not visit.may(EDIT):
        return set()
    return {row.code for row in await proposals.open_ones(visit.db, CardDraft)}


def _answered(cards: Catalogue, question: str) -> dict[str, Any]:
    """Return verdict, matches and reasons, as `ward ask --explain` has them."""
    found = explaining.answer(cards, question, TOP)
    reasons = {one.match.procedure.code: one for one in cards.index.explain(question, TOP)}
    matches = [
        {
            "card": cards.get(item["code"]),
            "score": item["score"],
            "why": explaining.lines(reasons[item["code"]]) if item["code"] in reasons else [],
        }
        for item in found["matches"]
    ]
    return {
        "verdict": found["verdict"],
        "says": explaining.VERDICTS[found["verdict"]],
        "instead": found.get("instead"),
        "matches": matches,
    }


async def export(visit: Visit) -> web.StreamResponse:
    """Give the list as it is narrowed as a file."""
    cards = visit.house.shelf.catalogue
    narrowed = _narrowed(visit, cards)
    async with visit.house.database.reading() as db:
        visit.session = db
        drafted = await _drafted(visit)
        visit.session = None
    found = [card for card in cards.procedures if narrowed.takes(card, visit.today, drafted)]
    return await sheets.export(visit, "thu-tuc", COLUMNS, found)


def card_of(visit: Visit) -> Procedure:
    """Return the card the address names. Raises Refused."""
    code = visit.request.match_info["code"]
    card = visit.house.shelf.catalogue.get(code)
    if card is None or card.code != code:
        raise NOT_FOUND
    return card


async def one(visit: Visit) -> web.Response:
    """Show a card: its facts, how each channel answers with it, what became of its changes."""
    card = card_of(visit)
    return visit.page(
        "procedures_card.html",
        **await tabs(visit, "tra-cuu"),
        card=card,
        said=card_form.typed(card),
        titles=card_form.TITLES,
        fees=card_form.FEES,
        ways=card_form.WAYS,
        previews=card_preview.of(card, visit.house.shelf.calendar, visit.now),
        open=await proposals.open_one(visit.db, CardDraft, card.code) if visit.may(EDIT) else None,
        past=await proposals.history(visit.db, CardDraft, card.code) if visit.may(EDIT) else [],
        names=await names_of_staff(visit),
        states=STATES,
        age=months_since(card.checked_on, visit.today),
        edition=await editions.newest_id(visit.db),
    )


async def names_of_staff(visit: Visit) -> dict[int | None, str]:
    """Return everybody's name by number."""
    return {person.id: person.name for person in await staff.everybody(visit.db)}


DOORS: tuple[Door, ...] = (
    get("/thu-tuc", search),
    get("/thu-tuc.{kind:csv|xlsx}", export, second=True, alone=True),
    get("/thu-tuc/the/{code}", one),
)
