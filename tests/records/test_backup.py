"""A picture of one moment, taken while others write; brought back whole, held back, or refused."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, col, func, select

from records import (
    backup,
    counters,
    migrating,
    outbox,
    quarantine,
    restore,
    retention,
    schema,
    staff,
    tokens,
    trace,
)
from records.archive import Manifest, read
from records.cases import Erasure, Invitation, Staff
from records.database import AlreadyRunning, Database
from records.media import MediaStore
from records.restore import Order
from records.tables import (
    Address,
    Attachment,
    ChannelName,
    ChannelToken,
    Consent,
    Contact,
    Counter,
    Delivery,
    DeliveryState,
    Purpose,
    Received,
)
from records.tokens import Given
from tests.conftest import FRIDAY

LAN = Address(ChannelName.ZALO, "lan")
GIVEN = Given(refresh="r1", app="a")
LATER = FRIDAY + timedelta(days=1)
NASTY = "một dòng\n\\.\nvà\tthụt\\n, 'nháy' \"kép\" \\N ,;\r\n"
PHOTO = b"anh thu nghiem"


class House:
    """One database of either kind with its folder of files."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.media = MediaStore(folder)
        self.key = folder / "audit.key"
        self.forgotten: list[Address] = []

    def open(self) -> Database:
        return Database(self.url, audit_key=bytes.fromhex(self.key.read_text()) if self.key.exists() else b"")

    async def fill(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key.write_text("ab" * 32)
        photo = await self.media.save(PHOTO)
        await self.media.save(b"khong ai nhac toi")
        async with self.does() as db:
            for number, purpose in enumerate(Purpose):
                await put(db, f"d:{number}", purpose)
            row: dict[str, Any] = {"channel": LAN.channel, "user": LAN.user, "kind": "photo", "sha256": photo}
            db.add(Attachment(**row, ref="p1", asked_at=FRIDAY, due_at=FRIDAY, fetched_at=FRIDAY))
            db.add(Received(key="m1", channel=LAN.channel, user=LAN.user, received_at=FRIDAY))
            await trace.leave(db, who="a", what="b", on="c", detail={"số": 1}, now=FRIDAY)
            await tokens.adopt(db, LAN.channel, GIVEN, FRIDAY)

    def does(self):
        return Doing(self.open())

    async def save(self, path: Path, **how) -> Manifest:
        database = self.open()
        try:
            facts: dict[str, Any] = {"media": self.media, "key": self.key, "software": "0.1.0", "now": FRIDAY}
            return await backup.make(database, path, **(facts | how))
        finally:
            await database.close()

    async def bring(self, path: Path, **how) -> restore.Restored:
        return await restore.restore(path, self.order(**how))

    def order(self, **how) -> Order:
        async def after(_db, _manifest, since) -> None:
            self.forgotten += since.people

        facts: dict[str, Any] = {
            "url": self.url,
            "media": self.media,
            "key_file": self.key,
            "own_key": lambda: b"khoa",
            "now": LATER,
            "given": GIVEN,
            "after": after,
        }
        return Order(**(facts | how))

    async def everything(self) -> dict[str, list[str]]:
        """Every row of every table."""
        database = self.open()
        try:
            async with database.reading() as db:
                connection = await db.connection()
                return {
                    name: sorted(str(tuple(row)) for row in await connection.execute(table.select()))
                    for name, table in SQLModel.metadata.tables.items()
                }
        finally:
            await database.close()

    async def deliveries(self) -> dict[Purpose, Delivery]:
        async with self.does() as db:
            return {row.purpose: row for row in (await db.exec(select(Delivery))).all()}


class Doing:
    """One transaction on a database of its own, closed afterwards."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def __aenter__(self):
        await schema.upgrade(self.database)
        self.block = self.database.writing()
        return await self.block.__aenter__()

    async def __aexit__(self, *error):
        try:
            return await self.block.__aexit__(*error)
        finally:
            await self.database.close()


def opened(name: str) -> bytes:
    return Path(name).read_bytes()


async def put(db, key: str, purpose: Purpose = Purpose.REPLY) -> None:
    await outbox.put(db, key=key, to=LAN, purpose=purpose, text=NASTY, now=FRIDAY)


@pytest.fixture
async def house(database_url, tmp_path) -> House:
    """A filled ward; its SQLite file lies in its own folder."""
    found = House(database_url.replace("/ward.db", "/nha/ward.db"), tmp_path / "nha")
    await found.fill()
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request, tmp_path) -> str:
    """A database of either kind in which nothing is, not even a schema."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/ward.db"
    return str(request.getfixturevalue("make_postgres")())


@pytest.fixture
def empty(request, house, tmp_path) -> House:
    """An empty ward of the same kind elsewhere."""
    folder = tmp_path / "noi_khac"
    if house.url.startswith("sqlite"):
        return House(f"sqlite+aiosqlite:///{folder}/ward.db", folder)
    return House(request.getfixturevalue("make_postgres")(), folder)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ban-sao.tar.gz"


HELD_HERE = {"delivery", "channeltoken", "invitation"}


async def test_everything_comes_back_elsewhere(house, empty, file):
    before = await house.everything()
    manifest = await house.save(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert {table.name: table.rows for table in manifest.tables} == {k: len(v) for k, v in before.items()}
    assert read(file) == manifest

    empty.folder.mkdir()
    done = await empty.bring(file)
    after = await empty.everything()
    assert {name: rows for name, rows in after.items() if name not in HELD_HERE} == {
        name: rows for name, rows in before.items() if name not in HELD_HERE
    }
    assert {row.text for row in (await empty.deliveries()).values()} == {NASTY}
    assert (done.aside, done.old_key) == (None, None)
    assert await empty.media.read(sha256(PHOTO).hexdigest()) == PHOTO
    assert manifest.media == (sha256(PHOTO).hexdigest(),)
    assert empty.key.read_text() == house.key.read_text()
    assert empty.key.stat().st_mode & 0o777 == 0o600
    async with empty.does() as db:
        assert (await trace.verify(db)).whole
        await put(db, "new")  # numbers go on where they ended
    assert not list(file.parent.rglob(".ward-staging-*"))


async def test_a_backup_can_do_without_the_key(house, empty, file):
    assert not (await house.save(file, key=None)).has_key
    empty.folder.mkdir()
    await empty.bring(file)
    assert not empty.key.exists()


async def test_a_backup_taken_while_somebody_writes_all_the_time_is_one_moment(house, empty, file):
    """Every transaction writes two rows and counts: no moment has one without the others."""
    database, stop, wrote = house.open(), asyncio.Event(), 0

    async def write() -> None:
        nonlocal wrote
        while not stop.is_set():
            async with database.writing() as db:
                number = await counters.count(db, "doi")
                await put(db, f"left:{number}")
                await put(db, f"right:{number}", Purpose.LETTER)
            wrote += 1

    async with database.writing() as db:
        for number in range(3000):
            await put(db, f"filling:{number}")
    writer = asyncio.create_task(write())
    while wrote < 5:
        await asyncio.sleep(0)
    manifest = await house.save(file)
    at_the_end = wrote
    stop.set()
    await writer
    await database.close()

    empty.folder.mkdir()
    await empty.bring(file)
    async with empty.does() as db:
        counted = await db.get(Counter, "doi")
        lefts, rights = [
            (await db.exec(select(func.count()).where(col(Delivery.key).startswith(side)))).one()
            for side in ("left:", "right:")
        ]
    assert counted.last == lefts == rights
    assert 5 <= lefts <= at_the_end + 1
    assert manifest.rows > 3000


async def test_writers_are_not_kept_waiting_by_an_open_picture(tmp_path, sqlite_url):
    """The snapshot only reads: a write of another connection in the middle of copying goes through."""
    house = House(sqlite_url, tmp_path)
    await house.fill()
    with (
        closing(backup._open(tmp_path / "ward.db", "rw")) as live,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        steps = []

        def write(_status: int, left: int, _total: int) -> None:
            with closing(sqlite3.connect(tmp_path / "ward.db", timeout=0)) as other, other:
                other.execute("UPDATE delivery SET attempts = attempts + 1")
            steps.append(left)

        live.backup(copy, pages=5, progress=write)
        assert steps == sorted(steps, reverse=True)  # never begun anew
        assert copy.execute("SELECT max(attempts) FROM delivery").fetchone() == (0,)


async def test_what_waited_is_held_until_a_person_decides(house, file):
    async with house.does() as db:
        await put(db, "gone")
        (row,) = await outbox.claim(db, LAN.channel, FRIDAY, 1)
        await outbox.record_sent(db, row, "ref", FRIDAY)
        await outbox.claim(db, LAN.channel, FRIDAY, 1)
    await house.save(file)
    done = await house.bring(file, replace=True)
    async with house.does() as db:
        rows = (await db.exec(select(Delivery).order_by(col(Delivery.id)))).all()
    held = [row for row in rows if row.state is not DeliveryState.SENT]
    assert {(row.purpose.repeatable, row.state) for row in held} == {
        (True, DeliveryState.WITHHELD),
        (False, DeliveryState.DOUBTFUL),
    }
    assert {(row.error, row.lease_until) for row in held} == {("khôi phục từ bản sao lưu", None)}
    assert (done.held.withheld, done.held.doubtful, done.held.waiting) == (3, 3, 1)

    reply, letter = (
        next(row.id for row in held if row.purpose is one) for one in (Purpose.ALERT, Purpose.LETTER)
    )
    async with house.does() as db:
        assert await quarantine.release(db, LATER, only=letter) == 0
        assert await quarantine.release(db, LATER, only=reply) == 1
        assert await quarantine.release(db, LATER) == 2
        assert await outbox.settle(db, letter, LATER, arrived=True)
        assert await quarantine.release(db, LATER) == 0


async def test_a_repeat_of_the_platform_is_still_recognised(house, empty, file):
    await house.save(file)
    empty.folder.mkdir()
    await empty.bring(file)
    async with empty.does() as db:
        assert (await db.exec(select(Received.key))).all() == ["m1"]


async def test_the_old_token_waits_for_a_person_and_a_new_one_clears_it(house, file):
    await house.save(file)
    await house.bring(file, replace=True)
    async with house.does() as db:
        await tokens.adopt(db, LAN.channel, GIVEN, LATER)  # what the channel does when it starts
        row = await tokens.find(db, LAN.channel)
        assert row is not None
        assert "WARD_ZALO__REFRESH_TOKEN" in (row.trouble or "")
        assert not await tokens.claim(db, LAN.channel, row.access, LATER, LATER)
        await tokens.adopt(db, LAN.channel, Given(refresh="r2", app="a"), LATER)
        row = await tokens.find(db, LAN.channel)
        assert row is not None
        assert (row.trouble, row.refresh) == (None, "r2")
    async with house.does() as db:
        assert (await db.exec(select(func.count()).select_from(ChannelToken))).one() == 1


async def test_what_was_refused_erased_and_left_since_holds_again(house, file):
    async with house.does() as db:
        hers: dict[str, Any] = {"channel": LAN.channel, "user": LAN.user}
        db.add(Consent(**hers, purpose=Purpose.GREETING, granted=True, said_at=FRIDAY, wording="w"))
        db.add(Contact(**hers, heard_at=FRIDAY))
        dung = Staff(login="dung", name="Lê Văn Dũng", permissions=["answer_feedback"], created_at=FRIDAY)
        db.add(dung)
        await db.flush()
        await staff.invite(db, dung, LATER)
    await house.save(file)
    async with house.does() as db:
        said = await db.get(Consent, (LAN.channel, LAN.user, Purpose.GREETING))
        said.granted, said.said_at = False, LATER
        contact = await db.get(Contact, (LAN.channel, LAN.user))
        contact.off_since, contact.off_reason = LATER, "withdrew"
        db.add_all([said, contact, Erasure(what="texts", count=2, reason="r", at=LATER)])
        await staff.disable(db, (await db.exec(select(Staff))).one(), LATER)
    done = await house.bring(file, replace=True)
    assert done.since.known
    assert done.since.erased == ((LATER.date(), "texts", 2),)
    assert done.since.left == ("dung",)
    assert house.forgotten == [LAN]
    async with house.does() as db:
        said = await db.get(Consent, (LAN.channel, LAN.user, Purpose.GREETING))
        assert said.granted is False
        assert (await db.exec(select(Staff))).one().permissions == []
        assert (await db.exec(select(Invitation.expires_at))).one() == LATER


async def test_the_old_database_stands_aside_whole(house, file):
    await house.save(file)
    async with house.does() as db:
        await put(db, "after the backup")
    with pytest.raises(restore.NotEmpty):
        await house.bring(file)
    before = await house.everything()
    done = await house.bring(file, replace=True)
    assert len((await house.everything())["delivery"]) == len(before["delivery"]) - 1
    if house.url.startswith("sqlite"):
        old = House(f"sqlite+aiosqlite:///{done.aside}", house.folder)
        assert await old.everything() == before
    else:
        async with house.does() as db:
            query = text(f'SELECT count(*) FROM "{done.aside}".delivery')
            assert (await (await db.connection()).execute(query)).scalar_one() == len(before["delivery"])


async def test_nothing_is_restored_while_somebody_serves(house, file):
    await house.save(file)
    serving = house.open()
    serving.claim_file()
    async with serving.reading() as db:
        await db.exec(select(Delivery))
        with pytest.raises((AlreadyRunning, restore.InUse)):
            await house.bring(file, replace=True)
    await serving.close()
    await house.bring(file, replace=True)


async def test_an_older_schema_is_brought_up_to_date(bare_url, tmp_path, file):
    house = House(bare_url, tmp_path)
    old = house.open()
    async with old.engine.begin() as connection:
        await connection.run_sync(lambda it: migrating.upgrade(it, "0001"))
        await connection.execute(text("INSERT INTO counter (series, last) VALUES ('x', 7)"))
    await old.close()
    manifest = await house.save(file, key=None)
    assert manifest.schema == "0001"
    await house.bring(file, replace=True)
    fresh = house.open()
    assert await schema.current(fresh) == schema.head()
    async with fresh.reading() as db:
        assert (await db.exec(select(Counter.last))).one() == 7
    await fresh.close()


async def test_one_kind_does_not_become_the_other(house, tmp_path, file, request):
    await house.save(file)
    sqlite = house.url.startswith("sqlite")
    url = request.getfixturevalue("make_postgres")() if sqlite else f"sqlite+aiosqlite:///{tmp_path}/o.db"
    with pytest.raises(restore.OtherKind):
        await House(url, tmp_path).bring(file)


async def test_a_spoilt_photo_is_left_out_and_counted(house, file):
    house.media.path(sha256(PHOTO).hexdigest()).write_bytes(b"hong")
    manifest = await house.save(file)
    assert (manifest.media, manifest.left_out) == ((), 1)
    assert read(file) == manifest


async def test_a_photo_somebody_had_erased_is_not_saved(house, file):
    async with house.does() as db:
        await retention.mark_photos(db, col(Attachment.user) == LAN.user)
    assert (await house.save(file)).media == ()


async def test_another_key_is_put_aside(house, file):
    await house.save(file)
    house.key.write_text("cd" * 32)
    done = await house.bring(file, replace=True)
    assert house.key.read_text() == "ab" * 32
    assert done.old_key is not None
    assert opened(done.old_key) == b"cd" * 32


async def test_without_a_database_there_is_nothing_to_save(bare_url, tmp_path, file):
    with pytest.raises(backup.NothingToSave):
        await House(bare_url, tmp_path).save(file, key=None)
    assert not file.exists()
