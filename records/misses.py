"""Wrong passwords, counted so that guessing is hopeless and nobody can be locked out by others.

A browser from which a person has come in before carries a sign of it (a "device cookie"): its
misses are counted by themselves. All other visitors who name the same login share one count.
So a stranger who guesses closes the door to strangers only. Names that do not exist are
counted in the same way.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.console import LoginMiss
from records.dialect import upsert

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
    """Return until when the count *name* lets nobody try; None when it does."""
    found = await db.exec(select(LoginMiss).where(col(LoginMiss.key) == name))
    row = found.first()
    if row is None or now - row.since >= WINDOW or row.misses < most:
        return None
    return row.since + WINDOW


async def note(db: AsyncSession, name: str, now: datetime) -> None:
    """Count one miss."""
    row = await db.get(LoginMiss, name, populate_existing=True)
    running = row is not None and now - row.since < WINDOW
    values = {
        "key": name,
        "since": row.since if row is not None and running else now,
        "misses": (row.misses if row is not None and running else 0) + 1,
    }
    await upsert(db, LoginMiss, ("key",), values, change=("since", "misses"))
