"""Bring the schema to the version this code needs: by itself, at start, under a lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from records.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x57415244  # "WARD": the advisory lock every starting instance takes on PostgreSQL


class SchemaTooNew(Exception):
    """The database was written by a newer version of this software; starting could spoil it."""


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's settings, working on *connection*."""
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.attributes["connection"] = connection
    return found


def head() -> str:
    """Return the version this code needs."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


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
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if version and version not in known:
        raise SchemaTooNew(version)
    command.upgrade(config(connection), "head")


def _version(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""
