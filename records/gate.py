"""How fast a channel may send, for all processes together, because the gate is a row.

Time is cut into even slots, a little wider than the platform's rate asks, so that no
trailing second ever holds more than the rate. Letters and greetings get every second slot
out of three at most: the last third is kept for replies and alerts.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.dialect import insert_new
from records.tables import ChannelName, Gate

MARGIN = 1.06  # slots this much wider than the rate asks: a send may leave `LATE` after its slot
LATE = timedelta(milliseconds=40)  # whoever misses a slot by more asks for another one
BULK_SHARE = 1.5  # slots a bulk message takes: two thirds of the road at most
HORIZON = timedelta(milliseconds=60)  # how far ahead slots are given out
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Room:
    """What may leave now: moments for *slots* messages, at most *bulk* of them bulk."""

    slots: tuple[datetime, ...] = ()
    bulk: int = 0
    bulk_from: datetime = _LONG_AGO
    closed_until: datetime | None = None


async def look(
    db: AsyncSession, channel: ChannelName, per_second: float, now: datetime, *, limit: int
) -> Room:
    """Lock the gate and say what may leave within the next moments, *limit* at most."""
    gate = await _locked(db, channel)
    if gate.closed_until is not None and gate.closed_until > now:
        return Room(closed_until=gate.closed_until)
    step = _step(per_second)
    first = max(gate.next_at, now)
    slots = [first + step * number for number in range(limit) if first + step * number <= now + HORIZON]
    bulk_from = max(gate.next_bulk_at, now)
    bulk = (now + HORIZON - bulk_from) // (step * BULK_SHARE) + 1
    return Room(slots=tuple(slots), bulk=max(0, min(bulk, len(slots))), bulk_from=bulk_from)


async def take(
    db: AsyncSession, channel: ChannelName, per_second: float, room: Room, *, used: int, bulk: int
) -> None:
    """Use up the first *used* slots of *room*, *bulk* of them for bulk messages."""
    if not used:
        return
    step = _step(per_second)
    values: dict[str, datetime] = {"next_at": room.slots[used - 1] + step}
    if bulk:
        values["next_bulk_at"] = room.bulk_from + step * BULK_SHARE * bulk
    await (await db.connection()).execute(update(Gate).where(col(Gate.channel) == channel).values(**values))


async def close(db: AsyncSession, channel: ChannelName, until: datetime, why: str) -> None:
    """Let nothing out before *until*; a later end that is already set stays."""
    gate = await _locked(db, channel)
    if gate.closed_until is None or gate.closed_until < until:
        await _set(db, channel, closed_until=until, why=why)
    await _set(db, channel, troubles=Gate.troubles + 1)


async def hold_bulk(db: AsyncSession, channel: ChannelName, until: datetime) -> None:
    """Let no letter and no greeting out before *until*; replies go on. A later end stays."""
    gate = await _locked(db, channel)
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


async def _locked(db: AsyncSession, channel: ChannelName) -> Gate:
    found = (await db.exec(select(Gate).where(col(Gate.channel) == channel).with_for_update())).first()
    if found is not None:
        return found
    fresh = {"channel": channel, "next_at": _LONG_AGO, "next_bulk_at": _LONG_AGO, "troubles": 0}
    await insert_new(db, Gate, fresh)
    return (await db.exec(select(Gate).where(col(Gate.channel) == channel).with_for_update())).one()


async def _set(db: AsyncSession, channel: ChannelName, **values: object) -> None:
    await (await db.connection()).execute(update(Gate).where(col(Gate.channel) == channel).values(**values))


def _step(per_second: float) -> timedelta:
    return timedelta(seconds=MARGIN / per_second)
