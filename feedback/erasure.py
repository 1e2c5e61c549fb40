"""Forget cases that rest: when their resident asks, and when their time is over.

The code, the category, the dates, the state and the outcome stay for counting; words, places,
numbers, photos and everything that was told about the case go. Open cases stay, with a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlmodel import col, select

from feedback import history
from feedback.work import Work
from records import retention, trace
from records.cases import (
    EntryKind,
    Feedback,
    FeedbackEntry,
    FeedbackPhoto,
    FeedbackState,
    Follower,
    RestrictedMessage,
    RestrictedSender,
)
from records.tables import Address, Attachment, Delivery

RESTING = (FeedbackState.CLOSED, FeedbackState.REFERRED)
AT_ONCE = 200  # cases one night forgets in one transaction
MOST = 1000  # cases of one person
_CONTACT: dict[str, Any] = {"contact_name": "", "contact_phone": "", "callback": ""}
_BLANK: dict[str, Any] = {
    **_CONTACT,
    "text": None,
    "public_text": None,
    "place": "",
    "latitude": None,
    "longitude": None,
    "channel": None,
    "user": None,
    "answer": None,
    "extension_reason": "",
    "external_code": "",
    "pin_sha256": "",
}


class Why(StrEnum):
    """Why something stays although its owner wants it gone."""

    OPEN = "open"  # somebody owes an answer
    ANSWERED = "answered"  # answered; the resident may still say "not done"
    RESTRICTED = "restricted"  # the two named persons owe an answer


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One thing that stays: its code, why, and until when."""

    code: str
    why: Why
    until: datetime | None
    contact: bool = False  # it holds a name or a telephone number


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """How many of each class went, and what stays."""

    counts: dict[str, int]
    kept: tuple[Kept, ...]


async def resting(work: Work, who: Address) -> list[Feedback]:
    """Return the cases of *who* that may be forgotten."""
    return [case for case in await _of(work, who) if case.state in RESTING]


async def kept(work: Work, who: Address) -> tuple[Kept, ...]:
    """Return what of *who* must stay, why, and until when."""
    cases = [
        Kept(
            code=case.code,
            why=Why.ANSWERED if case.state is FeedbackState.ANSWERED else Why.OPEN,
            until=case.next_alert_at if case.state is FeedbackState.ANSWERED else case.due_at,
            contact=bool(case.contact_name or case.contact_phone or case.callback),
        )
        for case in await _of(work, who)
        if case.state not in RESTING
    ]
    found = await work.db.exec(
        select(RestrictedMessage)
        .join(RestrictedSender, col(RestrictedSender.message_id) == col(RestrictedMessage.id))
        .where(
            col(RestrictedSender.channel) == who.channel,
            col(RestrictedSender.user) == who.user,
            col(RestrictedMessage.answered_at).is_(None),
        )
    )
    sealed = [Kept(code=row.code, why=Why.RESTRICTED, until=row.due_at) for row in found.all()]
    return (*cases, *sealed)


async def forget_person(
    work: Work, who: Address, *, reason: str = retention.WITHDREW, on: str = ""
) -> Forgotten:
    """Forget everything of *who* that may be forgotten; return what went and what stays."""
    counts = await erase(work, await resting(work, who), reason, on=on)
    counts |= _added(counts, await retention.forget_person(work.db, who, work.now, reason=reason, on=on))
    return Forgotten(counts=counts, kept=await kept(work, who))


async def withdraw_contact(work: Work, who: Address, *, on: str = "") -> list[str]:
    """Take names and numbers out of the cases of *who* that are open; return their codes."""
    codes = []
    for case in await _of(work, who):
        if case.state in RESTING or not (case.contact_name or case.contact_phone or case.callback):
            continue
        _set(case, _CONTACT)
        work.db.add(case)
        await work.db.flush()
        await history.note(work.db, case, EntryKind.INTERNAL, work.now, text=CONTACT_WITHDRAWN)
        codes.append(case.code)
    await retention.register(work.db, {"contacts": len(codes)}, retention.WITHDREW, work.now, on=on)
    return codes


CONTACT_WITHDRAWN = "Người dân đã rút tên, số điện thoại; chỉ còn báo qua khung chat."


async def forget_old(work: Work, *, case_days: int, photo_days: int) -> dict[str, int]:
    """Forget cases that have rested for *case_days*, and the photos of those at rest for *photo_days*."""
    rested = select(Feedback).where(_rested(work.now - timedelta(days=case_days)))
    old = list((await work.db.exec(rested.order_by(col(Feedback.id)).limit(AT_ONCE))).all())
    counts = await erase(work, old, retention.expired(case_days))
    photos = await _forget_photos(work, work.now - timedelta(days=photo_days))
    await retention.register(work.db, {"photos": photos}, retention.expired(photo_days), work.now)
    return counts | {"photos": counts.get("photos", 0) + photos}


async def _forget_photos(work: Work, before: datetime) -> int:
    with_photos = (
        select(Feedback.id)
        .join(FeedbackPhoto, col(FeedbackPhoto.feedback_id) == col(Feedback.id))
        .join(Attachment, col(Attachment.id) == col(FeedbackPhoto.attachment_id))
        .where(_rested(before), ~col(Attachment.ref).startswith(retention.ERASED))
        .limit(AT_ONCE)
    )
    numbers = {number for number in (await work.db.exec(with_photos)).all() if number is not None}
    return await retention.mark_photos(work.db, retention.photos_of(sorted(numbers)))


async def erase(work: Work, cases: Sequence[Feedback], reason: str, *, on: str = "") -> dict[str, int]:
    """Forget *cases*; return how many of each class went."""
    if not cases:
        return {}
    numbers = [case.id or 0 for case in cases]
    counts = {
        "cases": len(cases),
        "photos": await retention.mark_photos(work.db, retention.photos_of(numbers)),
        "texts": await _forget_deliveries(work, cases),
    }
    connection = await work.db.connection()
    which = col(FeedbackEntry.feedback_id).in_(numbers) & col(FeedbackEntry.text).is_not(None)
    counts["lines"] = (
        await connection.execute(update(FeedbackEntry).where(which).values(text=None))
    ).rowcount
    followed = delete(Follower).where(col(Follower.feedback_id).in_(numbers))
    counts["following"] = (await connection.execute(followed)).rowcount
    for case in cases:
        await _erase(work, case)
    await retention.register(work.db, counts, reason, work.now, on=on)
    return counts


async def _erase(work: Work, case: Feedback) -> None:
    _set(case, _BLANK)
    case.title = work.concerns.of(case.category).title
    case.erased_at, case.version = work.now, case.version + 1
    case.next_alert_at = case.claim_by = None
    work.db.add(case)
    await work.db.flush()
    detail = {"state": str(case.state), "version": case.version}
    await trace.leave(
        work.db, who="system", what="feedback.erased", on=case.code, detail=detail, now=work.now
    )


async def _forget_deliveries(work: Work, cases: Sequence[Feedback]) -> int:
    """Blank what was told about *cases* to anybody: residents, followers, desks."""
    blanked = 0
    for case in cases:
        for prefix in (f"case:{case.code}:", f"alert:{case.code}:"):
            named = _begins(work, prefix)
            blanked += await retention.blank_deliveries(work.db, named, "case erased")
    return blanked


def _begins(work: Work, prefix: str) -> ColumnElement[bool]:
    """Return what picks the deliveries named *prefix…*: on SQLite by the index, which LIKE cannot use."""
    if work.db.get_bind().dialect.name != "sqlite":
        return col(Delivery.key).startswith(prefix, autoescape=True)
    return and_(col(Delivery.key) >= prefix, col(Delivery.key) < prefix[:-1] + chr(ord(prefix[-1]) + 1))


async def _of(work: Work, who: Address) -> list[Feedback]:
    found = await work.db.exec(
        select(Feedback)
        .where(col(Feedback.channel) == who.channel, col(Feedback.user) == who.user)
        .order_by(col(Feedback.id))
        .limit(MOST)
        .with_for_update()
    )
    return list(found.all())


def _rested(before: datetime) -> ColumnElement[bool]:
    """Return what picks the cases that came to rest before a moment and are not forgotten yet."""
    ended = or_(
        and_(col(Feedback.state) == FeedbackState.CLOSED, col(Feedback.closed_at) < before),
        and_(col(Feedback.state) == FeedbackState.REFERRED, col(Feedback.answered_at) < before),
    )
    return and_(ended, col(Feedback.erased_at).is_(None))


def _set(case: Feedback, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(case, name, value)


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + count for name, count in other.items()}
