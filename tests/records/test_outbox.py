"""The second door: once per key, the urgent first, nobody twice at a time, and doubts decided."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select

from records import outbox
from records.database import Database
from records.tables import Address, ChannelName, Delivery, DeliveryState, Purpose
from tests.conftest import FRIDAY

LAN = Address(ChannelName.TELEGRAM, "81")
MINH = Address(ChannelName.TELEGRAM, "82")
LATER = FRIDAY + outbox.LEASE + timedelta(seconds=1)
RESTED = LATER + outbox.REST + outbox.STEP * outbox.STEPS


async def put(
    database: Database, key: str, to: Address = LAN, purpose: Purpose = Purpose.REPLY, **more
) -> bool:
    async with database.writing() as db:
        return await outbox.put(db, key=key, to=to, purpose=purpose, text="…", now=FRIDAY, **more)


async def claim(database: Database, now=FRIDAY, limit: int = 10, *, bulk: bool = False) -> list[Delivery]:
    async with database.writing() as db:
        return await outbox.claim(db, ChannelName.TELEGRAM, now, limit, bulk=bulk)


async def state_of(database: Database, key: str) -> DeliveryState:
    async with database.reading() as db:
        found = await db.exec(select(Delivery.state).where(col(Delivery.key) == key))
        return DeliveryState(found.one())


async def test_the_same_key_is_queued_once(database):
    assert await put(database, "reply:1")
    assert not await put(database, "reply:1")
    assert len(await claim(database)) == 1


async def test_replies_leave_before_letters_and_one_person_gets_one_at_a_time(database):
    await put(database, "letter:1", MINH, Purpose.LETTER)
    await put(database, "reply:1", LAN)
    await put(database, "reply:2", LAN)
    await put(database, "reply:3", MINH)

    assert [row.key for row in await claim(database)] == ["reply:1", "reply:3"]
    assert await claim(database, bulk=True) == []  # Minh's reply is under way


async def test_a_later_reply_waits_for_one_that_is_tried_again(database):
    await put(database, "reply:1")
    (first,) = await claim(database)
    async with database.writing() as db:
        await outbox.record_later(db, first, "down", FRIDAY + timedelta(seconds=30))
    await put(database, "reply:2")

    assert await claim(database) == []
    assert [row.key for row in await claim(database, FRIDAY + timedelta(seconds=31))] == ["reply:1"]


async def test_two_senders_never_claim_the_same_delivery(database):
    for number in range(60):
        await put(database, f"reply:{number}", Address(ChannelName.TELEGRAM, str(number)))
    hands = await asyncio.gather(*(claim(database, limit=20) for _ in range(6)))
    keys = [row.key for rows in hands for row in rows]
    assert len(keys) == len(set(keys)) == 60


@pytest.mark.parametrize(
    ("purpose", "first", "second"),
    [
        (Purpose.REPLY, DeliveryState.QUEUED, DeliveryState.DOUBTFUL),
        (Purpose.ALERT, DeliveryState.QUEUED, DeliveryState.DOUBTFUL),
        (Purpose.LETTER, DeliveryState.DOUBTFUL, None),
        (Purpose.GREETING, DeliveryState.DOUBTFUL, None),
    ],
)
async def test_after_a_sender_died_replies_are_repeated_once_and_letters_never(
    database, purpose, first, second
):
    bulk = not purpose.repeatable
    await put(database, "it", purpose=purpose)
    assert await claim(database, bulk=bulk)
    async with database.writing() as db:
        assert await outbox.release_expired(db, LATER) == 1
    assert await state_of(database, "it") is first

    assert await claim(database, LATER, bulk=bulk) == []  # not at once: it may meet the same trouble
    if second is None:
        assert await claim(database, RESTED, bulk=bulk) == []
        return
    assert await claim(database, RESTED)
    async with database.writing() as db:
        await outbox.release_expired(db, RESTED + outbox.LEASE + timedelta(seconds=1))
    assert await state_of(database, "it") is second


async def test_a_sender_that_lost_its_lease_cannot_change_the_record(database):
    await put(database, "reply:1")
    (slow,) = await claim(database)
    async with database.writing() as db:
        await outbox.release_expired(db, LATER)
    (again,) = await claim(database, RESTED)
    async with database.writing() as db:
        assert not await outbox.record_failed(db, slow, "late news")
        assert await outbox.record_sent(db, again, "ref", RESTED)
    assert await state_of(database, "reply:1") is DeliveryState.SENT


async def test_receipts_never_go_backwards(database):
    await put(database, "reply:1")
    (row,) = await claim(database)
    async with database.writing() as db:
        await outbox.record_sent(db, row, "ref-1", FRIDAY)
    for news, expected in (
        (DeliveryState.SEEN, DeliveryState.SEEN),
        (DeliveryState.DELIVERED, DeliveryState.SEEN),
    ):
        async with database.writing() as db:
            await outbox.note_receipt(db, ChannelName.TELEGRAM, ["ref-1"], news)
        assert await state_of(database, "reply:1") is expected


async def test_an_answer_that_waits_can_still_be_rewritten_but_not_one_that_left(database):
    due = FRIDAY + timedelta(seconds=2)
    await put(database, "photos", due_at=due)
    async with database.writing() as db:
        assert await outbox.rewrite(db, "photos", "đã nhận 2 ảnh", due)
    (row,) = await claim(database, due)
    assert row.text == "đã nhận 2 ảnh"
    async with database.writing() as db:
        assert not await outbox.rewrite(db, "photos", "đã nhận 3 ảnh", due)


async def test_a_group_that_moved_takes_its_waiting_words_along(database):
    await put(database, "reply:1")
    async with database.writing() as db:
        await outbox.move(db, ChannelName.TELEGRAM, "81", "-1001")
    assert [row.user for row in await claim(database)] == ["-1001"]


async def test_a_person_settles_a_doubt_once(database):
    for key in ("arrived", "again"):
        await put(database, key, Address(ChannelName.TELEGRAM, key), Purpose.LETTER)
    rows = {row.key: row.id or 0 for row in await claim(database, bulk=True)}
    async with database.writing() as db:
        await outbox.release_expired(db, LATER)
        assert await outbox.settle(db, rows["arrived"], LATER, arrived=True)
        assert await outbox.settle(db, rows["again"], LATER, arrived=False)
        assert not await outbox.settle(db, rows["again"], LATER, arrived=True)
    assert await state_of(database, "arrived") is DeliveryState.SENT
    assert [row.key for row in await claim(database, LATER, bulk=True)] == ["again"]
