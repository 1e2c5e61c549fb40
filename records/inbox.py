"""The first door: what came in is kept under its key before anybody hears "received".

`Inbox.accept` is all that a webhook waits for: messages that arrive while the disk is busy
are written together in the next commit, so the disk's rate of commits bounds groups, not
messages. `next_for` hands out the oldest waiting message of each person, `done` ends it in
the very transaction that answers it.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, exists, or_, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.columns import Instant
from records.database import Database
from records.dialect import insert_many
from records.tables import ChannelName, Received

LEASE = timedelta(seconds=60)  # far longer than any handler needs
PATIENCE_S = 1.6  # Zalo waits two seconds, then repeats
GLANCE_S = 0.2  # how often we look who waits too long
LARGEST_GROUP = 500  # rows in one commit; keeps the longest wait short


def _next() -> ReturningUpdate[Any]:
    """Build the claim once: the oldest waiting message of each person, nobody's second."""
    mine, earlier = aliased(Received), aliased(Received)
    before = exists().where(
        col(earlier.channel) == col(mine.channel),
        col(earlier.user) == col(mine.user),
        col(earlier.handled_at).is_(None),
        col(earlier.id) < col(mine.id),
    )
    now = bindparam("now", type_=Instant)
    free = or_(col(mine.lease_until).is_(None), col(mine.lease_until) < now)
    heads = (
        select(mine.id)
        .where(col(mine.handled_at).is_(None), free, ~before)
        .order_by(col(mine.id))
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("heads")
    )
    return (
        update(Received)
        .where(col(Received.id).in_(select(heads.c.id)))
        .values(lease_until=bindparam("until", type_=Instant))
        .returning(*Received.__table__.columns)  # type: ignore[attr-defined]  # SQLModel hides the table
    )


_NEXT = _next()
_DONE = (
    update(Received)
    .where(col(Received.id) == bindparam("which"), col(Received.handled_at).is_(None))
    .values(handled_at=bindparam("at"), body=None, lease_until=None, outcome=bindparam("came_to"))
)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One event to be kept, as its channel named it."""

    key: str
    channel: ChannelName
    user: str
    body: str


class _Waiting(NamedTuple):
    event: Kept
    heard: asyncio.Future[None]
    since: float  # by the loop's clock


class Inbox:
    """Keeps what comes in, in grouped commits; `run` must be running for `accept` to return."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._writing: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self.kept = asyncio.Event()  # set after every commit: the dispatcher's alarm clock

    async def accept(self, events: Sequence[Kept]) -> None:
        """Return once all *events* are on disk; what is already known changes nothing.

        Raises what the database raises, or `TimeoutError` when it takes longer than a platform
        waits; then the call counts as refused, and a repeat is welcome whatever became of it.
        """
        if not events:
            return
        loop = asyncio.get_running_loop()
        now, futures = loop.time(), [loop.create_future() for _ in events]
        self._waiting += map(_Waiting, events, futures, itertools.repeat(now))
        self._arrived.set()
        for future in futures:
            await future

    async def run(self) -> None:
        """Write waiting events, group after group, until cancelled."""
        watch = asyncio.create_task(self._watch())
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting:
                    await asyncio.sleep(0)  # whoever is about to knock comes along in this commit
                    group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
                    self._writing = group
                    await self._write(group)
        finally:
            watch.cancel()

    async def _write(self, group: Sequence[_Waiting]) -> None:
        now = self._clock()
        rows = [{**vars(waiting.event), "received_at": now} for waiting in group]
        try:
            async with self._database.at_the_door() as connection:
                await insert_many(connection, Received, rows)
        except Exception as error:  # noqa: BLE001  every waiting webhook must hear of it; 503 is its answer
            _tell(group, error)
        else:
            _tell(group, None)
            self.kept.set()

    async def _watch(self) -> None:
        """Give up on events that wait too long: one clock for all is cheaper than one each."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(GLANCE_S)
            late = loop.time() - PATIENCE_S
            _tell(
                [waiting for waiting in (*self._writing, *self._waiting) if waiting.since < late],
                TimeoutError("not on disk in time"),
            )


def _tell(group: Iterable[_Waiting], error: Exception | None) -> None:
    for waiting in group:
        if waiting.heard.done():  # the caller went away, or was told that it took too long
            continue
        if error is None:
            waiting.heard.set_result(None)
        else:
            waiting.heard.set_exception(error)


async def next_for(db: AsyncSession, now: datetime, limit: int) -> list[Received]:
    """Lease the oldest waiting message of up to *limit* people, oldest first.

    Nobody's second message is handed out before their first is done.
    """
    values = {"now": now, "until": now + LEASE, "most": limit}
    taken = await (await db.connection()).execute(_NEXT, values)
    return sorted((Received(**row) for row in taken.mappings()), key=lambda row: row.id or 0)


async def done(db: AsyncSession, received_id: int, now: datetime, outcome: str) -> bool:
    """Mark a message handled and forget its body; False when another hand was faster."""
    values = {"which": received_id, "at": now, "came_to": outcome}
    return (await (await db.connection()).execute(_DONE, values)).rowcount == 1


async def release_all(db: AsyncSession) -> None:
    """Give back every lease: right only when no other process serves (SQLite, at start)."""
    await (await db.connection()).execute(
        update(Received)
        .where(col(Received.handled_at).is_(None), col(Received.lease_until).is_not(None))
        .values(lease_until=None)
    )


async def waiting(db: AsyncSession) -> int:
    """Return how many messages still wait to be handled."""
    found = await db.exec(
        select(func.count()).select_from(Received).where(col(Received.handled_at).is_(None))
    )
    return found.one()
