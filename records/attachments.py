"""Photos and voice notes on their way in: noted with the message, fetched by a tick afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.dialect import insert_new
from records.tables import Address, Attachment

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)
DAY = timedelta(hours=24)
MOST_A_DAY = 60  # files of one person in any 24 hours: six reports full of photos


async def expect(db: AsyncSession, who: Address, refs: Sequence[str], kind: str, now: datetime) -> list[str]:
    """Note that *refs* are to be fetched; return them without those above `MOST_A_DAY`.

    The same reference is fetched, and counted, once.
    """
    if not refs:
        return []
    taken: list[str] = []
    room = MOST_A_DAY - await _asked_since(db, who, now - DAY)
    for ref in refs:
        if await of(db, who, ref) is None:
            if room < 1:
                continue
            row = {"channel": who.channel, "user": who.user, "ref": ref, "kind": kind}
            room -= await insert_new(db, Attachment, {**row, "asked_at": now, "due_at": now, "attempts": 0})
        taken.append(ref)
    return taken


async def _asked_since(db: AsyncSession, who: Address, since: datetime) -> int:
    found = await db.exec(
        select(func.count())
        .select_from(Attachment)
        .where(
            col(Attachment.channel) == who.channel,
            col(Attachment.user) == who.user,
            col(Attachment.asked_at) > since,
        )
    )
    return found.one()


async def claim(db: AsyncSession, now: datetime, limit: int) -> list[Attachment]:
    """Take up to *limit* that are due, and put the next attempt off in case this one dies."""
    found = await db.exec(
        select(Attachment)
        .where(
            col(Attachment.fetched_at).is_(None),
            col(Attachment.due_at) <= now,
            col(Attachment.attempts) < MAX_ATTEMPTS,
        )
        .order_by(col(Attachment.due_at), col(Attachment.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(found.all())
    for row in rows:
        row.due_at = now + FIRST_PAUSE * 2**row.attempts
        row.attempts += 1
        db.add(row)
    await db.flush()
    return rows


async def arrived(db: AsyncSession, number: int, sha256: str, now: datetime) -> None:
    """Note where the photo lies now."""
    await _set(db, number, sha256=sha256, fetched_at=now, error=None)


async def failed(db: AsyncSession, number: int, why: str, *, for_ever: bool) -> None:
    """Note why it did not come; *for_ever* stops further attempts."""
    values: dict[str, object] = {"error": why[:200]}
    if for_ever:
        values["attempts"] = MAX_ATTEMPTS
    await _set(db, number, **values)


def is_lost(row: Attachment) -> bool:
    """Tell whether nobody will try to bring *row* in any more."""
    return row.fetched_at is None and row.attempts >= MAX_ATTEMPTS


async def _set(db: AsyncSession, number: int, **values: object) -> None:
    await (await db.connection()).execute(
        update(Attachment).where(col(Attachment.id) == number).values(**values)
    )


async def of(db: AsyncSession, who: Address, ref: str) -> Attachment | None:
    """Return the attachment *who* sent under this reference of the platform."""
    found = await db.exec(
        select(Attachment).where(
            col(Attachment.channel) == who.channel,
            col(Attachment.user) == who.user,
            col(Attachment.ref) == ref,
        )
    )
    return found.first()
