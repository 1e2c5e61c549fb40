"""All letters, a page at a time: by state, kind, way and name, in a bounded number of questions.

What waits for a person comes with sorrow first, then the oldest; what is done, the newest first.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case
from sqlmodel import col, func, or_, select

from letters import notices, rules
from letters.rules import Kind
from letters.states import UNSIGNED
from letters.work import Work
from records import staff
from records.cases import Permission, Staff
from records.columns import row_number
from records.letters import CivilEvent, Letter, LetterState, Recipient, Route

A_PAGE: Final = 25
COUNTED_TO: Final = 10_000  # a page says "hơn 10.000" rather than counting on
AT_ONCE: Final = 500  # rows of an export read in one question
GREETINGS: Final = "greetings"  # asked for as a kind: every greeting
YEARS_BACK: Final = 5  # of the register, when a bare number is looked for
SHORTEST: Final = 2  # letters of a name somebody looks for
_SOLEMN: Final = tuple(rule.template for rule in rules.RULES if rule.kind is Kind.SOLEMN)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which letters: `kind` is a template or `GREETINGS`, `name` part of a recipient's name or a number."""

    states: tuple[LetterState, ...]
    kind: str = ""
    route: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One letter of a list, with to whom it goes and the record that moved it."""

    letter: Letter
    title: str
    recipients: tuple[Recipient, ...]
    event: CivilEvent | None

    @property
    def whom(self) -> str:
        """Return the recipients with their quarter; of a greeting nobody by name."""
        return notices.to_whom(self.recipients) if self.letter.occasion is None else ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list, counted from 1; `more` when there are more than were counted."""

    lines: Sequence[Line]
    total: int
    number: int
    last: int

    @property
    def more(self) -> bool:
        """Tell whether the list goes on behind what was counted."""
        return self.total >= COUNTED_TO


async def page(work: Work, wanted: Wanted, number: int) -> Page:
    """Return page *number* of what is *wanted*; the last one where there are not so many."""
    total = await _count(work, wanted)
    last = max(1, -(-total // A_PAGE))
    here = min(max(1, number), last)
    ids = await _ids(work, wanted, A_PAGE, (here - 1) * A_PAGE)
    return Page(lines=await lines(work, ids), total=total, number=here, last=last)


async def everything(work: Work, wanted: Wanted, most: int = COUNTED_TO) -> list[Line]:
    """Return up to *most* of what is *wanted*, to be taken home."""
    ids = await _ids(work, wanted, most, 0)
    return [line for at in range(0, len(ids), AT_ONCE) for line in await lines(work, ids[at : at + AT_ONCE])]


async def counts(work: Work) -> Mapping[LetterState, int]:
    """Return how many letters are in which state."""
    found = await work.db.exec(select(Letter.state, func.count()).group_by(col(Letter.state)))
    return {LetterState(state): number for state, number in found.all()}


async def next_to_sign(work: Work, person: Staff, *, but: int = 0) -> tuple[int | None, int]:
    """Return the next letter *person* may sign, other than letter *but*, and how many wait for them."""
    if not staff.may(person, Permission.SIGN_LETTERS):
        return None, 0
    mine = (
        col(Letter.state) == LetterState.CHECKED,
        col(Letter.checked_by).is_distinct_from(person.id),
        col(Letter.drafted_by).is_distinct_from(person.id),
        col(Letter.id) != but,
    )
    found = await work.db.exec(select(Letter.id).where(*mine).order_by(*_waiting_order()).limit(1))
    counted = await work.db.exec(select(func.count()).select_from(Letter).where(*mine))
    return found.first(), counted.one()


async def next_to_check(work: Work, *, but: int = 0) -> tuple[int | None, int]:
    """Return the next draft to be checked, other than letter *but*, and how many there are."""
    drafts = (col(Letter.state) == LetterState.DRAFTED, col(Letter.id) != but)
    found = await work.db.exec(select(Letter.id).where(*drafts).order_by(*_waiting_order()).limit(1))
    counted = await work.db.exec(select(func.count()).select_from(Letter).where(*drafts))
    return found.first(), counted.one()


async def lines(work: Work, ids: Sequence[int]) -> list[Line]:
    """Return these letters, in this order."""
    if not ids:
        return []
    letters = {one.id: one for one in await _all(work, select(Letter).where(col(Letter.id).in_(ids)))}
    rows = await _all(
        work,
        select(Recipient).where(col(Recipient.letter_id).in_(ids)).order_by(col(Recipient.place)),
    )
    moved_by = [one.event_id for one in letters.values() if one.event_id is not None]
    events = {one.id: one for one in await _all(work, _events(moved_by))} if moved_by else {}
    return [
        Line(
            letter=letters[number],
            title=title(work, letters[number]),
            recipients=tuple(row for row in rows if row.letter_id == number),
            event=events.get(letters[number].event_id),
        )
        for number in ids
        if number in letters
    ]


def title(work: Work, letter: Letter) -> str:
    """Return "Thư chia buồn", from its template: also of a letter that has no words yet."""
    template = work.shelf.templates.by_name.get(letter.template)
    return notices.title_of(template.title) if template is not None else letter.template


def kinds(work: Work) -> list[tuple[str, str]]:
    """Return kinds of letters a list can be narrowed to: what is asked for, and its name."""
    known = work.shelf.templates.by_name
    single = [
        (rule.template, notices.title_of(known[rule.template].title))
        for rule in rules.RULES
        if rule.template in known
    ]
    return [*single, (GREETINGS, "Lời chúc ngày lễ")]


def _events(ids: Sequence[int]) -> Any:
    return select(CivilEvent).where(col(CivilEvent.id).in_(ids))


async def _all(work: Work, query: Any) -> list[Any]:
    return list((await work.db.exec(query)).all())


async def _count(work: Work, wanted: Wanted) -> int:
    some = select(Letter.id).where(*_narrowed(work, wanted)).limit(COUNTED_TO).subquery()
    counted = await work.db.exec(select(func.count()).select_from(some))
    return counted.one()


async def _ids(work: Work, wanted: Wanted, limit: int, offset: int) -> list[int]:
    query: Select[Any] = (
        select(Letter.id)
        .where(*_narrowed(work, wanted))
        .order_by(*_order(wanted.states))
        .limit(limit)
        .offset(offset)
    )
    return await _all(work, query)


def _order(states: Sequence[LetterState]) -> tuple[Any, ...]:
    if set(states) <= UNSIGNED:
        return _waiting_order()
    return col(Letter.due_at).desc().nulls_last(), col(Letter.id).desc()


def _waiting_order() -> tuple[Any, ...]:
    return case((col(Letter.template).in_(_SOLEMN), 0), else_=1), col(Letter.id)


def _narrowed(work: Work, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Letter.state).in_(wanted.states)]
    if wanted.kind == GREETINGS:
        conditions.append(col(Letter.id).in_(select(Letter.id).where(col(Letter.occasion) > "")))
    elif wanted.kind:
        conditions.append(col(Letter.template) == wanted.kind)
    if wanted.route in set(Route):
        going = select(Recipient.letter_id).where(
            col(Recipient.letter_id) == col(Letter.id), col(Recipient.route) == Route(wanted.route)
        )
        conditions.append(going.exists())
    if wanted.name:
        conditions.append(_named(work, wanted.name))
    return conditions


def _named(work: Work, said: str) -> ColumnElement[bool]:
    """Return what picks letters to people so called, or of this number."""
    bare = unicodedata.normalize("NFC", " ".join(said.split()))
    number = row_number(bare)
    if number is not None:
        return _numbered(work, number)
    if len(bare) < SHORTEST:
        return col(Letter.id) == 0
    # Databases fold only ASCII: a name is looked for as typed, and as names are written.
    spelled = {bare, bare.title()}
    called = or_(*(col(Recipient.name).contains(one, autoescape=True) for one in sorted(spelled)))
    return col(Letter.id).in_(select(Recipient.letter_id).where(called))


def _numbered(work: Work, number: int) -> ColumnElement[bool]:
    """Return what picks the letter of this number, in our list or in the register of the last years."""
    years = range(work.today.year - YEARS_BACK, work.today.year + 1)
    in_book = select(Letter.id).where(col(Letter.year).in_(years), col(Letter.number) == number)
    return or_(col(Letter.id) == number, col(Letter.id).in_(in_book))
