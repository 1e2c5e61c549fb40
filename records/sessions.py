"""Sessions of the console: who is in, since when, and until when (OWASP ASVS 4.0, chapter 3, level 2).

The browser holds a random name; we keep its hash. The name changes whenever more is allowed
than before, and ends at once when its person is disabled.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import Staff
from records.console import ConsoleSession, HalfLogin, LoginMiss, Undoable, UsedForm

IDLE: Final = timedelta(minutes=30)
WHOLE: Final = timedelta(hours=12)
FRESH: Final = timedelta(minutes=5)
HALF_LIVES: Final = timedelta(minutes=10)
TOUCH: Final = timedelta(minutes=1)  # how exactly we remember when somebody was last seen
FORMS_LIVE: Final = timedelta(days=1)
TRIES: Final = 5  # wrong second factors before the password is asked again
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A session and the person it belongs to."""

    session: ConsoleSession
    person: Staff

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the person proved who they are within the last minutes."""
        return now - self.session.proved_at <= FRESH

    def has_second(self) -> bool:
        """Tell whether a second factor was given."""
        return self.session.second_at is not None


def token() -> str:
    """Return a name nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(name: str) -> str:
    """Return what is kept of a name."""
    return hashlib.sha256(name.encode()).hexdigest()


def rights_of(person: Staff) -> str:
    """Return what *person* may do, as one word: when it changes, so does the session's name."""
    return ",".join(sorted(person.permissions))


async def open_session(
    db: AsyncSession, person: Staff, now: datetime, *, second: bool, device: str = ""
) -> tuple[str, ConsoleSession]:
    """Begin a session; return its name, which is told only to the browser."""
    name = token()
    row = ConsoleSession(
        token_sha256=digest(name),
        staff_id=person.id or 0,
        csrf=token(),
        made_at=now,
        seen_at=now,
        proved_at=now,
        second_at=now if second else None,
        rights=rights_of(person),
        device=device[:60],
    )
    db.add(row)
    await db.flush()
    return name, row


async def entry(db: AsyncSession, name: str, now: datetime) -> Entry | None:
    """Return the session called *name* if it still holds, and its person."""
    if not _TOKEN.fullmatch(name):
        return None
    found = await db.exec(
        select(ConsoleSession, Staff)
        .join(Staff, col(Staff.id) == col(ConsoleSession.staff_id))
        .where(
            col(ConsoleSession.token_sha256) == digest(name),
            col(ConsoleSession.ended_at).is_(None),
            col(ConsoleSession.seen_at) > now - IDLE,
            col(ConsoleSession.made_at) > now - WHOLE,
            col(Staff.disabled_at).is_(None),
        )
    )
    row = found.first()
    return Entry(session=row[0], person=row[1]) if row else None


async def touch(db: AsyncSession, row: ConsoleSession, now: datetime) -> None:
    """Remember that the session was used."""
    await (await db.connection()).execute(
        update(ConsoleSession).where(col(ConsoleSession.token_sha256) == row.token_sha256).values(seen_at=now)
    )


async def rename(
    db: AsyncSession, held: Entry, now: datetime, *, proved: bool = False, second: bool = False
) -> tuple[str, ConsoleSession]:
    """End a session and go on under a new name; the twelve hours do not begin anew."""
    name, new = await open_session(db, held.person, now, second=False, device=held.session.device)
    new.made_at = held.session.made_at
    new.proved_at = now if proved else held.session.proved_at
    new.second_at = now if second else held.session.second_at
    db.add(new)
    await end(db, held.session, now)
    await db.flush()
    return name, new


async def end(db: AsyncSession, row: ConsoleSession, now: datetime) -> None:
    """End one session."""
    await (await db.connection()).execute(
        update(ConsoleSession)
        .where(col(ConsoleSession.token_sha256) == row.token_sha256)
        .values(ended_at=now)
    )


async def end_all(db: AsyncSession, staff_id: int, now: datetime, *, but: str = "") -> int:
    """End every session of a person, except the one whose hash is *but*; return how many."""
    result = await (await db.connection()).execute(
        update(ConsoleSession)
        .where(
            col(ConsoleSession.staff_id) == staff_id,
            col(ConsoleSession.ended_at).is_(None),
            col(ConsoleSession.token_sha256) != but,
        )
        .values(ended_at=now)
    )
    return result.rowcount


async def living(db: AsyncSession, now: datetime, staff_id: int | None = None) -> list[ConsoleSession]:
    """Return the sessions that hold now, the latest seen first; of one person if *staff_id* is given."""
    found = await db.exec(
        select(ConsoleSession)
        .where(
            col(ConsoleSession.ended_at).is_(None),
            col(ConsoleSession.seen_at) > now - IDLE,
            col(ConsoleSession.made_at) > now - WHOLE,
            *([col(ConsoleSession.staff_id) == staff_id] if staff_id is not None else []),
        )
        .order_by(col(ConsoleSession.seen_at).desc())
    )
    return list(found.all())


async def begin_half(db: AsyncSession, person: Staff, now: datetime) -> str:
    """Remember that the password was right and return the name under which the second factor is given."""
    name = token()
    db.add(HalfLogin(token_sha256=digest(name), staff_id=person.id or 0, made_at=now))
    await db.flush()
    return name


async def half(db: AsyncSession, name: str, now: datetime) -> tuple[HalfLogin, Staff] | None:
    """Return the half log-in called *name*, locked, and its person, while it holds."""
    if not _TOKEN.fullmatch(name):
        return None
    found = await db.exec(
        select(HalfLogin, Staff)
        .join(Staff, col(Staff.id) == col(HalfLogin.staff_id))
        .where(
            col(HalfLogin.token_sha256) == digest(name),
            col(HalfLogin.made_at) > now - HALF_LIVES,
            col(HalfLogin.tries) < TRIES,
            col(Staff.disabled_at).is_(None),
        )
        .with_for_update()
    )
    row = found.first()
    return (row[0], row[1]) if row else None


async def forget(db: AsyncSession, now: datetime) -> int:
    """Delete what nobody can use any more, from sessions to counts of misses; return how many rows."""
    connection = await db.connection()
    gone = 0
    for sentence in (
        delete(ConsoleSession).where(col(ConsoleSession.made_at) <= now - WHOLE),
        delete(HalfLogin).where(col(HalfLogin.made_at) <= now - HALF_LIVES),
        delete(UsedForm).where(col(UsedForm.at) <= now - FORMS_LIVE),
        delete(Undoable).where(col(Undoable.until) <= now - FORMS_LIVE),
        delete(LoginMiss).where(col(LoginMiss.since) <= now - FORMS_LIVE),
    ):
        gone += (await connection.execute(sentence)).rowcount
    return gone
