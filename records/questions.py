"""Questions the catalogue could not answer: kept without any identity, to learn from."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.dialect import upsert
from records.tables import UnansweredQuestion

LONGEST = 300
_NUMBERS = re.compile(r"\d[\d .-]{4,}\d")
_MAIL = re.compile(r"\S+@\S+")


def without_identity(question: str) -> str:
    """Return *question* with numbers that could be a phone or a card, and mail addresses, taken out.

    >>> without_identity("tên tôi ở 0912 345 678 hỏi khai sinh")
    'tên tôi ở … hỏi khai sinh'
    """
    return _MAIL.sub("…", _NUMBERS.sub("…", question))[:LONGEST]


async def note(db: AsyncSession, question: str, folded: str, now: datetime) -> None:
    """Count one more time that *question* (as *folded* words) got no answer."""
    key = hashlib.sha256(without_identity(folded).encode()).hexdigest()
    known = (
        await db.exec(select(UnansweredQuestion.times).where(col(UnansweredQuestion.key) == key))
    ).first()
    values = {
        "key": key,
        "question": without_identity(question),
        "times": (known or 0) + 1,
        "first_at": now,
        "last_at": now,
    }
    await upsert(db, UnansweredQuestion, ("key",), values, change=("times", "last_at"))


async def most_asked(db: AsyncSession, limit: int = 100) -> list[UnansweredQuestion]:
    """Return what was asked in vain, the most frequent first."""
    found = await db.exec(
        select(UnansweredQuestion).order_by(col(UnansweredQuestion.times).desc()).limit(limit)
    )
    return list(found.all())


async def take_out(db: AsyncSession, keys: Sequence[str]) -> list[UnansweredQuestion]:
    """Take questions that are dealt with from the list, and return them."""
    found = await db.exec(select(UnansweredQuestion).where(col(UnansweredQuestion.key).in_(list(keys))))
    rows = list(found.all())
    for row in rows:
        await db.delete(row)
    await db.flush()
    return rows


async def put_back(db: AsyncSession, rows: Sequence[UnansweredQuestion]) -> None:
    """Put questions back that were taken out too soon; one asked again since keeps its count besides."""
    for row in rows:
        known = await db.get(UnansweredQuestion, row.key)
        if known is None:
            db.add(row)
        else:
            known.times, known.first_at = known.times + row.times, min(known.first_at, row.first_at)
            db.add(known)
    await db.flush()
