"""Forget texts and old keys on time; what happened stays, what was said goes.

Whatever is deleted leaves a line in the register of erasures: which class, how many, why,
when; never what it was. Cases are forgotten by `feedback.erasure`, files by `shredder`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, exists, literal, or_, select, update
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from records import attachments, binding, dossiers
from records.cases import (
    DataRequest,
    Erasure,
    Feedback,
    FeedbackPhoto,
    Follower,
    Guess,
    RestrictedMessage,
    RestrictedSender,
)
from records.database import SCRUB
from records.letters import AddressClaim, Dossier, DossierWatch
from records.tables import (
    Address,
    Attachment,
    Consent,
    Conversation,
    Delivery,
    DeliveryState,
    Handover,
    JobRun,
    Purpose,
    Received,
)

ERASED = "erased:"  # begins the `ref` of an attachment whose file is to go
WITHDREW = "rút dữ liệu theo yêu cầu"
_OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DOUBTFUL)
_BLANK: Mapping[str, Any] = {"text": None, "choices": [], "attachments": [], "template": None}


@dataclass(frozen=True, kw_only=True)
class Class:
    """One class of data: its name in the register, the setting that says how long, what is done then."""

    name: str
    setting: str
    sentence: Callable[[datetime], Any]
    personal: bool = True


def _texts(before: datetime) -> Any:
    return (
        update(Delivery)
        .where(
            col(Delivery.text).is_not(None),
            col(Delivery.state).not_in(_OPEN),
            col(Delivery.created_at) < before,
        )
        .values(**_BLANK)
    )


def _questions(before: datetime) -> Any:
    return (
        update(Handover)
        .where(col(Handover.question).is_not(None), col(Handover.answered_at) < before)
        .values(question=None, photos=[])
    )


def _restricted(before: datetime) -> Any:
    return (
        update(RestrictedMessage)
        .where(col(RestrictedMessage.text).is_not(None), col(RestrictedMessage.answered_at) < before)
        .values(text=None)
    )


def _senders(before: datetime) -> Any:
    old = select(col(RestrictedMessage.id)).where(col(RestrictedMessage.answered_at) < before)
    return delete(RestrictedSender).where(col(RestrictedSender.message_id).in_(old))


def _watches(before: datetime) -> Any:
    """Nobody waits for the result of a dossier that came to its end."""
    ended = select(col(Dossier.id)).where(
        col(Dossier.state).in_(dossiers.ENDED), col(Dossier.changed_at) < before
    )
    return delete(DossierWatch).where(col(DossierWatch.dossier_id).in_(ended))


CLASSES: tuple[Class, ...] = (
    Class(name="texts", setting="delivery_days", sentence=_texts),
    Class(name="questions", setting="handover_days", sentence=_questions),
    Class(
        name="keys",
        setting="key_days",
        sentence=lambda before: delete(Received).where(col(Received.handled_at) < before),
    ),
    Class(
        name="runs",
        setting="key_days",
        sentence=lambda before: delete(JobRun).where(col(JobRun.started_at) < before),
        personal=False,
    ),
    Class(name="restricted", setting="restricted_days", sentence=_restricted),
    Class(name="senders", setting="restricted_days", sentence=_senders),
    Class(
        name="conversations",
        setting="conversation_days",
        sentence=lambda before: delete(Conversation).where(col(Conversation.changed_at) < before),
    ),
    Class(name="watches", setting="key_days", sentence=_watches),
    Class(
        name="claims",
        setting="key_days",
        sentence=lambda before: delete(AddressClaim).where(col(AddressClaim.expires_at) < before),
    ),
    Class(
        name="requests",
        setting="request_days",
        sentence=lambda before: delete(DataRequest).where(col(DataRequest.done_at) < before),
    ),
)


async def forget_old(db: AsyncSession, now: datetime, **days: int) -> dict[str, int]:
    """Blank or drop what is older than so many *days* of its class; return how many of each.

    A class whose days are not given stays; days of classes that live elsewhere are passed over.
    """
    connection = await db.connection()
    done: dict[str, int] = {}
    for one in CLASSES:
        if one.setting not in days:
            continue
        kept_for = days[one.setting]
        result = await connection.execute(one.sentence(now - timedelta(days=kept_for)))
        done[one.name] = result.rowcount
        if one.personal:
            await register(db, {one.name: result.rowcount}, expired(kept_for), now)
    return done


def expired(days: int) -> str:
    """Return the reason that stands in the register for what grew too old.

    >>> expired(90)
    'hết thời hạn lưu 90 ngày'
    """
    return f"hết thời hạn lưu {days} ngày"


async def register(
    db: AsyncSession, counts: Mapping[str, int], reason: str, now: datetime, *, on: str = ""
) -> None:
    """Write down how many of each class were deleted, and have the file cleaned after the commit."""
    lines = [
        Erasure(what=what, object=on[:100], count=count, reason=reason[:200], at=now)
        for what, count in counts.items()
        if count
    ]
    if lines:
        db.info[SCRUB] = True
        db.add_all(lines)
        await db.flush()


async def forget_person(
    db: AsyncSession, who: Address, now: datetime, *, reason: str = WITHDREW, on: str = ""
) -> dict[str, int]:
    """Blank what was said to and by one person, as they asked; withhold what still waits.

    Cases stay, and with them their photos: `feedback.erasure` takes those that rest, before.
    Return how many of each class were deleted; they are in the register already.
    """
    done = {
        "accounts": await binding.forget(db, who),  # first: letters that wait for it look for another way
        "texts": await _forget_deliveries(db, who),
        "questions": await _forget_questions(db, who, now),
        "photos": await mark_photos(db, _mine(Attachment, who) & ~_in_a_case()),
        "restricted": await _forget_restricted(db, who),
    }
    connection = await db.connection()
    for name, table in (
        ("conversations", Conversation),
        ("consents", Consent),
        ("following", Follower),
        ("watches", DossierWatch),
        ("guesses", Guess),
    ):
        done[name] = (await connection.execute(delete(table).where(_mine(table, who)))).rowcount
    asked = update(DataRequest).where(_mine(DataRequest, who), col(DataRequest.done_at).is_not(None))
    await connection.execute(asked.values(detail=None))
    await register(db, done, reason, now, on=on)
    return done


async def blank_deliveries(db: AsyncSession, which: ColumnElement[bool], why: str) -> int:
    """Blank the deliveries *which*; those that have not arrived for certain never leave again.

    One that is being sent just now is withheld too: its sender finds its lease lost.
    """
    connection = await db.connection()
    await connection.execute(
        update(Delivery)
        .where(which, col(Delivery.state).in_(_OPEN))
        .values(state=DeliveryState.WITHHELD, lease_until=None, error=why)
    )
    blanked = await connection.execute(
        update(Delivery).where(which, col(Delivery.text).is_not(None)).values(**_BLANK)
    )
    return blanked.rowcount


async def mark_photos(db: AsyncSession, which: ColumnElement[bool]) -> int:
    """Make the attachments *which* nobody's, under no reference; `shredder` drops their files."""
    result = await (await db.connection()).execute(
        update(Attachment)
        .where(which, ~col(Attachment.ref).startswith(ERASED))
        .values(
            ref=literal(ERASED) + cast(col(Attachment.id), String),
            user="",
            attempts=attachments.MAX_ATTEMPTS,
        )
    )
    return result.rowcount


def photos_of(cases: Iterable[int]) -> ColumnElement[bool]:
    """Return what picks the attachments of *cases* that belong to no other case that is kept."""
    numbers = list(cases)
    theirs = select(col(FeedbackPhoto.attachment_id)).where(col(FeedbackPhoto.feedback_id).in_(numbers))
    return col(Attachment.id).in_(theirs) & ~_in_a_case(apart_from=numbers)


def _in_a_case(apart_from: Iterable[int] = ()) -> ColumnElement[bool]:
    """Tell whether an attachment belongs to a case that has not been erased."""
    return exists().where(
        col(FeedbackPhoto.attachment_id) == col(Attachment.id),
        col(FeedbackPhoto.feedback_id) == col(Feedback.id),
        col(Feedback.erased_at).is_(None),
        col(Feedback.id).not_in(list(apart_from)),
    )


async def _forget_deliveries(db: AsyncSession, who: Address) -> int:
    """Alerts to staff are their work: somebody of the office may have asked as a resident."""
    mine = _mine(Delivery, who) & (col(Delivery.purpose) != Purpose.ALERT)
    return await blank_deliveries(db, mine, "person withdrew")


async def _forget_questions(db: AsyncSession, who: Address, now: datetime) -> int:
    connection = await db.connection()
    mine = _mine(Handover, who)
    await connection.execute(
        update(Handover)
        .where(mine, col(Handover.answered_at).is_(None))
        .values(answered_at=now, answered_by="withdrawn")
    )
    said = or_(col(Handover.question).is_not(None), col(Handover.topic) != "")
    result = await connection.execute(
        update(Handover).where(mine, said).values(question=None, topic="", photos=[])
    )
    return result.rowcount


async def _forget_restricted(db: AsyncSession, who: Address) -> int:
    """Blank the restricted messages that have their answer; the others still wait for it."""
    connection = await db.connection()
    theirs = select(col(RestrictedSender.message_id)).where(_mine(RestrictedSender, who))
    answered = select(col(RestrictedMessage.id)).where(
        col(RestrictedMessage.id).in_(theirs), col(RestrictedMessage.answered_at).is_not(None)
    )
    numbers = list((await connection.execute(answered)).scalars())
    result = await connection.execute(
        update(RestrictedMessage)
        .where(col(RestrictedMessage.id).in_(numbers), col(RestrictedMessage.text).is_not(None))
        .values(text=None)
    )
    await connection.execute(delete(RestrictedSender).where(col(RestrictedSender.message_id).in_(numbers)))
    return result.rowcount


def _mine(table: type[SQLModel], who: Address) -> ColumnElement[bool]:
    columns = table.__table__.columns  # type: ignore[attr-defined]  # hidden by SQLModel
    mine: ColumnElement[bool] = (columns["channel"] == who.channel) & (columns["user"] == who.user)
    return mine
