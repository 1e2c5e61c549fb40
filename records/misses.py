"""Wrong passwords, counted so that guessing is hopeless and nobody can be locked out by others.

A browser from which a person has come in before carries a sign of it (a "device cookie"): its
misses are counted by themselves, and by nothing else. All other visitors who name the same login share
one count, and all of one network another. So a stranger who guesses closes the door to
strangers only, even from the office's own network. Names that do not exist are counted in the
same way.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.console import LoginMiss
from records.dialect import insert_new

MOST: Final = 10
WINDOW: Final = timedelta(minutes=15)
MOST_FROM: Final = 60  # of one network address, whatever the names


def device_of(key: bytes, login: str, nonce: str) -> str:
    """Return the sign that *login* has come in from this browser before."""
    return hmac.new(key, f"device:{login}:{nonce}".encode(), hashlib.sha256).hexdigest()


def count_key(key: bytes, *parts: str) -> str:
    """Return the name of a count: it leads back to no login and no address."""
    return hmac.new(key, "\x1f".join(("miss", *parts)).encode(), hashlib.sha256).hexdigest()


async def closed_until(db: AsyncSession, name: str, most: int, now: datetime) -> datetime | None:
    """Return until when the count *name* lets nobody try; None when it does: a flood is turned away by reading."""
    row = (await db.exec(select(LoginMiss).where(col(LoginMiss.key) == name))).first()
    closed = row is not None and now - row.since < WINDOW and row.misses >= most
    return row.since + WINDOW if row is not None and closed else None


async def take(db: AsyncSession, name: str, most: int, now: datetime) -> datetime | None:
    """Count a try before it is looked at; return until when there are no more, None when there was one left.

    So many who try at the same moment get no more tries than one who tries again and again.
    """
    await insert_new(db, LoginMiss, {"key": name, "since": now, "misses": 0})
    wanted = select(LoginMiss).where(col(LoginMiss.key) == name).with_for_update()
    row = (await db.exec(wanted.execution_options(populate_existing=True))).one()
    if now - row.since >= WINDOW:
        row.since, row.misses = now, 0
    if row.misses >= most:
        return row.since + WINDOW
    row.misses += 1
    db.add(row)
    await db.flush()
    return None


async def give_back(db: AsyncSession, name: str) -> None:
    """Take back the count of a try that was right."""
    await (await db.connection()).execute(
        update(LoginMiss)
        .where(col(LoginMiss.key) == name, col(LoginMiss.misses) > 0)
        .values(misses=col(LoginMiss.misses) - 1)
    )
