"""The lines of a case's history, and finding cases again."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from feedback.codes import Named
from feedback.states import OPEN
from records import trace
from records.cases import EntryKind, Feedback, FeedbackEntry, FeedbackPhoto, FeedbackState
from records.tables import Address, Attachment


async def note(
    db: AsyncSession,
    case: Feedback,
    kind: EntryKind,
    now: datetime,
    *,
    text: str | None = None,
    public: bool = False,
    by: int | None = None,
) -> FeedbackEntry:
    """Add a line to the history of *case*, and who did it to the sealed trace."""
    line = FeedbackEntry(feedback_id=case.id or 0, kind=kind, text=text, public=public, staff_id=by, at=now)
    db.add(line)
    await db.flush()
    who = f"staff:{by}" if by is not None else "resident"
    detail = {"state": str(case.state), "version": case.version}
    await trace.leave(db, who=who, what=f"feedback.{kind}", on=case.code, detail=detail, now=now)
    return line


async def by_code(db: AsyncSession, code: str, *, lock: bool = False) -> Feedback | None:
    """Return the case with this code; *lock* keeps others from changing it until the commit."""
    statement = select(Feedback).where(col(Feedback.code) == code)
    if lock:  # what was read before the lock may be old
        statement = statement.with_for_update().execution_options(populate_existing=True)
        await db.flush()
    return (await db.exec(statement)).first()


async def by_name(db: AsyncSession, said: Named, this_year: int) -> Feedback | None:
    """Return the case somebody named by its number; without a year, this year's or the newest."""
    statement = select(Feedback).where(col(Feedback.number) == said.number)
    if said.year is not None:
        statement = statement.where(col(Feedback.year) == this_year // 100 * 100 + said.year)
    found = await db.exec(statement.order_by(col(Feedback.year).desc()).limit(1))
    return found.first()


async def of_person(db: AsyncSession, who: Address, limit: int = 20) -> list[Feedback]:
    """Return the cases of one address, open ones first, then the newest."""
    found = await db.exec(
        select(Feedback)
        .where(col(Feedback.channel) == who.channel, col(Feedback.user) == who.user)
        .order_by(col(Feedback.state).in_(sorted(OPEN)).desc(), col(Feedback.id).desc())
        .limit(limit)
    )
    return list(found.all())


async def lines(db: AsyncSession, case: Feedback, *, public_only: bool = False) -> list[FeedbackEntry]:
    """Return the history of *case*, the oldest line first."""
    statement = select(FeedbackEntry).where(col(FeedbackEntry.feedback_id) == case.id)
    if public_only:
        statement = statement.where(col(FeedbackEntry.public))
    return list((await db.exec(statement.order_by(col(FeedbackEntry.id)))).all())


async def last_word(db: AsyncSession, case: Feedback) -> FeedbackEntry | None:
    """Return the latest line the resident was told."""
    found = await db.exec(
        select(FeedbackEntry)
        .where(col(FeedbackEntry.feedback_id) == case.id, col(FeedbackEntry.public))
        .order_by(col(FeedbackEntry.id).desc())
        .limit(1)
    )
    return found.first()


async def photos(db: AsyncSession, case: Feedback, *, after: bool | None = None) -> list[Attachment]:
    """Return the photos of *case*, those of the result only or the others only if *after* says so."""
    statement = (
        select(Attachment)
        .join(FeedbackPhoto, col(FeedbackPhoto.attachment_id) == col(Attachment.id))
        .where(col(FeedbackPhoto.feedback_id) == case.id)
    )
    if after is not None:
        statement = statement.where(col(FeedbackPhoto.after).is_(after))
    return list((await db.exec(statement.order_by(col(Attachment.id)))).all())


async def waiting_until(db: AsyncSession, now: datetime, limit: int) -> Sequence[int]:
    """Return the ids of cases whose ladder or claim is due, the longest waiting first."""
    due = (col(Feedback.next_alert_at) <= now) | (
        (col(Feedback.claim_by) <= now)
        & col(Feedback.officer_id).is_(None)
        & col(Feedback.state).in_([FeedbackState.NEW, FeedbackState.REOPENED])
    )
    found = await db.exec(select(Feedback.id).where(due).order_by(col(Feedback.id)).limit(limit))
    return [number for number in found.all() if number is not None]
