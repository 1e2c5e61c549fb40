"""How many open cases of those a staff person sees are late, due, theirs, nobody's: one question, one row."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case
from sqlmodel import col, func, select

from feedback import roll
from feedback.roll import Due, Wanted
from feedback.work import Work
from records.cases import Feedback, FeedbackState, Staff


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Open cases, counted. `soon` are those due up to the end of the next working day, today's included."""

    open: int = 0
    late: int = 0
    today: int = 0
    soon: int = 0
    waiting: int = 0
    unclaimed: int = 0
    reopened: int = 0
    mine: int = 0
    mine_late: int = 0
    mine_soon: int = 0


async def of(work: Work, person: Staff) -> Tally:
    """Count the open cases *person* sees."""
    mine: ColumnElement[bool] = col(Feedback.officer_id) == person.id
    late, soon = (and_(*roll.by_clock(work, due)) for due in (Due.LATE, Due.SOON))
    wanted: dict[str, ColumnElement[bool]] = {
        "open": col(Feedback.id).is_not(None),
        "late": late,
        "today": and_(*roll.by_clock(work, Due.TODAY)),
        "soon": soon,
        "waiting": and_(*roll.by_clock(work, Due.WAITING)),
        "unclaimed": col(Feedback.officer_id).is_(None),
        "reopened": col(Feedback.state) == FeedbackState.REOPENED,
        "mine": mine,
        "mine_late": and_(mine, late),
        "mine_soon": and_(mine, soon),
    }
    sums: list[Any] = [func.count(case((fits, 1))) for fits in wanted.values()]
    found = await work.db.exec(select(*sums).where(*roll.conditions(work, person, Wanted())))
    return Tally(**dict(zip(wanted, found.one(), strict=True)))
