"""The cases a staff person sees, as a list: filtered, searched, counted, a page at a time.

Every question is bounded: counts stop at `COUNTED`, and words are looked for in the titles and
places of the `SEARCHED` first cases the other filters leave.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from feedback import codes, seeing
from feedback.states import OPEN
from feedback.work import Work
from knowledge.calendar import HERE, here
from knowledge.fold import fold
from records.cases import Feedback, FeedbackState, Staff

PAGE: Final = 30
COUNTED: Final = 10_000
SEARCHED: Final = 3_000
YEARS: Final = 20  # back, for a number without its year
_A_CODE: Final = re.compile(r"(?i)\s*(?:pa[\s\d.–-]+|\d{3,6}(?:-\d)?)\s*")


class Due(StrEnum):
    """How the deadline stands."""

    ANY = ""
    LATE = "late"
    TODAY = "today"  # still to come today
    SOON = "soon"  # up to the end of the next working day
    WAITING = "waiting"  # the clock stands still until the resident answers


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cases. `states` empty: whatever state. `officer` 0: nobody has it; None: whoever has it."""

    states: frozenset[FeedbackState] = OPEN
    desk: str = ""
    officer: int | None = None
    category: str = ""
    quarter: str = ""
    due: Due = Due.ANY
    since: date | None = None
    said: str = ""
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case of a list, with the name of who has it. Of a discreet one the title stays here unread."""

    id: int
    code: str
    version: int
    title: str
    place: str
    quarter: str
    category: str
    level: str
    state: FeedbackState
    desk: str
    officer_id: int | None
    officer: str
    taken_at: datetime
    due_at: datetime
    paused_at: datetime | None
    answered_at: datetime | None
    discreet: bool
    cycle: int


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One page of the list. `over`: there are more than were counted; `cut`: not all were searched."""

    rows: tuple[Row, ...]
    total: int
    page: int
    over: bool = False
    cut: bool = False

    @property
    def last(self) -> int:
        """Return the number of the last page."""
        return max(1, -(-self.total // PAGE))


_COLUMNS: Final = tuple(
    getattr(Feedback, name)
    for name in (
        *("id", "code", "version", "title", "place", "quarter", "category", "level", "state", "desk"),
        *("officer_id", "taken_at", "due_at", "paused_at", "answered_at", "discreet", "cycle"),
    )
)


async def sheet(work: Work, person: Staff, wanted: Wanted) -> Sheet:
    """Return the page *wanted* of the cases *person* sees: open ones the most pressing first, others the newest."""
    where, order = conditions(work, person, wanted), _order(wanted)
    words = [] if _names_a_code(wanted.said) else fold(wanted.said).split()
    page = max(1, wanted.page)
    if words:
        ids, cut = await _found(work, where, order, words)
        part = ids[(page - 1) * PAGE : page * PAGE]
        rows = await _rows(work, part, order)
        return Sheet(rows=rows, total=len(ids), page=page, cut=cut)
    counted = select(Feedback.id).where(*where).limit(COUNTED + 1).subquery()
    total = (await work.db.exec(select(func.count()).select_from(counted))).one()
    shown = select(Feedback.id).where(*where).order_by(*order).limit(PAGE).offset((page - 1) * PAGE)
    # First the numbers alone: an index may hold all that is asked.
    ids = [number for number in (await work.db.exec(shown)).all() if number is not None]
    rows = await _rows(work, ids, order)
    return Sheet(rows=rows, total=min(total, COUNTED), page=page, over=total > COUNTED)


async def all_of(work: Work, person: Staff, wanted: Wanted, most: int) -> list[tuple[Feedback, str]]:
    """Return up to *most* whole cases *person* sees, each with the login of who has it, for an export."""
    where, order = conditions(work, person, wanted), _order(wanted)
    words = [] if _names_a_code(wanted.said) else fold(wanted.said).split()
    if words:
        where = [col(Feedback.id).in_((await _found(work, where, order, words))[0])]
    statement = select(Feedback, Staff.login).outerjoin(Staff, col(Staff.id) == col(Feedback.officer_id))
    found = await work.db.exec(statement.where(*where).order_by(*order).limit(most))
    return [(case, login or "") for case, login in found.all()]


def conditions(work: Work, person: Staff, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return what picks the cases that are *wanted* among those *person* sees."""
    found = seeing.visible(work.ward.desks, person)
    if wanted.states:
        found += _standing(work, wanted)
    if wanted.desk:
        found.append(col(Feedback.desk) == wanted.desk)
    if wanted.officer is not None:
        found.append(col(Feedback.officer_id) == wanted.officer if wanted.officer else _nobody())
    if wanted.category:
        found.append(col(Feedback.category) == wanted.category)
    if wanted.quarter:
        found.append(col(Feedback.quarter) == wanted.quarter)
    if wanted.since is not None:
        found.append(col(Feedback.taken_at) >= datetime.combine(wanted.since, time(), tzinfo=HERE))
    if _names_a_code(wanted.said):
        found += _of_code(work, wanted.said)
    return found + by_clock(work, wanted.due)


def by_clock(work: Work, due: Due) -> list[ColumnElement[bool]]:
    """Return what picks the cases whose deadline stands like this."""
    if due is Due.ANY:
        return []
    if due is Due.WAITING:
        return [col(Feedback.paused_at).is_not(None)]
    runs = col(Feedback.paused_at).is_(None)
    if due is Due.LATE:
        return [runs, col(Feedback.due_at) < work.now]
    until = end_of_today(work.now) if due is Due.TODAY else end_of_next_day(work)
    return [runs, col(Feedback.due_at) >= work.now, col(Feedback.due_at) <= until]


def end_of_today(now: datetime) -> datetime:
    """Return the last moment of the day on the ward's wall."""
    return here(now).replace(hour=23, minute=59, second=59, microsecond=0)


def end_of_next_day(work: Work) -> datetime:
    """Return when the office closes on the next working day."""
    return work.calendar.close_of(work.calendar.add_working_days(here(work.now).date(), 1))


def _standing(work: Work, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the states; open cases are few, and found by the index of desks even for those who see all."""
    found: list[ColumnElement[bool]] = [col(Feedback.state).in_(sorted(wanted.states))]
    if wanted.states <= OPEN and not wanted.desk:
        found.append(col(Feedback.desk).in_([desk.code for desk in work.ward.desks.desks]))
    return found


def _nobody() -> ColumnElement[bool]:
    return col(Feedback.officer_id).is_(None)


def _names_a_code(said: str) -> bool:
    return _A_CODE.fullmatch(said) is not None and codes.named(said) is not None


def _of_code(work: Work, said: str) -> list[ColumnElement[bool]]:
    named = codes.named(said)
    if named is None:
        return []
    found: list[ColumnElement[bool]] = [col(Feedback.number) == named.number]
    this_year = here(work.now).year
    years = [this_year - past for past in range(YEARS)]  # each a look into the index of numbers
    if named.year is not None:
        years = [this_year // 100 * 100 + named.year]
    return [*found, col(Feedback.year).in_(years)]


def _order(wanted: Wanted) -> tuple[Any, ...]:
    if wanted.states and wanted.states <= OPEN:
        return (col(Feedback.paused_at).is_not(None), col(Feedback.due_at), col(Feedback.id))
    return (col(Feedback.id).desc(),)


async def _found(
    work: Work, where: Sequence[ColumnElement[bool]], order: Sequence[Any], words: Sequence[str]
) -> tuple[list[int], bool]:
    """Return the ids of cases whose title and place hold all *words*, tone marks or not."""
    looked = select(Feedback.id, Feedback.title, Feedback.place).where(*where).order_by(*order)
    rows = (await work.db.exec(looked.limit(SEARCHED + 1))).all()
    hits = [
        number
        for number, title, place in rows[:SEARCHED]
        if number is not None and _holds(fold(f"{title} {place}"), words)
    ]
    return hits, len(rows) > SEARCHED


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


async def _rows(work: Work, ids: Sequence[int], order: Sequence[Any]) -> tuple[Row, ...]:
    columns: list[Any] = [*_COLUMNS, Staff.name]  # SQLModel types no more than four
    statement = select(*columns).outerjoin(Staff, col(Staff.id) == col(Feedback.officer_id))
    found = await work.db.exec(statement.where(col(Feedback.id).in_(ids)).order_by(*order))
    names = [column.key for column in _COLUMNS]
    return tuple(Row(**dict(zip(names, one[:-1], strict=True)), officer=one[-1] or "") for one in found.all())
