"""The register of outgoing letters as a book to look into: by year, number, day and kind; and whether it has no gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlmodel import col, func, select

from letters.listing import COUNTED_TO, Line, lines
from letters.work import Work
from records import counters
from records.letters import Letter

A_PAGE: Final = 50
SHOWN: Final = 20  # missing numbers that are named


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which entries of the year: one number, one day, one kind; nothing given means all."""

    year: int
    number: int | None = None
    day: date | None = None
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Entries:
    """One page of the book, the newest number first."""

    lines: Sequence[Line]
    total: int
    number: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Whole:
    """How many numbers of a year were given, and which of them no letter has."""

    given: int
    missing: tuple[int, ...] = ()


async def entries(work: Work, asked: Asked, number: int) -> Entries:
    """Return page *number* of the book."""
    some = select(Letter.id).where(*_narrowed(asked)).limit(COUNTED_TO).subquery()
    total = (await work.db.exec(select(func.count()).select_from(some))).one()
    last = max(1, -(-total // A_PAGE))
    here = min(max(1, number), last)
    found = await _numbers(work, asked, A_PAGE, (here - 1) * A_PAGE)
    return Entries(lines=await lines(work, found), total=total, number=here, last=last)


async def everything(work: Work, asked: Asked) -> list[Line]:
    """Return all entries that are asked for, to be taken home."""
    found = await _numbers(work, asked, COUNTED_TO, 0)
    return [one for at in range(0, len(found), 500) for one in await lines(work, found[at : at + 500])]


async def whole(work: Work, year: int) -> Whole:
    """Tell whether the book of *year* has every number that was given."""
    given = await counters.last(work.db, f"letters:{year}")
    count = select(func.count()).select_from(Letter)
    there = (await work.db.exec(count.where(col(Letter.year) == year, col(Letter.number).is_not(None)))).one()
    if there == given:
        return Whole(given=given)
    numbers = set(
        (await work.db.exec(select(Letter.number).where(col(Letter.year) == year).limit(COUNTED_TO))).all()
    )
    missing = (one for one in range(1, given + 1) if one not in numbers)
    return Whole(given=given, missing=tuple(one for _, one in zip(range(SHOWN), missing, strict=False)))


async def years(work: Work) -> list[int]:
    """Return the years the book has, the newest first."""
    found = await work.db.exec(
        select(Letter.year).where(col(Letter.year).is_not(None)).group_by(col(Letter.year))
    )
    return sorted({year for year in found.all() if year is not None} | {work.today.year}, reverse=True)


async def _numbers(work: Work, asked: Asked, limit: int, offset: int) -> list[int]:
    found = await work.db.exec(
        select(Letter.id)
        .where(*_narrowed(asked))
        .order_by(col(Letter.number).desc())
        .limit(limit)
        .offset(offset)
    )
    return [one for one in found.all() if one is not None]


def _narrowed(asked: Asked) -> list[Any]:  # conditions, of several classes of SQLAlchemy's own
    conditions: list[Any] = [col(Letter.year) == asked.year, col(Letter.number).is_not(None)]
    if asked.number is not None:
        conditions.append(col(Letter.number) == asked.number)
    if asked.day is not None:
        conditions.append(col(Letter.document_date) == asked.day)
    if asked.kind:
        conditions.append(col(Letter.template) == asked.kind)
    return conditions
