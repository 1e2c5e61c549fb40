"""Open the database: SQLite for one process, PostgreSQL for several.

`Database.writing()` is the only way to change anything: one transaction, committed at the
end of the block, rolled back by an exception. On SQLite it also queues the writers of this
process one behind the other, so that none of them sleeps on a locked file.

Whoever deletes what must not be found again sets `db.info[SCRUB] = True`: after that commit
the file is cleaned of it (`scrub`).
"""

import asyncio
import fcntl
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from records import brisk, scrubbing
from records.turns import Turns

BUSY_TIMEOUT_S = 30
POOL_SIZE = 24
WRITERS = 16  # at once on PostgreSQL; the other connections are for what comes in, and for reading
SCRUB = "scrub"  # the word in a session's `info` that asks for cleaning after its commit
SCRUB_PAUSE_S = 0.1  # before another try while somebody reads
SCRUB_TRIES = 100
SCRUB_REST_S = 60  # between two rounds: somebody who asks again and again must not keep writers waiting

log = logging.getLogger(__name__)


class AlreadyRunning(Exception):
    """Another process serves from the same SQLite file."""


def is_away(error: Exception) -> bool:
    """Tell whether *error* means that the database is gone for now, or its disk full: try again later."""
    if isinstance(error, OperationalError | InterfaceError | InternalError | OSError):
        return True  # "internal": the driver lost the thread of a connection that was cut
    return type(error) is DBAPIError  # a cut connection, in words of the driver that belong to no other class


class Database:
    """One engine and its sessions."""

    def __init__(self, url: str, *, audit_key: bytes = b"") -> None:
        self.url = make_url(url)
        self.info: dict[str, Any] = {"audit_key": audit_key}  # what every session carries along
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_writer(url) if self.is_sqlite else _postgres_engine(url)
        self._reader = _sqlite_reader(url) if self.is_sqlite else self.engine
        self._door = self.engine if self.is_sqlite else _postgres_door(url)
        self._turns = Turns()
        self._seats = asyncio.Semaphore(WRITERS)
        self._lock_file: IO[str] | None = None
        self._scrubbing: asyncio.Task[None] | None = None
        self._scrub_again = False
        self._scrub_next = 0.0  # by the loop's clock
        self._hurry = asyncio.Event()

    @asynccontextmanager
    async def writing(self, *, urgent: bool = False) -> AsyncIterator[AsyncSession]:
        """Give a session whose work commits together at the end of the block, or not at all.

        *urgent* goes before all other writers of this process that wait for SQLite.
        """
        if not self.is_sqlite:
            async with nullcontext() if urgent else self._seats, self._session() as session, session.begin():
                yield session
            return
        async with self._turns.one(urgent=urgent), self._session() as session, session.begin():
            yield session
        if session.info.get(SCRUB):
            self._scrub_soon()

    @asynccontextmanager
    async def at_the_door(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for the one sentence that keeps what comes in: durable when the block ends.

        On PostgreSQL the sentence is a transaction by itself, on a connection nobody else
        uses: a platform waits for it, and every message to and fro counts.
        """
        if not self.is_sqlite:
            async with self._door.connect() as connection:
                yield connection
            return
        async with self.writing(urgent=True) as session:
            yield await session.connection()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a session for questions only; what it writes is thrown away."""
        async with AsyncSession(
            self._reader, expire_on_commit=False, autoflush=False, info=dict(self.info)
        ) as session:
            yield session

    async def scrub(self, *, whole: bool = False) -> bool:
        """Leave nothing of what was deleted in the SQLite file or its log; False if others never let us.

        The log is cut to nothing; the file is written anew before, unless it is too large to be
        kept from writers by day: then *whole* does it, at night. Writers of this process wait,
        readers do not. On PostgreSQL nothing is done: there dead rows vanish when autovacuum comes
        by, old log segments when they are recycled, and both are out of our hands.
        """
        if not self.is_sqlite or self.url.database in (None, "", ":memory:"):
            return True
        path = Path(str(self.url.database))
        rewritten = not (whole or scrubbing.is_small(path))
        for _ in range(SCRUB_TRIES):
            async with self._turns.one():
                rewritten = rewritten or await asyncio.to_thread(scrubbing.rewrite, path)
                if rewritten and await asyncio.to_thread(scrubbing.truncate_log, path):
                    return True
            await asyncio.sleep(SCRUB_PAUSE_S)
        return False

    def _scrub_soon(self) -> None:
        """Clean beside everything else; what is asked for meanwhile is done in one more round."""
        self._scrub_again = True
        if self._scrubbing is None or self._scrubbing.done():
            self._scrubbing = asyncio.create_task(self._scrub_until_clean())

    async def _scrub_until_clean(self) -> None:
        while self._scrub_again:
            await self._rest()
            self._scrub_again = False
            try:
                if not await self.scrub():
                    log.warning("the database could not be scrubbed: somebody reads all the time")
            except (OSError, sqlite3.Error) as error:  # a full disk: the nightly round tries again
                log.warning("the database could not be scrubbed: %s", type(error).__name__)

    async def _rest(self) -> None:
        """Wait until the last round is long enough ago, or somebody waits for this one."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), max(0.0, self._scrub_next - loop.time()))
        self._scrub_next = loop.time() + SCRUB_REST_S

    async def scrubbed(self) -> None:
        """Return once every cleaning that was asked for is over; do not let it rest before."""
        if self._scrubbing is not None and not self._scrubbing.done():
            self._hurry.set()
            await asyncio.wait([self._scrubbing])
            self._hurry.clear()

    def claim_file(self) -> None:
        """Make sure that no second process serves from this SQLite file.

        Raises `AlreadyRunning`. The claim ends with the process, however it ends.
        """
        if not self.is_sqlite or not self.url.database or self.url.database == ":memory:":
            return
        lock = Path(f"{self.url.database}.lock").open("a")  # noqa: SIM115  held until the process ends
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise AlreadyRunning(str(self.url.database)) from error
        self._lock_file = lock

    async def close(self) -> None:
        """Finish cleaning, close every connection and give the file free."""
        await self.scrubbed()
        await self.engine.dispose()
        await self._reader.dispose()
        await self._door.dispose()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _session(self) -> AsyncSession:
        return AsyncSession(self.engine, expire_on_commit=False, autoflush=False, info=dict(self.info))


def _postgres_engine(url: str) -> AsyncEngine:
    return create_async_engine(
        url, pool_size=POOL_SIZE, max_overflow=0, pool_pre_ping=True, hide_parameters=True
    )


def _postgres_door(url: str) -> AsyncEngine:
    return create_async_engine(
        url, pool_size=1, max_overflow=0, isolation_level="AUTOCOMMIT", hide_parameters=True
    )


def _sqlite_writer(url: str) -> AsyncEngine:
    """Return an engine in WAL mode with full sync that takes the write lock when it begins."""
    database = make_url(url).database or ":memory:"
    if database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        make_url(url).set(drivername=brisk.NAME), pool_size=2, max_overflow=0, hide_parameters=True
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    # A read that turns into a write fails at once in SQLite; so writers say it first.
    event.listen(engine.sync_engine, "begin", lambda it: it.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _sqlite_reader(url: str) -> AsyncEngine:
    """Return an engine for questions, whose statements may take their time in a thread."""
    engine = create_async_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        pool_size=4,
        max_overflow=POOL_SIZE,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", lambda it: it.exec_driver_sql("BEGIN"))
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:  # a DBAPI connection has no common type
    connection.isolation_level = None  # BEGIN is ours to say
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
