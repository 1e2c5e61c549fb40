"""What is being prepared for residents to read: one person proposes, another decides, nothing is overwritten.

Cards of procedures and the ward's own pages go the same way. Each saving is a row of its own;
the open one before it is dropped. What was published stays as it was.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, update
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import counters, trace
from records.cases import Staff
from records.console import CardDraft, ContentDraft, DraftState

SERIES: Final = "proposals"  # counted first of all: who writes next waits until we have committed
OPEN: Final = (DraftState.DRAFT, DraftState.PROPOSED)
D = TypeVar("D", CardDraft, ContentDraft)


class Moved(Exception):
    """Somebody else has changed this draft, or decided about it, in the meantime."""


class SamePerson(Exception):
    """Whoever wrote a change cannot be the one who publishes it."""


def subject_of(row: CardDraft | ContentDraft) -> str:
    """Return what *row* changes: the code of a card, the name of a page."""
    return row.code if isinstance(row, CardDraft) else row.page


async def last_word(db: AsyncSession, kind: type[D], subject: str) -> D | None:
    """Return the newest draft of *subject* that is open or was published: what a change begins from."""
    here = select(kind).where(_of(kind, subject), col(kind.state) != DraftState.DROPPED)
    return (await db.exec(here.order_by(col(kind.id).desc()).limit(1))).first()


async def open_one(db: AsyncSession, kind: type[D], subject: str) -> D | None:
    """Return the draft of *subject* that is neither published nor dropped."""
    last = await last_word(db, kind, subject)
    return last if last is not None and last.state in OPEN else None


async def save(db: AsyncSession, fresh: D, began_from: int) -> D:
    """Keep *fresh* as the newest draft of its subject; an open one it *began_from* is dropped.

    Raises Moved when something else was written in the meantime; 0 says that there was nothing.
    """
    await counters.count(db, SERIES)
    last = await last_word(db, type(fresh), subject_of(fresh))
    if (last.id if last else 0) != began_from:
        raise Moved
    fresh.version = await _last_version(db, type(fresh), subject_of(fresh)) + 1
    if last is not None and last.state in OPEN:
        await _move(db, last, DraftState.DROPPED, last.state)
    db.add(fresh)
    await db.flush()
    await _note(db, fresh, "saved", fresh.by, fresh.at)
    return fresh


async def propose(db: AsyncSession, row: D, by: int, now: datetime) -> None:
    """Ask somebody else to decide about *row*. Raises Moved."""
    await _move(db, row, DraftState.PROPOSED, DraftState.DRAFT)
    await _note(db, row, "proposed", by, now)


async def drop(db: AsyncSession, row: D, by: int, now: datetime) -> DraftState:
    """Let *row* rest for good; return where it stood. Raises Moved."""
    stood = row.state
    if stood not in OPEN:
        raise Moved
    await _move(db, row, DraftState.DROPPED, stood, decided_by=by, decided_at=now)
    await _note(db, row, "dropped", by, now)
    return stood


async def take_up(db: AsyncSession, row: D, state: DraftState, by: int, now: datetime) -> None:
    """Bring a dropped row back to where it stood. Raises Moved when something was written since."""
    await counters.count(db, SERIES)
    last = await last_word(db, type(row), subject_of(row))
    if last is not None and (last.id or 0) > (row.id or 0):
        raise Moved
    await _move(db, row, state, DraftState.DROPPED, decided_by=None, decided_at=None)
    await _note(db, row, "taken_up", by, now)


async def publish(db: AsyncSession, row: D, by: int, now: datetime) -> None:
    """Put *row* into force. Raises SamePerson for its writer, Moved when it no longer waits."""
    await counters.count(db, SERIES)
    if row.by == by:
        raise SamePerson
    await _move(db, row, DraftState.PUBLISHED, DraftState.PROPOSED, decided_by=by, decided_at=now)
    await _note(db, row, "published", by, now)


async def waiting(db: AsyncSession, kind: type[D], limit: int = 200) -> Sequence[D]:
    """Return what waits for a decision, the oldest first."""
    asked = select(kind).where(col(kind.state) == DraftState.PROPOSED).order_by(col(kind.id)).limit(limit)
    return (await db.exec(asked)).all()


async def waiting_count(db: AsyncSession, kind: type[CardDraft] | type[ContentDraft]) -> int:
    """Return how many wait for a decision."""
    asked = select(func.count()).select_from(kind).where(col(kind.state) == DraftState.PROPOSED)
    return (await db.exec(asked)).one()


async def open_ones(db: AsyncSession, kind: type[D], limit: int = 500) -> Sequence[D]:
    """Return everything that is neither published nor dropped."""
    return (await db.exec(select(kind).where(col(kind.state).in_(OPEN)).limit(limit))).all()


async def history(db: AsyncSession, kind: type[D], subject: str, limit: int = 50) -> Sequence[D]:
    """Return what became of *subject*, the newest first: what waits, what was published, what was given up."""
    given_up = col(kind.decided_by).is_not(None)
    shown = or_(col(kind.state) != DraftState.DROPPED, given_up)
    here = select(kind).where(_of(kind, subject), shown)
    return (await db.exec(here.order_by(col(kind.id).desc()).limit(limit))).all()


async def published_count(db: AsyncSession) -> int:
    """Return how many pages were ever published: the number grows with each, whoever looks."""
    asked = select(func.count()).where(col(ContentDraft.state) == DraftState.PUBLISHED)
    return (await db.exec(asked)).one()


async def in_force(db: AsyncSession) -> dict[str, ContentDraft]:
    """Return the page that counts for each name: the one published last.

    There is one open draft of a page at most, so what was written later was published later.
    """
    published = col(ContentDraft.state) == DraftState.PUBLISHED
    newest = select(func.max(ContentDraft.id)).where(published).group_by(col(ContentDraft.page))
    found = await db.exec(select(ContentDraft).where(col(ContentDraft.id).in_(newest)))
    return {row.page: row for row in found.all()}


def _of(kind: type[CardDraft] | type[ContentDraft], subject: str) -> ColumnElement[bool]:
    return (col(CardDraft.code) if kind is CardDraft else col(ContentDraft.page)) == subject


async def _last_version(db: AsyncSession, kind: type[D], subject: str) -> int:
    asked = select(func.max(kind.version)).where(_of(kind, subject))
    return (await db.exec(asked)).one() or 0


async def _move(db: AsyncSession, row: D, to: DraftState, stood: DraftState, **values: object) -> None:
    """Exchange the state of *row*, if it still stands where we saw it."""
    kind = type(row)
    moved = await (await db.connection()).execute(
        update(kind)
        .where(col(kind.id) == row.id, col(kind.state) == stood)
        .values(state=to, **values)
        .returning(col(kind.id))
    )
    if moved.first() is None:
        raise Moved
    await db.refresh(row)


async def _note(db: AsyncSession, row: CardDraft | ContentDraft, what: str, by: int, now: datetime) -> None:
    """Leave a line in the history: which draft of what, never its text."""
    kind = "card" if isinstance(row, CardDraft) else "content"
    login = await _login(db, by)
    await trace.leave(
        db,
        who=login,
        what=f"{kind}.{what}",
        on=f"{kind}:{subject_of(row)}",
        detail={"draft": row.id, "version": row.version},
        now=now,
    )


async def _login(db: AsyncSession, by: int) -> str:
    found = await db.exec(select(Staff.login).where(col(Staff.id) == by))
    return found.first() or str(by)
