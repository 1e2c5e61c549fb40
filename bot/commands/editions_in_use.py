"""Which catalogue counts for a command: a given file, the newest edition, or the bundled one."""

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot import settings
from bot.commands.trouble import Trouble
from bot.store import open_database
from knowledge import catalogue
from knowledge.catalogue import Catalogue
from records import editions
from records.database import Database


def open_catalogue(path: Path | None) -> Catalogue:
    """Load the catalogue at *path*, or the bundled one."""
    if path is not None and not path.exists():
        raise Trouble(f"Không có tệp {path}.")
    return catalogue.load(path or catalogue.BUNDLED)


async def of(database: Database, config: settings.Settings) -> Catalogue:
    """Return the newest edition of *database*, or what serves while there is none."""
    async with database.reading() as db:
        row = await editions.newest(db)
    return catalogue.restore(row.document) if row else open_catalogue(config.knowledge_file)


async def to_ask(path: Path | None) -> Catalogue:
    """Return the catalogue to ask: *path*, else what `of` gives. No database is made or upgraded."""
    if path is not None:
        return open_catalogue(path)
    config = settings.load()
    if _missing(config.database_url):
        return open_catalogue(config.knowledge_file)
    database = open_database(config)
    try:
        return await of(database, config)
    except (SQLAlchemyError, OSError):  # not reachable, or nothing in it yet
        return open_catalogue(config.knowledge_file)
    finally:
        await database.close()


def _missing(url: str) -> bool:
    """Tell whether *url* names an SQLite file that is not there."""
    kind, _, file = url.partition(":///")
    return kind.startswith("sqlite") and not Path(file).is_file()
