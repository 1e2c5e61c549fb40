"""Bring the schema to the version this code needs: by itself, at start, under a lock.

Versions are numbered; the number is the beginning of a migration's file name. Alembic itself
is imported only where there is something to migrate.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from records.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x57415244  # "WARD": the advisory lock every starting instance takes on PostgreSQL


class SchemaTooNew(Exception):
    """The database was written by a newer version of this software; starting could spoil it."""


@cache
def versions() -> tuple[str, ...]:
    """Return every version there ever was, the first one first."""
    return tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def head() -> str:
    """Return the version this code needs."""
    return versions()[-1]


async def upgrade(database: Database) -> None:
    """Run what is missing. Raises `SchemaTooNew`; nothing is changed then."""
    async with database.engine.begin() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        await connection.run_sync(_upgrade)


async def current(database: Database) -> str:
    """Return the version the database has; nothing when it is empty."""
    async with database.reading() as db:
        return await (await db.connection()).run_sync(_version)


def _upgrade(connection: Connection) -> None:
    version = _version(connection)
    if version == head():
        return
    if version and version not in versions():
        raise SchemaTooNew(version)
    from records import migrating  # noqa: PLC0415  heavy, and needed once for each new version

    migrating.upgrade(connection)


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
