"""How fast a channel may send, for all processes together, because the gate is a row.

Time is cut into even slots, a little wider than the platform's rate asks, so that no trailing
second ever holds more than the rate. A process that knows itself `alone` on the road, and keeps
the rate by what it remembers (`bot.pace`), gets slots without that margin, and those it missed.
Letters and greetings take what the urgent leave: slots are given out a moment ahead at most, so
nobody urgent ever waits behind more than one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.dialect import insert_new
from records.tables import ChannelName, Gate

MARGIN = 1.06  # slots this much wider than the rate asks: a send may leave `LATE` after its slot
GRAIN = 1.001  # a clock of microseconds rounds down
LATE = timedelta(milliseconds=40)  # whoever misses a slot by more asks for another one
HORIZON = timedelta(milliseconds=60)  # how far ahead slots are given out
CATCH_UP = timedelta(milliseconds=150)  # how old a missed slot may be that is still used by one who is alone
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Room:
    """What may leave now: moments for messages, for bulk ones too or not. `next_at` is the slot after them."""

    slots: tuple[datetime, ...] = ()
    bulk: bool = False
    step: timedelta = timedelta(0)
    next_at: datetime = _LONG_AGO
    closed_until: datetime | None = None


async def look(
    db: AsyncSession, channel: ChannelName, per_second: float, now: datetime, *, limit: int
) -> Room:
    """Lock the gate and say what may leave within the next moments, *limit* at most."""
    return room_at(await locked(db, channel), per_second, now, limit=limit)


def room_at(gate: Gate, per_second: float, now: datetime, *, limit: int, alone: bool = False) -> Room:
    """Say what may leave: slots of the next moments; to one who is *alone* those of now and just missed."""
    if gate.closed_until is not None and gate.closed_until > now:
        return Room(closed_until=gate.closed_until)
    step = timedelta(seconds=(GRAIN if alone else MARGIN) / per_second)
    first = max(gate.next_at, now - CATCH_UP if alone else now)
    end = now if alone else now + HORIZON
    slots = tuple(first + step * number for number in range(limit) if first + step * number <= end)
    return Room(slots=slots, bulk=gate.next_bulk_at <= now, step=step, next_at=first)


async def take(
    db: AsyncSession, channel: ChannelName, room: Room, *, used: int, not_before: datetime | None = None
) -> datetime:
    """Use up the first *used* slots of *room*, the next one *not_before*; return when that is."""
    next_at = max(room.slots[used - 1] + room.step, not_before or _LONG_AGO)
    await _set(db, channel, next_at=next_at)
    return next_at


async def close(db: AsyncSession, channel: ChannelName, until: datetime, why: str) -> None:
    """Let nothing out before *until*; a later end that is already set stays."""
    gate = await locked(db, channel)
    if gate.closed_until is None or gate.closed_until < until:
        await _set(db, channel, closed_until=until, why=why)
    await _set(db, channel, troubles=Gate.troubles + 1)


async def hold_bulk(db: AsyncSession, channel: ChannelName, until: datetime) -> None:
    """Let no letter and no greeting out before *until*; replies go on. A later end stays."""
    gate = await locked(db, channel)
    if gate.next_bulk_at < until:
        await _set(db, channel, next_bulk_at=until)


async def went_well(db: AsyncSession, channel: ChannelName) -> None:
    """Forget earlier troubles after a success."""
    await (await db.connection()).execute(
        update(Gate).where(col(Gate.channel) == channel, col(Gate.troubles) > 0).values(troubles=0, why=None)
    )


async def troubles(db: AsyncSession, channel: ChannelName) -> int:
    """Return how many troubles in a row the channel had."""
    found = await db.exec(select(Gate.troubles).where(col(Gate.channel) == channel))
    return found.first() or 0


async def all_gates(db: AsyncSession) -> list[Gate]:
    """Return every gate, for the health page."""
    return list((await db.exec(select(Gate))).all())


async def locked(db: AsyncSession, channel: ChannelName) -> Gate:
    """Return the gate of *channel*, locked until the transaction ends."""
    found = (await db.exec(select(Gate).where(col(Gate.channel) == channel).with_for_update())).first()
    if found is not None:
        return found
    fresh = {"channel": channel, "next_at": _LONG_AGO, "next_bulk_at": _LONG_AGO, "troubles": 0}
    await insert_new(db, Gate, fresh)
    return (await db.exec(select(Gate).where(col(Gate.channel) == channel).with_for_update())).one()


async def _set(db: AsyncSession, channel: ChannelName, **values: object) -> None:
    await (await db.connection()).execute(update(Gate).where(col(Gate.channel) == channel).values(**values))
