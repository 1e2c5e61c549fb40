"""The gate: even slots for all instances together, a third kept for the urgent, closed for all at once."""

from datetime import datetime, timedelta

from records import gate
from records.database import Database
from records.tables import ChannelName
from tests.conftest import FRIDAY

TELEGRAM = ChannelName.TELEGRAM
RATE = 30.0


async def admit(
    database: Database, now: datetime, *, bulk: bool = False, limit: int = 10
) -> tuple[datetime, ...]:
    async with database.writing() as db:
        room = await gate.look(db, TELEGRAM, RATE, now, limit=limit)
        used = min(room.bulk, len(room.slots)) if bulk else len(room.slots)
        await gate.take(db, TELEGRAM, RATE, room, used=used, bulk=used if bulk else 0)
    return room.slots[:used]


def worst_second(slots: list[datetime]) -> int:
    second = timedelta(seconds=1)
    return max(sum(1 for other in slots if start <= other < start + second) for start in slots)


async def leave_for(database: Database, seconds: float, *, bulk: bool = False) -> list[datetime]:
    """Ask every ten milliseconds, as impatient senders would, and collect the slots given."""
    slots: list[datetime] = []
    for step in range(int(seconds * 100)):
        slots += await admit(database, FRIDAY + timedelta(milliseconds=10 * step), bulk=bulk)
    return slots


async def test_no_second_holds_more_than_the_platform_allows(database):
    slots = await leave_for(database, 3)
    assert worst_second(slots) <= RATE
    assert len(slots) >= 3 * RATE * 0.95


async def test_letters_leave_a_third_of_the_road_free(database):
    slots = await leave_for(database, 3, bulk=True)
    assert worst_second(slots) <= RATE * 2 / 3 + 1
    assert len(slots) >= 3 * RATE * 2 / 3 * 0.9


async def test_after_a_rest_nobody_catches_up_with_a_burst(database):
    await admit(database, FRIDAY)
    after = await admit(database, FRIDAY + timedelta(minutes=5), limit=100)
    assert len(after) <= 3


async def test_a_closed_gate_lets_nothing_out_and_a_later_end_stays(database):
    async with database.writing() as db:
        await gate.close(db, TELEGRAM, FRIDAY + timedelta(seconds=30), "429")
        await gate.close(db, TELEGRAM, FRIDAY + timedelta(seconds=5), "429")
    assert await admit(database, FRIDAY + timedelta(seconds=20)) == ()
    assert await admit(database, FRIDAY + timedelta(seconds=31)) != ()
