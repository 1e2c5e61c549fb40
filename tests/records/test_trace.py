"""The sealed history: whatever is done to it behind our back is found, and where; on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from records import schema, trace
from records.database import Database
from records.tables import Trace
from tests.conftest import FRIDAY

KEY = b"khoa-cua-nhat-ky"
LINES = 5


@pytest.fixture
async def history(database_url):
    """A database with a history of five lines."""
    opened = Database(database_url, audit_key=KEY)
    await schema.upgrade(opened)
    for number in range(1, LINES + 1):
        await leave(opened, number)
    yield opened
    await opened.close()


async def leave(database: Database, number: int) -> None:
    async with database.writing() as db:
        detail = {"version": number, "state": "assigned"}
        await trace.leave(
            db, who=f"staff:{number}", what="feedback.claimed", on="PA26-0001-7", detail=detail, now=FRIDAY
        )


async def behind_our_back(database: Database, *sentences: str) -> None:
    async with database.engine.begin() as connection:
        for sentence in sentences:
            await connection.execute(text(sentence))


async def verdict(database: Database) -> trace.Verdict:
    async with database.writing() as db:
        return await trace.verify(db)


async def found(database: Database) -> tuple[int | None, str]:
    told = await verdict(database)
    assert not told.whole
    return told.broken_at, told.why


async def test_a_history_nobody_touched_is_whole(history):
    told = await verdict(history)
    assert (told.whole, told.sealed, told.older, told.broken_at) == (True, LINES, 0, None)


async def test_a_history_without_a_line_is_whole(database):
    assert (await verdict(database)).sealed == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("who", "staff:9"),
        ("what", "feedback.closed"),
        ("object", "PA26-0002-5"),
        ("detail", {"version": 4}),
        ("at", FRIDAY + timedelta(hours=1)),
        ("mac", "f" * 64),
    ],
)
async def test_a_changed_line_is_found(history, column, value):
    async with history.writing() as db:
        line = (await db.exec(select(Trace).where(col(Trace.seq) == 3))).one()
        setattr(line, column, value)
        db.add(line)
    assert await found(history) == (3, "changed")


async def test_a_line_deleted_in_the_middle_is_found(history):
    await behind_our_back(history, "DELETE FROM trace WHERE seq = 2")
    assert await found(history) == (2, "missing")


async def test_closing_the_gap_with_new_numbers_does_not_help(history):
    await behind_our_back(
        history,
        "DELETE FROM trace WHERE seq = 2",
        "UPDATE trace SET seq = seq - 1 WHERE seq = 3",
        "UPDATE trace SET seq = seq - 1 WHERE seq = 4",
        "UPDATE trace SET seq = seq - 1 WHERE seq = 5",
        "UPDATE counter SET last = 4 WHERE series = 'trace'",
    )
    assert await found(history) == (2, "changed")


async def test_the_last_line_deleted_is_found(history):
    await behind_our_back(history, f"DELETE FROM trace WHERE seq = {LINES}")
    assert await found(history) == (LINES, "missing")


async def test_everything_deleted_is_found(history):
    await behind_our_back(history, "DELETE FROM trace")
    assert await found(history) == (1, "missing")


COPY = "INSERT INTO trace (seq, mac, who, what, object, detail, at) SELECT {seq}, mac, who, what, object, detail, at"


async def test_a_line_inserted_at_the_end_is_found(history):
    await behind_our_back(history, f"{COPY.format(seq=LINES + 1)} FROM trace WHERE seq = {LINES}")
    assert await found(history) == (LINES + 1, "changed")


async def test_a_line_inserted_in_the_middle_is_found(history):
    moves = [f"UPDATE trace SET seq = {number + 1} WHERE seq = {number}" for number in (5, 4, 3)]
    await behind_our_back(
        history,
        *moves,
        f"{COPY.format(seq=3)} FROM trace WHERE seq = 2",
        "UPDATE counter SET last = 6 WHERE series = 'trace'",
    )
    assert await found(history) == (3, "changed")


async def test_two_lines_that_changed_places_are_found(history):
    await behind_our_back(
        history,
        "UPDATE trace SET seq = 99 WHERE seq = 2",
        "UPDATE trace SET seq = 2 WHERE seq = 4",
        "UPDATE trace SET seq = 4 WHERE seq = 99",
    )
    assert await found(history) == (2, "changed")


@pytest.mark.usefixtures("history")
async def test_another_key_fits_no_line(database_url):
    stranger = Database(database_url, audit_key=b"khoa-khac")
    try:
        assert await found(stranger) == (1, "changed")
    finally:
        await stranger.close()


async def test_a_line_a_stranger_added_with_their_own_key_is_found(history, database_url):
    stranger = Database(database_url, audit_key=b"khoa-khac")
    try:
        await leave(stranger, 6)
    finally:
        await stranger.close()
    assert await found(history) == (6, "changed")


async def test_many_at_once_leave_one_chain_without_a_gap(history):
    await asyncio.gather(*(leave(history, number) for number in range(6, 26)))
    told = await verdict(history)
    assert (told.whole, told.sealed) == (True, 25)


async def test_a_step_that_is_taken_back_leaves_no_line_and_no_gap(history):
    with pytest.raises(ZeroDivisionError):
        async with history.writing() as db:
            await trace.leave(db, who="a", what="b", on="c", detail={}, now=FRIDAY)
            raise ZeroDivisionError
    await leave(history, 6)
    assert (await verdict(history)).sealed == LINES + 1


async def test_lines_from_before_the_seals_are_counted_apart(database):
    async with database.writing() as db:
        db.add(Trace(who="staff:1", what="name", object="old", at=FRIDAY))
        await db.flush()
        await trace.leave(db, who="staff:1", what="name", on="new", detail={}, now=FRIDAY)
    told = await verdict(database)
    assert (told.whole, told.older, told.sealed) == (True, 1, 1)


async def test_a_line_without_a_seal_among_sealed_ones_is_found(history):
    await behind_our_back(history, f"{COPY.format(seq='NULL')} FROM trace WHERE seq = 1")
    told = await verdict(history)
    assert (told.whole, told.why) == (False, "inserted")


async def test_no_seal_repeats(history):
    async with history.reading() as db:
        seals = (await db.exec(select(Trace.mac))).all()
    assert len(set(seals)) == LINES
    assert {len(seal) for seal in seals} == {64}
