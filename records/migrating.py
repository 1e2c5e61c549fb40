"""The one module that imports Alembic: 10 MB that are needed once for each new version of the schema."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from records import schema


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's settings, working on *connection*."""
    found = Config()
    found.set_main_option("script_location", str(schema.MIGRATIONS))
    found.attributes["connection"] = connection
    return found


def upgrade(connection: Connection, version: str = "head") -> None:
    """Run what is missing up to *version*."""
    command.upgrade(config(connection), version)
