"""The first door: nothing is lost, nothing counts twice, and each person is heard in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest

from records import inbox, schema
from records.database import Database
from records.inbox import Inbox, Kept
from records.tables import ChannelName
from tests.conftest import FRIDAY

ZALO = ChannelName.ZALO


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Inbox]:
    box = Inbox(database, lambda: FRIDAY)
    task = asyncio.create_task(box.run())
    yield box
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def said(number: int, user: str = "lan", body: str = "{}") -> Kept:
    return Kept(key=f"zalo:{number}", channel=ZALO, user=user, body=body)


async def test_a_thousand_messages_at_once_are_all_kept(door, database):
    await asyncio.gather(*(door.accept([said(n, user=f"u{n}")]) for n in range(1000)))

    async with database.reading() as db:
        assert await inbox.waiting(db) == 1000


async def test_a_repeated_message_is_kept_once(door, database):
    await asyncio.gather(*(door.accept([said(n % 10)]) for n in range(100)))
    await door.accept([said(3, body='{"other": "words"}')])

    async with database.reading() as db:
        assert await inbox.waiting(db) == 10


async def test_only_the_oldest_message_of_each_person_is_handed_out(door, database):
    await door.accept([said(1, "lan"), said(2, "lan"), said(3, "minh")])

    async with database.writing() as db:
        first = await inbox.next_for(db, FRIDAY, 10)
    async with database.writing() as db:
        meanwhile = await inbox.next_for(db, FRIDAY, 10)
    assert [row.key for row in first] == ["zalo:1", "zalo:3"]
    assert meanwhile == []

    async with database.writing() as db:
        assert await inbox.done(db, first[0].id or 0, FRIDAY, "answered")
        assert [row.key for row in await inbox.next_for(db, FRIDAY, 10)] == ["zalo:2"]


async def test_a_message_is_done_once_and_its_words_are_forgotten(door, database):
    await door.accept([said(1, body="chuyện riêng")])
    async with database.writing() as db:
        (row,) = await inbox.next_for(db, FRIDAY, 10)
        assert row.body == "chuyện riêng"
        assert await inbox.done(db, row.id or 0, FRIDAY, "answered")
        assert not await inbox.done(db, row.id or 0, FRIDAY, "answered")
    async with database.reading() as db:
        connection = await db.connection()
        kept = (await connection.exec_driver_sql("SELECT body, outcome FROM received")).one()
    assert tuple(kept) == (None, "answered")


async def test_what_a_dead_process_was_answering_comes_back(door, database):
    await door.accept([said(1)])
    async with database.writing() as db:
        assert await inbox.next_for(db, FRIDAY, 10)
    later = FRIDAY + inbox.LEASE + timedelta(seconds=1)
    async with database.writing() as db:
        assert [row.key for row in await inbox.next_for(db, later, 10)] == ["zalo:1"]


async def test_an_open_transaction_rolled_back_leaves_the_message_waiting(door, database):
    await door.accept([said(1)])
    async with database.writing() as db:
        (row,) = await inbox.next_for(db, FRIDAY, 10)
    with pytest.raises(RuntimeError):
        async with database.writing() as db:
            await inbox.done(db, row.id or 0, FRIDAY, "answered")
            raise RuntimeError
    async with database.reading() as db:
        assert await inbox.waiting(db) == 1


async def test_a_database_that_is_away_is_told_to_every_waiting_webhook(tmp_path):
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")  # no tables: every insert fails
    box = Inbox(nowhere, lambda: FRIDAY)
    task = asyncio.create_task(box.run())
    results = await asyncio.gather(*(box.accept([said(n)]) for n in range(5)), return_exceptions=True)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await nowhere.close()
    assert all(isinstance(result, Exception) for result in results)


async def test_a_platform_is_not_kept_waiting_longer_than_it_waits(sqlite_url):
    slow = Database(sqlite_url)
    await schema.upgrade(slow)
    box = Inbox(slow, lambda: FRIDAY)
    task = asyncio.create_task(box.run())
    async with slow.writing():  # somebody holds the pen
        with pytest.raises(TimeoutError):
            await box.accept([said(1)])
    await box.accept([said(1)])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await slow.close()
