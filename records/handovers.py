"""Questions left for a person: kept with the hour of the promised answer, answered once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import outbox
from records.tables import Address, Handover, Purpose


async def leave(
    db: AsyncSession,
    who: Address,
    *,
    topic: str,
    question: str,
    photos: Sequence[str],
    now: datetime,
    answer_by: datetime,
) -> Handover:
    """Keep a question for the staff."""
    row = Handover(
        channel=who.channel,
        user=who.user,
        topic=topic[:100],
        question=question,
        photos=list(photos),
        asked_at=now,
        answer_by=answer_by,
    )
    db.add(row)
    await db.flush()
    return row


async def waiting(db: AsyncSession, limit: int = 200) -> list[Handover]:
    """Return the questions nobody answered yet, the most pressing first."""
    found = await db.exec(
        select(Handover)
        .where(col(Handover.answered_at).is_(None))
        .order_by(col(Handover.answer_by), col(Handover.id))
        .limit(limit)
    )
    return list(found.all())


async def answer(db: AsyncSession, number: int, text: str, by: str, now: datetime) -> bool:
    """Queue *text* as the answer to question *number*; False when there is none or it has one."""
    row = (
        await db.exec(
            select(Handover)
            .where(col(Handover.id) == number, col(Handover.answered_at).is_(None))
            .with_for_update()
        )
    ).first()
    if row is None:
        return False
    row.answered_at, row.answered_by = now, by[:100]
    db.add(row)
    await db.flush()
    return await outbox.put(
        db,
        key=f"handover:{number}:answer",
        to=Address(row.channel, row.user),
        purpose=Purpose.REPLY,
        text=text,
        now=now,
    )


async def of(db: AsyncSession, who: Address, limit: int = 10) -> list[Handover]:
    """Return the open questions of one person, the oldest first."""
    found = await db.exec(
        select(Handover)
        .where(
            col(Handover.channel) == who.channel,
            col(Handover.user) == who.user,
            col(Handover.answered_at).is_(None),
        )
        .order_by(col(Handover.id))
        .limit(limit)
    )
    return list(found.all())
