"""What grows old goes, class by class; the file itself holds nothing of it afterwards."""

import random
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from records import handovers, outbox, people, retention, rights
from records.cases import Erasure, RequestKind, RestrictedMessage, RestrictedSender
from records.database import SCRUB, Database
from records.tables import Address, ChannelName, Conversation, Delivery, DeliveryState, Purpose, Received
from tests.conftest import FRIDAY

LAN = Address(ChannelName.WEB, "lan")
DAYS = {
    "delivery_days": 90,
    "handover_days": 365,
    "key_days": 30,
    "restricted_days": 1825,
    "conversation_days": 180,
    "request_days": 1825,
}
OLD = "loi cu kim quat"


async def everything(database: Database, table):
    async with database.reading() as db:
        return list((await db.exec(select(table))).all())


async def fill(database: Database) -> None:
    """One row of every class, all of the same Friday."""
    async with database.writing() as db:
        await outbox.put(db, key="reply:1", to=LAN, purpose=Purpose.REPLY, text=OLD, now=FRIDAY)
        (sent,) = await outbox.claim(db, LAN.channel, FRIDAY, 5)
        await outbox.record_sent(db, sent, "ref", FRIDAY)
        await handovers.leave(db, LAN, topic="", question=OLD, photos=["r"], now=FRIDAY, answer_by=FRIDAY)
        await handovers.answer(db, 1, "trả lời", "B", FRIDAY)
        await people.remember(db, LAN, "", {"draft": {"text": OLD}}, FRIDAY)
        db.add(Received(key="k", channel=LAN.channel, user=LAN.user, received_at=FRIDAY, handled_at=FRIDAY))
        db.add(RestrictedMessage(code="KIN-1", text=OLD, taken_at=FRIDAY, due_at=FRIDAY, answered_at=FRIDAY))
        db.add(RestrictedMessage(code="KIN-2", text=OLD, taken_at=FRIDAY, due_at=FRIDAY))
        await db.flush()
        for number in (1, 2):
            db.add(RestrictedSender(message_id=number, channel=LAN.channel, user=LAN.user))
        await rights.ask(db, LAN, RequestKind.ACCESS, now=FRIDAY, due_at=FRIDAY, done="xong")
        await rights.ask(db, LAN, RequestKind.CORRECT, now=FRIDAY, due_at=FRIDAY, detail=OLD)


@pytest.mark.parametrize(
    ("days", "gone"),
    [
        (29, set()),
        (31, {"keys"}),
        (91, {"keys", "texts"}),
        (181, {"keys", "texts", "conversations"}),
        (366, {"keys", "texts", "conversations", "questions"}),
        (1826, {"keys", "texts", "conversations", "questions", "restricted", "senders", "requests"}),
    ],
)
async def test_every_class_has_its_own_time(database, days, gone):
    await fill(database)
    async with database.writing() as db:
        done = await retention.forget_old(db, FRIDAY + timedelta(days=days), **DAYS)
        assert bool(db.info.get(SCRUB)) is bool(gone)
    assert {name for name, count in done.items() if count} == gone
    lines = await everything(database, Erasure)
    assert {line.what for line in lines} == gone
    assert all(line.reason.startswith("hết thời hạn lưu ") for line in lines)
    assert OLD not in str([line.model_dump() for line in lines])


async def test_what_still_waits_never_grows_old(database):
    await fill(database)
    async with database.writing() as db:
        await outbox.put(db, key="reply:2", to=LAN, purpose=Purpose.REPLY, text="chờ", now=FRIDAY)
        await retention.forget_old(db, FRIDAY + timedelta(days=9999), **DAYS)
    texts = {row.key: row.text for row in await everything(database, Delivery)}
    assert (texts["reply:1"], texts["reply:2"]) == (None, "chờ")
    assert {row.code: row.text for row in await everything(database, RestrictedMessage)} == {
        "KIN-1": None,
        "KIN-2": OLD,
    }
    async with database.reading() as db:
        assert [row.detail for row in await rights.waiting(db)] == [OLD]


async def test_a_class_without_days_stays_and_days_of_other_houses_are_passed_over(database):
    await fill(database)
    async with database.writing() as db:
        done = await retention.forget_old(db, FRIDAY + timedelta(days=9999), key_days=30, case_days=1)
    assert set(done) == {"keys", "runs", "watches", "claims"}
    assert len(await everything(database, Conversation)) == 1


async def test_a_person_who_leaves_the_platform_is_forgotten_too(database):
    await fill(database)
    async with database.writing() as db:
        await outbox.put(db, key="reply:2", to=LAN, purpose=Purpose.REPLY, text="chờ", now=FRIDAY)
        await retention.forget_person(db, LAN, FRIDAY)
    rows = {row.key: row for row in await everything(database, Delivery)}
    assert all(row.text is None for row in rows.values())
    assert rows["reply:2"].state is DeliveryState.WITHHELD
    assert rows["reply:1"].state is DeliveryState.SENT
    assert await everything(database, Conversation) == []


# --- the file -----------------------------------------------------------------------------------


def on_disk(folder, mark: bytes) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if mark in path.read_bytes())


@pytest.fixture
async def sqlite(sqlite_url):
    opened = Database(sqlite_url)
    async with opened.engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE said (id INTEGER PRIMARY KEY, words TEXT)")
    yield opened
    await opened.close()


async def say(database: Database, *words: str) -> None:
    async with database.writing() as db:
        connection = await db.connection()
        for one in words:
            await connection.exec_driver_sql("INSERT INTO said (words) VALUES (?)", (one,))


async def unsay(database: Database, *, scrub: bool) -> None:
    async with database.writing() as db:
        await (await db.connection()).exec_driver_sql("DELETE FROM said")
        if scrub:
            db.info[SCRUB] = True


async def test_deleting_alone_leaves_the_words_in_the_log_and_scrubbing_does_not(sqlite, tmp_path):
    await say(sqlite, "kim quat mot")
    await unsay(sqlite, scrub=False)
    assert on_disk(tmp_path, b"kim quat") == ["ward.db-wal"]
    await say(sqlite, "khac")
    await unsay(sqlite, scrub=True)
    await sqlite.scrubbed()
    assert on_disk(tmp_path, b"kim quat") == []


def shuffle(file: Path, seed: int) -> None:
    """Insert, change and delete rows until pages were split and joined many times; then blank all."""
    dice = random.Random(seed)
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("secure_delete = ON", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, words TEXT, name TEXT UNIQUE)")
    alive: list[int] = []
    for number in range(3000):
        words, act = "kim quat" * dice.randint(1, 900 if dice.random() < 0.1 else 40), dice.random()
        if act < 0.6 or not alive:
            row = (number, words, f"kim quat {dice.random()}")
            connection.execute("INSERT INTO rows VALUES (?, ?, ?)", row)
            alive.append(number)
        elif act < 0.8:
            connection.execute("UPDATE rows SET words = ? WHERE id = ?", (words, dice.choice(alive)))
        else:
            connection.execute("DELETE FROM rows WHERE id = ?", (alive.pop(dice.randrange(len(alive))),))
    for number in alive:
        if dice.random() < 0.7:
            connection.execute("UPDATE rows SET words = NULL, name = id WHERE id = ?", (number,))
        else:
            connection.execute("DELETE FROM rows WHERE id = ?", (number,))
    connection.close()


@pytest.mark.parametrize("seed", [0, 3, 5])
async def test_words_that_moved_between_pages_leave_no_copies(sqlite, tmp_path, seed):
    await say(sqlite, "the log is kept while somebody is connected")
    shuffle(tmp_path / "ward.db", seed)
    assert await sqlite.scrub()
    assert on_disk(tmp_path, b"kim quat") == []


async def test_scrubbing_waits_for_somebody_who_reads_an_old_page(sqlite, tmp_path):
    await say(sqlite, "kim quat mot")
    async with sqlite.reading() as reader:
        await (await reader.connection()).exec_driver_sql("SELECT * FROM said")
        await unsay(sqlite, scrub=True)
        await say(sqlite, "nguoi viet khong phai cho")
        assert "ward.db-wal" in on_disk(tmp_path, b"kim quat")
    await sqlite.scrubbed()
    assert on_disk(tmp_path, b"kim quat") == []


async def test_a_commit_that_failed_asks_for_nothing(sqlite):
    with pytest.raises(ZeroDivisionError):
        async with sqlite.writing() as db:
            db.info[SCRUB] = True
            raise ZeroDivisionError
    assert sqlite._scrubbing is None


async def test_scrubbing_is_a_promise_nobody_can_keep_on_postgresql_and_harms_nothing(database):
    assert await database.scrub(whole=True)


async def test_who_asks_again_at_once_waits_for_the_next_round(sqlite, tmp_path):
    await say(sqlite, "kim quat mot")
    await unsay(sqlite, scrub=True)
    await sqlite.scrubbed()
    await say(sqlite, "kim quat hai")
    await unsay(sqlite, scrub=True)
    await say(sqlite, "writers go on meanwhile")
    assert on_disk(tmp_path, b"kim quat") == ["ward.db-wal"]
    await sqlite.scrubbed()
    assert on_disk(tmp_path, b"kim quat") == []
