"""What thousands of tests need not make each: a database with its schema, and what comes with the software."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from bot import app
from knowledge import catalogue, concerns
from letters import template, work
from records import schema
from records.database import Database

_Read = TypeVar("_Read")
_MADE: list[Path] = []


def make(folder: Path) -> None:
    """Migrate one SQLite file in *folder*; to be called once, outside of any loop."""
    path = folder / "ready.db"
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
        _MADE.pop().unlink()


@contextmanager
def read_once() -> Iterator[None]:
    """Have the bundled pages read by the first who wants them; nobody can change what was read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "load", _kept(catalogue.load, catalogue.BUNDLED))
        patch.setattr(app, "load_concerns", _kept(concerns.load_concerns))
        patch.setattr(work, "load_templates", _kept(template.load_templates, template.BUNDLED))
        yield


def _kept(read: Callable[..., _Read], *bundled: Path) -> Callable[..., _Read]:
    """Return *read* with a memory for *bundled*; any other file, or more of it, is read each time."""
    kept: list[_Read] = []

    def reading(*asked: Path, **more: object) -> _Read:
        if asked != bundled or any(more.values()):
            return read(*asked, **more)
        if not kept:
            kept.append(read(*asked))
        return kept[0]

    return reading
