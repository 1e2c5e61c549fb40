"""What the letters commands share: the records with the ward's shelf of letters, and a letter in one line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot import app, settings
from bot.commands import ledger
from knowledge.calendar import here
from letters import notices
from letters.states import TITLES
from letters.work import Work
from records.letters import Letter
from records.media import MediaStore


@asynccontextmanager
async def opened() -> AsyncIterator[Work]:
    """Give one transaction with what letters are made of, now."""
    config = settings.load()
    async with ledger.opened(config) as database, database.writing() as db:
        letters = app.letters_of(config, app.shelf_of(config), MediaStore(config.data_dir))
        yield Work(db=db, shelf=letters, now=app.clock())


def row(letter: Letter) -> dict[str, Any]:
    """Return what may stand in a list: no name."""
    return {
        "id": letter.id,
        "template": letter.template,
        "state": str(letter.state),
        "version": letter.version,
        "number": letter.number,
        "year": letter.year,
        "check_code": letter.check_code,
        "document_date": letter.document_date.isoformat() if letter.document_date else None,
        "due_at": here(letter.due_at).isoformat(timespec="minutes") if letter.due_at else None,
        "gap": letter.gap,
        "reason": letter.reason,
        "pdf_sha256": letter.pdf_sha256,
    }


def line(letter: Letter) -> str:
    """Return a letter in one line, without names."""
    number = f" · số {notices.number(letter)}" if letter.number is not None else ""
    why = letter.gap or letter.reason
    return f"{letter.id:>5} · {letter.template} · {TITLES[letter.state]}{number}{f' · {why}' if why else ''}"
