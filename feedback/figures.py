"""How the ward kept its word: what was received in a time, and what became of it.

A case counts in the time in which it was taken. On time means that the resident had an answer,
or was told who is competent, no later than the hour last promised.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from feedback.states import OPEN
from records.cases import EntryKind, Feedback, FeedbackEntry, FeedbackState
from records.dialect import days_between


@dataclass(kw_only=True)
class Figures:
    """What became of some cases. `waiting_hours` is the median by the clock; None when none was answered."""

    received: int = 0
    on_time: int = 0
    late: int = 0
    open_in_time: int = 0
    reopened: int = 0
    ratings: dict[int, int] = field(default_factory=dict)

    @property
    def due(self) -> int:
        """Return how many had to be answered by now."""
        return self.on_time + self.late

    @property
    def share_on_time(self) -> float | None:
        """Return per cent of what had to be answered; None when nothing had to."""
        return 100 * self.on_time / self.due if self.due else None

    def add(self, other: "Figures") -> None:
        """Add what became of other cases."""
        self.received += other.received
        self.on_time += other.on_time
        self.late += other.late
        self.open_in_time += other.open_in_time
        self.reopened += other.reopened
        for rating, times in other.ratings.items():
            self.ratings[rating] = self.ratings.get(rating, 0) + times


@dataclass(frozen=True, kw_only=True)
class Report:
    """A time's figures: in all, by field, by desk, by way in; and the median hours to the first answer."""

    whole: Figures
    by_category: dict[str, Figures]
    by_desk: dict[str, Figures]
    by_source: dict[str, int]
    waiting_hours: float | None


async def report(db: AsyncSession, since: datetime, before: datetime, now: datetime) -> Report:
    """Return the figures of cases taken from *since* until just *before*."""
    inside = and_(col(Feedback.taken_at) >= since, col(Feedback.taken_at) < before)
    whole, by_category, by_desk = Figures(), dict[str, Figures](), dict[str, Figures]()
    for category, desk, figures in await _counted(db, inside, now):
        whole.add(figures)
        by_category.setdefault(category, Figures()).add(figures)
        by_desk.setdefault(desk, Figures()).add(figures)
    sources = await db.exec(
        select(Feedback.source, func.count()).where(inside).group_by(col(Feedback.source))
    )
    return Report(
        whole=whole,
        by_category=by_category,
        by_desk=by_desk,
        by_source={str(source): times for source, times in sources.all()},
        waiting_hours=await _waiting(db, inside),
    )


async def _counted(
    db: AsyncSession, inside: ColumnElement[bool], now: datetime
) -> Sequence[tuple[str, str, Figures]]:
    ended = func.coalesce(col(Feedback.answered_at), col(Feedback.closed_at))
    is_open = col(Feedback.state).in_(sorted(OPEN))
    gone = and_(
        col(Feedback.state) == FeedbackState.REFERRED, ended.is_(None)
    )  # told at once who is competent
    on_time = and_(~is_open, or_(gone, ended <= col(Feedback.due_at)))
    late = or_(and_(is_open, col(Feedback.due_at) < now), and_(~is_open, ended > col(Feedback.due_at)))
    ratings = [_sum(col(Feedback.rating) == number) for number in range(1, 6)]
    found = await db.exec(
        select(
            Feedback.category,
            Feedback.desk,
            func.count(),
            _sum(on_time),
            _sum(late),
            _sum(and_(is_open, col(Feedback.due_at) >= now)),
            _sum(col(Feedback.cycle) > 0),
            *ratings,
        )  # type: ignore[call-overload]  # more columns than the library's types know
        .where(inside)
        .group_by(col(Feedback.category), col(Feedback.desk))
    )
    return [(row[0], row[1], _figures(row)) for row in found.all()]


def _sum(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)


def _figures(row: Sequence[int]) -> Figures:
    received, on_time, late, waiting, reopened, *ratings = row[2:]
    return Figures(
        received=received,
        on_time=on_time,
        late=late,
        open_in_time=waiting,
        reopened=reopened,
        ratings={number: times for number, times in enumerate(ratings, 1) if times},
    )


async def _waiting(db: AsyncSession, inside: ColumnElement[bool]) -> float | None:
    """Return the median of hours from a case to its answer; of a reopened one, to its first."""
    straight: Any = select(  # the library's types know no union of one column
        days_between(db, col(Feedback.taken_at), col(Feedback.answered_at)).label("days")
    ).where(inside, col(Feedback.cycle) == 0, col(Feedback.answered_at).is_not(None))
    first = func.min(col(FeedbackEntry.at))
    again: Any = (
        select(days_between(db, col(Feedback.taken_at), first).label("days"))
        .join(FeedbackEntry, col(FeedbackEntry.feedback_id) == col(Feedback.id))
        .where(inside, col(Feedback.cycle) > 0, col(FeedbackEntry.kind) == EntryKind.ANSWER)
        .group_by(col(Feedback.id), col(Feedback.taken_at))
    )
    waits = straight.union_all(again).subquery()
    count = (await db.exec(select(func.count()).select_from(waits))).one()
    if not count:
        return None
    middle = await db.exec(
        select(waits.c.days).order_by(waits.c.days).offset((count - 1) // 2).limit(2 - count % 2)
    )
    return 24 * statistics.fmean(float(days) for days in middle.all())
