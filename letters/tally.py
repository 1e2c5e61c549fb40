"""How many letters wait for what: one question, one row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import Staff
from records.letters import Letter, LetterState

_LOOKED_AT: Final = (
    *(LetterState.INCOMPLETE, LetterState.DRAFTED, LetterState.CHECKED),
    *(LetterState.SIGNED, LetterState.HALTED),
)
SOON: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Letters, counted. `to_sign` leaves out what this person drafted or checked: another signs those."""

    incomplete: int = 0
    to_check: int = 0
    to_sign: int = 0
    going: int = 0  # signed, and leaving within a day
    halted: int = 0


async def of(db: AsyncSession, person: Staff, now: datetime) -> Tally:
    """Count the letters that wait."""
    in_time = or_(col(Letter.stale_at).is_(None), col(Letter.stale_at) > now)
    not_mine = and_(*(func.coalesce(who, 0) != person.id for who in (Letter.checked_by, Letter.drafted_by)))
    wanted: dict[str, ColumnElement[bool]] = {
        "incomplete": and_(_is(LetterState.INCOMPLETE), in_time),
        "to_check": _is(LetterState.DRAFTED),
        "to_sign": and_(_is(LetterState.CHECKED), not_mine),
        "going": and_(_is(LetterState.SIGNED), col(Letter.due_at) <= now + SOON),
        "halted": and_(_is(LetterState.HALTED), in_time),
    }
    sums: list[Any] = [func.count(case((fits, 1))) for fits in wanted.values()]
    found = await db.exec(select(*sums).where(col(Letter.state).in_(_LOOKED_AT)))
    return Tally(**dict(zip(wanted, found.one(), strict=True)))


def _is(state: LetterState) -> ColumnElement[bool]:
    return col(Letter.state) == state
