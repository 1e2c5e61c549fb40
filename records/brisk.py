"""SQLite for short writing: statements run where they are, only what may wait goes to a thread.

The usual asynchronous driver hands every call to a thread and back, a dozen times a message;
that costs many times more than the calls themselves, which take microseconds. This dialect
keeps the plain driver. Committing waits for the disk, and a file another process holds has to
be waited for: those two go to a thread, and the house goes on meanwhile.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

NAME = "sqlite+brisk"
PATIENCE_S = 30  # for another process (a command of the operator) to finish writing
GLANCE_S = 0.01  # between two looks whether it has


class _Cursor(sqlite3.Cursor):
    """A cursor that has nothing to let go of asynchronously."""

    server_side = False

    async def _async_soft_close(self) -> None:
        return


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)


class BriskDialect(SQLiteDialect_pysqlite):
    """The plain SQLite driver, used from a coroutine. One task uses a connection at a time."""

    driver = "brisk"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: object) -> type[AsyncAdaptedQueuePool]:  # noqa: ARG003  the library's signature
        """Return the pool that waits without blocking."""
        return AsyncAdaptedQueuePool

    def create_connect_args(self, url: Any) -> Any:  # both as in the library, which types them so
        """Let the loop and the thread use a connection in turns; never wait for a lock in the loop."""
        positional, named = super().create_connect_args(url)
        return positional, {**named, "check_same_thread": False, "timeout": 0, "factory": _Connection}

    def do_commit(self, dbapi_connection: Any) -> None:
        """Wait for the disk in a thread."""
        if dbapi_connection.in_transaction:
            _beside(dbapi_connection.commit)

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Run one statement here; behind another process's back only when it holds the file."""
        del context
        await_only(_at_once())  # SQLAlchemy insists on seeing a driver that awaits
        try:
            cursor.execute(statement, parameters)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            _beside(_patiently, cursor.execute, statement, parameters)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Write many rows here: in a thread each row would wait anew for the interpreter's lock."""
        del context
        await_only(_at_once())
        cursor.executemany(statement, parameters)


async def _at_once() -> None:
    return


def _beside(work: Callable[..., Any], *arguments: Any) -> None:
    await_only(asyncio.get_running_loop().run_in_executor(None, work, *arguments))


def _patiently(work: Callable[..., Any], *arguments: Any) -> None:
    """Try *work* until another process has let go of the file."""
    give_up = monotonic() + PATIENCE_S
    while True:
        try:
            work(*arguments)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > give_up:
                raise
            sleep(GLANCE_S)
        else:
            return


registry.register("sqlite.brisk", __name__, BriskDialect.__name__)
