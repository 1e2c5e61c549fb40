"""Drop files of the media store: those whose owner asked for it, and those nobody names.

What is to go stands in the tables first, so a crash loses nothing: the next round finds it
again. Bytes that somebody else sent as well stay for them.
"""

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import String, cast, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import retention
from records.database import Database
from records.media import MediaStore
from records.retention import ERASED
from records.tables import Attachment, Delivery

AT_ONCE = 200  # attachments one round drops
_NAME = re.compile(r"[0-9a-f]{64}")


async def shred(database: Database, media: MediaStore) -> int:
    """Drop the files of attachments that were marked as erased; return how many files went."""
    async with database.reading() as db:
        marked = select(Attachment.sha256).where(
            col(Attachment.ref).startswith(ERASED), col(Attachment.sha256).is_not(None)
        )
        names = {name for name in (await db.exec(marked.limit(AT_ONCE))).all() if name}
        needed = await _named(db) if names else set()
    dropped = [name for name in sorted(names - needed) if await media.drop(name)]
    if names:
        await _unname(database, names)
    return len(dropped)


async def sweep(database: Database, media: MediaStore, now: datetime, days: int) -> int:
    """Drop files nobody names that are older than *days*: photos that were never sent, halves of files."""
    before = now - timedelta(days=days)
    old = await asyncio.to_thread(lambda: list(_older(media.root, before)))
    async with database.reading() as db:
        needed = await _named(db)
    dropped = 0
    for path in old:
        if path.name in needed:
            continue
        if media.has(path.name):
            dropped += await media.drop(path.name)
        else:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            dropped += 1
    async with database.writing() as db:
        await retention.register(db, {"files": dropped}, retention.expired(days), now)
    return dropped


async def _named(db: AsyncSession) -> set[str]:
    """Return the name of every file some row still needs: a photo's, one being fetched, one being sent."""
    kept = ~col(Attachment.ref).startswith(ERASED)
    found = {name for name in (await db.exec(select(Attachment.sha256).where(kept))).all() if name}
    coming = select(Attachment.ref).where(kept, col(Attachment.fetched_at).is_(None))
    for ref in (await db.exec(coming)).all():
        found.update(_NAME.findall(ref))  # the web page brings a photo first and speaks of it afterwards
    sent = select(Delivery.attachments).where(cast(col(Delivery.attachments), String) != "[]")
    for names in (await db.exec(sent)).all():
        found.update(names)
    return found


async def _unname(database: Database, names: set[str]) -> None:
    async with database.writing() as db:
        await (await db.connection()).execute(
            update(Attachment)
            .where(col(Attachment.ref).startswith(ERASED), col(Attachment.sha256).in_(sorted(names)))
            .values(sha256=None)
        )


def _older(root: Path, before: datetime) -> Iterator[Path]:
    for path in root.rglob("*"):
        if path.is_file() and path.stat().st_mtime < before.timestamp():
            yield path
