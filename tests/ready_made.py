"""A database with its schema, made once a run and copied: thousands of tests need not migrate each."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from records import schema
from records.database import Database

_MADE: list[Path] = []


def make() -> None:
    """Migrate one SQLite file; to be called once, outside of any loop."""
    path = Path(tempfile.mkdtemp(prefix="ward-ready-")) / "ward.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    _MADE.append(path)


async def migrate(url: str) -> None:
    database = Database(url)
    await schema.upgrade(database)
    await database.close()


def lay(path: Path) -> None:
    """Put a copy where a test will open its database, unless something is there."""
    if _MADE and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_MADE[0], path)


def forget() -> None:
    while _MADE:
        shutil.rmtree(_MADE.pop().parent)
