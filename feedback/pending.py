"""What waits at a desk: open cases, the most pressing first."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from feedback.states import OPEN
from records.cases import Feedback
from records.tables import Address, Delivery

MOST = 500  # open cases looked at; a ward has a tenth of that


async def of_desk(db: AsyncSession, desk: str | None) -> list[Feedback]:
    """Return the open cases of *desk*, of all desks if None; what waits for the resident comes last."""
    statement = select(Feedback).where(col(Feedback.state).in_(sorted(OPEN)))
    if desk is not None:
        statement = statement.where(col(Feedback.desk) == desk)
    waiting = col(Feedback.paused_at).is_not(None)
    found = await db.exec(statement.order_by(waiting, col(Feedback.due_at), col(Feedback.id)).limit(MOST))
    return list(found.all())


def due(cases: list[Feedback], until: datetime) -> list[Feedback]:
    """Return those of *cases* whose clock runs and ends up to *until*."""
    return [case for case in cases if case.paused_at is None and case.due_at <= until]


async def last_shown(db: AsyncSession, to: Address) -> str:
    """Return the code of the case the newest message to *to* was an alert about, else nothing."""
    found = await db.exec(
        select(Delivery.key)
        .where(col(Delivery.channel) == to.channel, col(Delivery.user) == to.user)
        .order_by(col(Delivery.id).desc())
        .limit(1)
    )
    kind, _, rest = (found.first() or "").partition(":")
    return rest.partition(":")[0] if kind == "alert" else ""
