"""Short writing on SQLite waits for another process without stopping everybody else in ours."""

import asyncio
import sqlite3
from pathlib import Path

from records import schema
from records.counters import count, last
from records.database import Database


async def test_a_command_of_the_operator_that_writes_is_waited_for_and_nobody_stands_still(tmp_path: Path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/ward.db")
    await schema.upgrade(database)
    other = sqlite3.connect(tmp_path / "ward.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    async def write() -> None:
        async with database.writing() as db:
            await count(db, "numbers")

    heart, writing = asyncio.create_task(beat()), asyncio.create_task(write())
    await asyncio.sleep(0.3)
    assert not writing.done()
    other.execute("COMMIT")
    await asyncio.wait_for(writing, 5)
    heart.cancel()
    async with database.reading() as db:
        assert await last(db, "numbers") == 1
    other.close()
    await database.close()
    assert beats >= 10


async def test_numbers_have_no_gaps_when_many_ask_and_some_fail(database):
    async def take(number: int) -> None:
        async with database.writing() as db:
            await count(db, "numbers")
            if number % 3 == 0:
                raise RuntimeError

    await asyncio.gather(*(take(n) for n in range(60)), return_exceptions=True)
    async with database.reading() as db:
        assert await last(db, "numbers") == 40
