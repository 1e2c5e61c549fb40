"""The gate: even slots for all instances together, the whole road for one who is alone, closed for all at once."""

from datetime import datetime, timedelta

from records import gate
from records.database import Database
from records.tables import ChannelName
from tests.conftest import FRIDAY

TELEGRAM = ChannelName.TELEGRAM
RATE = 30.0


async def admit(database: Database, now: datetime, *, limit: int = 10) -> tuple[datetime, ...]:
    async with database.writing() as db:
        room = await gate.look(db, TELEGRAM, RATE, now, limit=limit)
        if room.slots:
            await gate.take(db, TELEGRAM, room, used=len(room.slots))
    return room.slots


def worst_second(slots: list[datetime]) -> int:
    second = timedelta(seconds=1)
    return max(sum(1 for other in slots if start <= other < start + second) for start in slots)


async def leave_for(database: Database, seconds: float) -> list[datetime]:
    """Ask every ten milliseconds, as impatient senders would, and collect the slots given."""
    slots: list[datetime] = []
    for step in range(int(seconds * 100)):
        slots += await admit(database, FRIDAY + timedelta(milliseconds=10 * step))
    return slots


async def test_no_second_holds_more_than_the_platform_allows(database):
    slots = await leave_for(database, 3)
    assert worst_second(slots) <= RATE
    assert len(slots) >= 3 * RATE * 0.95


async def test_letters_held_back_leave_the_road_to_the_urgent(database):
    async with database.writing() as db:
        assert (await gate.look(db, TELEGRAM, RATE, FRIDAY, limit=10)).bulk
        await gate.hold_bulk(db, TELEGRAM, FRIDAY + timedelta(hours=1))
        await gate.hold_bulk(db, TELEGRAM, FRIDAY + timedelta(minutes=1))
        held = await gate.look(db, TELEGRAM, RATE, FRIDAY + timedelta(minutes=59), limit=10)
        assert (held.bulk, held.slots != ()) == (False, True)
        assert (await gate.look(db, TELEGRAM, RATE, FRIDAY + timedelta(hours=1), limit=10)).bulk


async def test_whoever_is_alone_gets_the_whole_rate_and_what_it_just_missed(database):
    slots: list[datetime] = []
    for step in range(0, 3000, 70):  # busy with something else in between
        now = FRIDAY + timedelta(milliseconds=step)
        async with database.writing() as db:
            room = gate.room_at(await gate.locked(db, TELEGRAM), RATE, now, limit=10, alone=True)
            if room.slots:
                await gate.take(db, TELEGRAM, room, used=len(room.slots))
        slots += room.slots
    assert worst_second(slots) <= RATE
    assert len(slots) >= 3 * RATE - 1


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
