"""The second door: nothing is sent except as a `Delivery` row.

`put` queues one, once per key. `claim` leases what is due, the urgent first, never two of
one person. `record_*` say how it ended. A lease that runs out leaves a delivery nobody can
vouch for: `release_expired` queues replies and alerts again once; letters, greetings and
approved forms (which cost money) become DOUBTFUL and a person decides.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Exists,
    Integer,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    or_,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.columns import Instant
from records.dialect import insert_new
from records.tables import Address, ChannelName, Contact, Delivery, DeliveryState, Purpose, Urgency

LEASE = timedelta(seconds=60)  # longer than any channel's send timeout
REST = timedelta(seconds=2)  # before a reply in doubt is repeated
STEP = timedelta(milliseconds=150)  # between two of them
STEPS = 20
FRONT = 50  # of a queue, to tell when its first may leave
MAX_DOUBTS = 1  # a reply may be repeated once after an unclear outcome

_REPEATABLE = [purpose for purpose in Purpose if purpose.repeatable]
_RANK = {
    DeliveryState.SENDING: 0,
    DeliveryState.SENT: 1,
    DeliveryState.DOUBTFUL: 1,
    DeliveryState.DELIVERED: 2,
    DeliveryState.SEEN: 3,
}


async def put(
    db: AsyncSession,
    *,
    key: str,
    to: Address,
    purpose: Purpose,
    text: str,
    now: datetime,
    due_at: datetime | None = None,
    choices: Sequence[tuple[str, str]] = (),
    attachments: Sequence[str] = (),
    template: Mapping[str, Any] | None = None,
) -> bool:
    """Queue one delivery; False when *key* is already there, whatever became of it.

    *template* is a form the platform approved, `{"id": …, "data": {…}}`; it goes instead of *text*.
    """
    row: dict[str, Any] = {
        "key": key,
        "channel": to.channel,
        "user": to.user,
        "purpose": purpose,
        "urgency": int(purpose.urgency),
        "text": text,
        "choices": [list(choice) for choice in choices],
        "attachments": list(attachments),
        "state": DeliveryState.QUEUED,
        "created_at": now,
        "due_at": due_at or now,
        "attempts": 0,
        "doubts": 0,
    }
    if template is not None:
        row["template"] = dict(template)
    return await insert_new(db, Delivery, row)


async def rewrite(db: AsyncSession, key: str, text: str, due_at: datetime) -> bool:
    """Change the words of a delivery that still waits; False when it has left or never was."""
    result = await (await db.connection()).execute(
        update(Delivery)
        .where(col(Delivery.key) == key, col(Delivery.state) == DeliveryState.QUEUED)
        .values(text=text, due_at=due_at)
    )
    return result.rowcount == 1


async def withhold(db: AsyncSession, key: str, why: str) -> bool:
    """Keep back a delivery that still waits; False when it has left or never was."""
    result = await (await db.connection()).execute(
        update(Delivery)
        .where(col(Delivery.key) == key, col(Delivery.state) == DeliveryState.QUEUED)
        .values(state=DeliveryState.WITHHELD, error=why[:200])
    )
    return result.rowcount == 1


async def claim(
    db: AsyncSession, channel: ChannelName, now: datetime, limit: int, *, bulk: bool = False
) -> list[Delivery]:
    """Lease up to *limit* due deliveries of one channel, the urgent first.

    Without *bulk* only what people wait for. A person gets one at a time, in order, and is
    left in peace until `Contact.free_at`.
    """
    if limit < 1:
        return []
    values = {"on": channel, "now": now, "until": now + LEASE, "most": limit}
    taken = await (await db.connection()).execute(_claim(bulk=bulk), values)
    rows = [Delivery(**row) for row in taken.mappings()]
    return sorted(rows, key=lambda row: (row.urgency, row.due_at, row.id))


@cache
def _claim(*, bulk: bool) -> ReturningUpdate[Any]:
    """Build the claim once; both databases understand it."""
    now = bindparam("now", type_=Instant)
    wanted = col(Delivery.urgency) == Urgency.BULK if bulk else col(Delivery.urgency) < Urgency.BULK
    due = (
        select(Delivery.id)
        .where(
            col(Delivery.channel) == bindparam("on"),
            col(Delivery.state) == DeliveryState.QUEUED,
            wanted,
            col(Delivery.due_at) <= now,
            ~_somebody_before(now),
            ~_wants_peace(now),
        )
        .order_by(col(Delivery.urgency), col(Delivery.due_at), col(Delivery.id))
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=Delivery)
        .cte("due")
    )
    until = bindparam("until", type_=Instant)
    return (
        update(Delivery)
        .where(col(Delivery.id).in_(select(due.c.id)))
        .values(state=DeliveryState.SENDING, lease_until=until, attempts=Delivery.attempts + 1)
        .returning(*Delivery.__table__.columns)  # type: ignore[attr-defined]  # SQLModel hides the table
    )


def _somebody_before(now: BindParameter[datetime]) -> Exists:
    """Another delivery of the same person is under way, or stands before this one."""
    other = aliased(Delivery)
    mine = Delivery
    queued = and_(
        col(other.state) == DeliveryState.QUEUED,
        tuple_(col(other.urgency), col(other.id)) < tuple_(col(mine.urgency), col(mine.id)),
        or_(col(other.due_at) <= now, col(other.attempts) > 0),
    )
    return exists().where(
        col(other.channel) == col(mine.channel),
        col(other.user) == col(mine.user),
        col(other.id) != col(mine.id),
        or_(col(other.state) == DeliveryState.SENDING, queued),
    )


def _wants_peace(now: BindParameter[datetime]) -> Exists:
    return exists().where(
        col(Contact.channel) == col(Delivery.channel),
        col(Contact.user) == col(Delivery.user),
        col(Contact.free_at) > now,
    )


async def record_sent(db: AsyncSession, delivery: Delivery, ref: str, now: datetime) -> bool:
    """Note that the platform accepted it; False when the lease was lost meanwhile."""
    return await _record(db, delivery, state=DeliveryState.SENT, sent_at=now, channel_ref=ref, error=None)


async def record_later(db: AsyncSession, delivery: Delivery, why: str, due_at: datetime) -> bool:
    """Queue it again: it certainly has not arrived."""
    return await _record(db, delivery, state=DeliveryState.QUEUED, due_at=due_at, error=why)


async def record_failed(db: AsyncSession, delivery: Delivery, why: str) -> bool:
    """Note that the platform will never take it."""
    return await _record(db, delivery, state=DeliveryState.FAILED, error=why)


async def record_doubt(db: AsyncSession, delivery: Delivery, why: str, due_at: datetime) -> DeliveryState:
    """Note that it may have arrived: queue it once more if a copy hurts less than none."""
    again = delivery.purpose.repeatable and delivery.doubts < MAX_DOUBTS and delivery.template is None
    state = DeliveryState.QUEUED if again else DeliveryState.DOUBTFUL
    await _record(db, delivery, state=state, doubts=delivery.doubts + 1, due_at=due_at, error=why)
    return state


async def _record(db: AsyncSession, delivery: Delivery, **values: object) -> bool:
    result = await (await db.connection()).execute(
        update(Delivery)
        .where(
            col(Delivery.id) == delivery.id,
            col(Delivery.state) == DeliveryState.SENDING,
            col(Delivery.attempts) == delivery.attempts,
        )
        .values(lease_until=None, **values)
    )
    return result.rowcount == 1


async def release_expired(db: AsyncSession, now: datetime) -> int:
    """Decide about deliveries whose sender died; return how many.

    Replies and alerts are queued again, once, a few seconds later and one after another:
    whatever killed the sender may kill the next one too, and should not meet them all.
    Everything else is DOUBTFUL.
    """
    again = and_(col(Delivery.purpose).in_(_REPEATABLE), col(Delivery.doubts) < MAX_DOUBTS, _has_no_form())
    result = await (await db.connection()).execute(
        update(Delivery)
        .where(col(Delivery.state) == DeliveryState.SENDING, col(Delivery.lease_until) <= now)
        .values(
            state=case((again, DeliveryState.QUEUED), else_=DeliveryState.DOUBTFUL),
            due_at=case(*_one_after_another(now)),
            doubts=Delivery.doubts + 1,
            lease_until=None,
            error="sender died while sending",
        )
    )
    return result.rowcount


def _has_no_form() -> ColumnElement[bool]:
    """Tell rows without a form: nothing at all, or the word JSON has for it."""
    return func.coalesce(cast(col(Delivery.template), String), "null") == "null"


async def settle(db: AsyncSession, number: int, now: datetime, *, arrived: bool) -> bool:
    """Let a person decide about a doubtful delivery: it arrived, or it is sent again from the start.

    False when *number* is not in doubt.
    """
    again: dict[str, object] = {"state": DeliveryState.QUEUED, "due_at": now, "doubts": 0}
    values: dict[str, object] = {"state": DeliveryState.SENT, "sent_at": now} if arrived else again
    result = await (await db.connection()).execute(
        update(Delivery)
        .where(col(Delivery.id) == number, col(Delivery.state) == DeliveryState.DOUBTFUL)
        .values(lease_until=None, **values)
    )
    return result.rowcount == 1


def _one_after_another(now: datetime) -> list[tuple[ColumnElement[bool], datetime]]:
    return [(col(Delivery.id) % STEPS == place, now + REST + place * STEP) for place in range(STEPS)]


async def expire_all(db: AsyncSession, now: datetime) -> None:
    """End every lease now: right only when no other process serves (SQLite, at start)."""
    await (await db.connection()).execute(
        update(Delivery).where(col(Delivery.state) == DeliveryState.SENDING).values(lease_until=now)
    )


async def note_receipt(
    db: AsyncSession, channel: ChannelName, refs: Sequence[str], state: DeliveryState
) -> int:
    """Note that messages reached the phone or were read; never backwards. Return how many changed."""
    lower = [known for known, rank in _RANK.items() if rank < _RANK[state]]
    result = await (await db.connection()).execute(
        update(Delivery)
        .where(
            col(Delivery.channel) == channel,
            col(Delivery.channel_ref).in_(list(refs)),
            col(Delivery.state).in_(lower),
        )
        .values(state=state, lease_until=None)
    )
    return result.rowcount


async def move(db: AsyncSession, channel: ChannelName, old: str, new: str) -> None:
    """Send what waits for the address *old* to *new* instead (a group got another id)."""
    await (await db.connection()).execute(
        update(Delivery)
        .where(
            col(Delivery.channel) == channel,
            col(Delivery.user) == old,
            col(Delivery.state).in_([DeliveryState.QUEUED, DeliveryState.SENDING]),
        )
        .values(user=new)
    )


async def next_due(db: AsyncSession, channel: ChannelName, *, bulk: bool = True) -> datetime | None:
    """Return when the earliest queued delivery of *channel* may leave: due, and its person not left in peace.

    Without *bulk* letters and greetings do not count. It looks at the first few of each kind only.
    """
    kinds = [Urgency.NOW, Urgency.SOON] + [Urgency.BULK] * bulk
    found = [await _next_of(db, channel, urgency) for urgency in kinds]
    return min((moment for moment in found if moment is not None), default=None)


async def _next_of(db: AsyncSession, channel: ChannelName, urgency: Urgency) -> datetime | None:
    """Look at the front of one queue: twenty thousand may stand behind it, and those are not due sooner."""
    queued = (col(Delivery.channel) == channel, col(Delivery.state) == DeliveryState.QUEUED)
    first = (
        select(Delivery.channel, Delivery.user, Delivery.due_at)
        .where(*queued, col(Delivery.urgency) == urgency)
        .order_by(col(Delivery.due_at), col(Delivery.id))
        .limit(FRONT)
        .subquery()
    )
    rests = col(Contact.free_at) > first.c.due_at
    found = await db.exec(
        select(func.min(case((rests, col(Contact.free_at)), else_=first.c.due_at)))
        .select_from(first)
        .outerjoin(Contact, and_(col(Contact.channel) == first.c.channel, col(Contact.user) == first.c.user))
    )
    earliest: datetime | None = found.one()
    return earliest


def named(prefix: str) -> ColumnElement[bool]:
    """Return what picks deliveries whose key begins with *prefix*, by the index of keys.

    Small letters and digits follow a prefix. The range alone would not be exact where a database
    sorts as people do, the comparison of beginnings alone would walk the whole table.
    """
    key = col(Delivery.key)
    return and_(key >= prefix, key < f"{prefix}zzz", key.startswith(prefix, autoescape=True))


async def counts(db: AsyncSession) -> dict[tuple[ChannelName, DeliveryState], int]:
    """Return how many deliveries are in which state, for the health page."""
    rows = await db.exec(
        select(Delivery.channel, Delivery.state, func.count()).group_by(
            col(Delivery.channel), col(Delivery.state)
        )
    )
    return {(ChannelName(channel), DeliveryState(state)): number for channel, state, number in rows.all()}


async def oldest_due(db: AsyncSession, now: datetime) -> datetime | None:
    """Return since when the longest waiting delivery has been due, if any is."""
    found = await db.exec(
        select(func.min(Delivery.due_at)).where(
            col(Delivery.state) == DeliveryState.QUEUED, col(Delivery.due_at) <= now
        )
    )
    return found.one()
