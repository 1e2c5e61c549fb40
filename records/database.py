"""Open the database: SQLite for one process, PostgreSQL for several.

`Database.writing()` is the only way to change anything: one transaction, committed at the
end of the block, rolled back by an exception. On SQLite it also queues the writers of this
process one behind the other, so that none of them sleeps on a locked file.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from records import brisk
from records.turns import Turns

BUSY_TIMEOUT_S = 30
POOL_SIZE = 24
WRITERS = 16  # at once on PostgreSQL; the other connections are for what comes in, and for reading


class AlreadyRunning(Exception):
    """Another process serves from the same SQLite file."""


def is_away(error: Exception) -> bool:
    """Tell whether *error* means that the database is gone for now, or its disk full: try again later."""
    if isinstance(error, OperationalError | InterfaceError | OSError):
        return True
    return type(error) is DBAPIError  # a cut connection, in words of the driver that belong to no other class


class Database:
    """One engine and its sessions."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_writer(url) if self.is_sqlite else _postgres_engine(url)
        self._reader = _sqlite_reader(url) if self.is_sqlite else self.engine
        self._door = self.engine if self.is_sqlite else _postgres_door(url)
        self._turns = Turns()
        self._seats = asyncio.Semaphore(WRITERS)
        self._lock_file: IO[str] | None = None

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
        async with AsyncSession(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

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
        """Close every connection and give the file free."""
        await self.engine.dispose()
        await self._reader.dispose()
        await self._door.dispose()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _session(self) -> AsyncSession:
        return AsyncSession(self.engine, expire_on_commit=False, autoflush=False)


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
