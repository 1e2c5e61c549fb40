"""The append-only history: who did what to which object, and when; each line sealed to the one before.

A seal is an HMAC over the line and the seal before it, with a key that is not in the
database. Whoever changes, removes or inserts a line afterwards cannot make the seals fit.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import counters
from records.tables import Trace

SERIES = "trace"
AT_ONCE = 1000  # lines read at a time when verifying


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What verifying found: how many lines fit, and the first that does not, with why: missing, changed, inserted."""

    sealed: int
    older: int
    broken_at: int | None = None
    why: str = ""

    @property
    def whole(self) -> bool:
        """Tell whether nothing was changed, removed or inserted."""
        return self.broken_at is None


async def leave(
    db: AsyncSession, *, who: str, what: str, on: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """Add one line. *detail* holds ids and numbers, never names or texts of residents."""
    seq = await counters.count(db, SERIES)  # one after another until the commit: a chain has one end
    line = Trace(seq=seq, who=who[:150], what=what[:60], object=on[:200], detail=dict(detail), at=now)
    line.mac = _seal(_key(db), await _mac_before(db, seq), line)
    db.add(line)
    await db.flush()


async def verify(db: AsyncSession) -> Verdict:
    """Check every seal from the first line to the last number given."""
    key, before, expected = _key(db), "", 1
    older, slipped_in = await _unsealed(db)
    if slipped_in is not None:
        return Verdict(sealed=0, older=older, broken_at=slipped_in, why="inserted")
    while lines := await _page(db, expected):
        for line in lines:
            wrong = _what_is_wrong(key, before, expected, line)
            if wrong:
                return Verdict(sealed=expected - 1, older=older, broken_at=expected, why=wrong)
            before, expected = line.mac, expected + 1
    given = await counters.last(db, SERIES)
    if given != expected - 1:
        return Verdict(sealed=expected - 1, older=older, broken_at=expected, why="missing")
    return Verdict(sealed=expected - 1, older=older)


def _what_is_wrong(key: bytes, before: str, expected: int, line: Trace) -> str:
    if line.seq != expected:
        return "missing"
    return "" if hmac.compare_digest(_seal(key, before, line), line.mac) else "changed"


async def _unsealed(db: AsyncSession) -> tuple[int, int | None]:
    """Return how many lines are from before there were seals, and one that stands where none may stand.

    A line without a number belongs before the first that has one.
    """
    first = (await db.exec(select(Trace.id).where(col(Trace.seq) == 1))).first()
    bare = col(Trace.seq).is_(None)
    older = (await db.exec(select(func.count()).where(bare))).one()
    wrong = (bare & (col(Trace.id) > first)) if first is not None else col(Trace.id).is_(None)
    found = (await db.exec(select(Trace.id).where(wrong | (col(Trace.seq) < 1)).limit(1))).first()
    return older, found


async def _page(db: AsyncSession, first: int) -> list[Trace]:
    found = await db.exec(
        select(Trace).where(col(Trace.seq) >= first).order_by(col(Trace.seq)).limit(AT_ONCE)
    )
    return list(found.all())


async def _mac_before(db: AsyncSession, seq: int) -> str:
    return (await db.exec(select(Trace.mac).where(col(Trace.seq) == seq - 1))).first() or ""


def _key(db: AsyncSession) -> bytes:
    key: bytes = db.info.get("audit_key", b"")
    return key


def _seal(key: bytes, before: str, line: Trace) -> str:
    said = [before, line.seq, line.who, line.what, line.object, line.detail, line.at.timestamp()]
    words = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()
