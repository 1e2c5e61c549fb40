"""Forget texts and old keys on time; what happened stays, what was said goes."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from records.tables import Address, Consent, Conversation, Delivery, DeliveryState, Handover, JobRun, Received

_OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DOUBTFUL)


async def forget_old(
    db: AsyncSession, now: datetime, *, delivery_days: int, handover_days: int, key_days: int
) -> dict[str, int]:
    """Blank texts and drop keys older than so many days; return how many of each."""
    connection = await db.connection()
    texts = await connection.execute(
        update(Delivery)
        .where(
            col(Delivery.text).is_not(None),
            col(Delivery.state).not_in(_OPEN),
            col(Delivery.created_at) < now - timedelta(days=delivery_days),
        )
        .values(text=None, choices=[], attachments=[])
    )
    questions = await connection.execute(
        update(Handover)
        .where(
            col(Handover.question).is_not(None),
            col(Handover.answered_at) < now - timedelta(days=handover_days),
        )
        .values(question=None, photos=[])
    )
    keys = await connection.execute(
        delete(Received).where(col(Received.handled_at) < now - timedelta(days=key_days))
    )
    runs = await connection.execute(
        delete(JobRun).where(col(JobRun.started_at) < now - timedelta(days=key_days))
    )
    return {
        "texts": texts.rowcount,
        "questions": questions.rowcount,
        "keys": keys.rowcount,
        "runs": runs.rowcount,
    }


async def forget_person(db: AsyncSession, who: Address, now: datetime) -> None:
    """Blank what was said to and by one person, as they asked; withhold what still waits."""
    connection = await db.connection()
    mine = (col(Delivery.channel) == who.channel, col(Delivery.user) == who.user)
    await connection.execute(
        update(Delivery)
        .where(*mine, col(Delivery.state) == DeliveryState.QUEUED)
        .values(state=DeliveryState.WITHHELD, error="person withdrew")
    )
    await connection.execute(update(Delivery).where(*mine).values(text=None, choices=[], attachments=[]))
    await connection.execute(
        update(Handover)
        .where(col(Handover.channel) == who.channel, col(Handover.user) == who.user)
        .values(question=None, photos=[], answered_at=now, answered_by="withdrawn")
    )
    for table in (Conversation, Consent):
        await connection.execute(
            delete(table).where(col(table.channel) == who.channel, col(table.user) == who.user)
        )
