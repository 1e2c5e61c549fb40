"""The first door: what came in is kept under its key before anybody hears "received".

`Inbox.accept` is all that a webhook waits for: messages that arrive while the disk is busy
are written together in the next commit, so the disk's rate of commits bounds groups, not
messages. `next_for` hands out the oldest waiting message of each person, `done` ends it in
the very transaction that answers it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.database import Database
from records.dialect import insert_new
from records.tables import ChannelName, Received

LEASE = timedelta(seconds=60)  # far longer than any handler needs
LARGEST_GROUP = 500  # rows in one commit; keeps the longest wait short


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One event to be kept, as its channel named it."""

    key: str
    channel: ChannelName
    user: str
    body: str
    received_at: datetime


class Inbox:
    """Keeps what comes in, in grouped commits; `run` must be running for `accept` to return."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Kept, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self.kept = asyncio.Event()  # set after every commit: the dispatcher's alarm clock

    async def accept(self, events: Sequence[Kept]) -> None:
        """Return once all *events* are on disk; what is already known changes nothing.

        Raises what the database raises; then nothing of this call counts as accepted.
        """
        if not events:
            return
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in events]
        self._waiting.extend(zip(events, futures, strict=True))
        self._arrived.set()
        for future in futures:
            await future

    async def run(self) -> None:
        """Write waiting events, group after group, until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
                await self._write(group)

    async def _write(self, group: Sequence[tuple[Kept, asyncio.Future[None]]]) -> None:
        try:
            async with self._database.writing() as db:
                rows = [vars(event) for event, _ in group]
                await (await db.connection()).execute(insert_new(db, Received), rows)
        except Exception as error:  # noqa: BLE001  every waiting webhook must hear of it; 503 is its answer
            _tell(group, error)
        else:
            _tell(group, None)
            self.kept.set()


def _tell(group: Sequence[tuple[Kept, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, future in group:
        if future.done():  # the caller went away
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


async def next_for(db: AsyncSession, now: datetime, limit: int) -> list[Received]:
    """Lease the oldest waiting message of up to *limit* people, oldest first.

    Nobody's second message is handed out before their first is done.
    """
    mine, earlier = aliased(Received), aliased(Received)
    before = exists().where(
        col(earlier.channel) == col(mine.channel),
        col(earlier.user) == col(mine.user),
        col(earlier.handled_at).is_(None),
        col(earlier.id) < col(mine.id),
    )
    heads = (
        select(mine.id)
        .where(
            col(mine.handled_at).is_(None),
            or_(col(mine.lease_until).is_(None), col(mine.lease_until) < now),
            ~before,
        )
        .order_by(col(mine.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("heads")
    )
    taken = await (await db.connection()).execute(
        update(Received)
        .where(col(Received.id).in_(select(heads.c.id)))
        .values(lease_until=now + LEASE)
        .returning(*Received.__table__.columns)  # type: ignore[attr-defined]  # SQLModel hides the table
    )
    return sorted((Received(**row) for row in taken.mappings()), key=lambda row: row.id or 0)


async def done(db: AsyncSession, received_id: int, now: datetime, outcome: str) -> bool:
    """Mark a message handled and forget its body; False when another hand was faster."""
    result = await (await db.connection()).execute(
        update(Received)
        .where(col(Received.id) == received_id, col(Received.handled_at).is_(None))
        .values(handled_at=now, body=None, lease_until=None, outcome=outcome)
    )
    return result.rowcount == 1


async def release_all(db: AsyncSession) -> None:
    """Give back every lease: right only when no other process serves (SQLite, at start)."""
    await (await db.connection()).execute(
        update(Received)
        .where(col(Received.handled_at).is_(None), col(Received.lease_until).is_not(None))
        .values(lease_until=None)
    )


async def waiting(db: AsyncSession) -> int:
    """Return how many messages still wait to be handled."""
    found = await db.exec(select(func.count()).select_from(Received).where(col(Received.handled_at).is_(None)))
    return found.one()
