"""Signing, register and a greeting to 20,000: how long they take, on SQLite in a fresh folder.

`signatures`: many at once, every tenth killed before its commit; numbers must have no gap and no
repeat. `greeting`: rows queued for 20,000 residents by `INSERT … SELECT` in chunks of 500.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert
from sqlmodel import col, select

from bot.settings import DEMO_WARD
from knowledge.calendar import HERE, Calendar
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.ward import load_ward
from letters import broadcast, desk, drafting, frozen
from letters.desk import Hand
from letters.work import Work, shelf_of
from records import events, schema, staff
from records.cases import Permission
from records.database import Database
from records.letters import EventKind, Letter, Resident, ResidentAddress
from records.media import MediaStore
from records.tables import ChannelName, Consent, Contact, Purpose

MORNING = datetime(2026, 12, 26, 9, 0, tzinfo=HERE)
NEW_YEAR = datetime(2027, 1, 1, 8, 30, tzinfo=HERE)
KILLED = 10  # one signature in so many is killed before its commit


class Desk:
    """The letters desk at `now`, on a fresh file, or on the database at *url*."""

    def __init__(self, folder: Path, url: str = "") -> None:
        ward = load_ward(DEMO_WARD)
        calendar = Calendar(ward.hours, load_overrides(OVERRIDES_FILE.read_text("utf-8")))
        self.database = Database(url or f"sqlite+aiosqlite:///{folder}/ward.db")
        self.shelf = shelf_of(ward, calendar, ward_dir=DEMO_WARD, media=MediaStore(folder))
        self.now = MORNING

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """Give one transaction."""
        async with self.database.writing() as db:
            yield Work(db=db, shelf=self.shelf, now=self.now)

    async def hire(self) -> tuple[Hand, Hand]:
        """Return a clerk and the chairperson."""
        async with self.database.writing() as db:
            clerk = await staff.add(
                db,
                login="thu.ky.mau",
                name="Thư Ký Mẫu",
                desk="",
                permissions=[Permission.DRAFT_LETTERS],
                now=MORNING,
            )
            chair = await staff.add(
                db,
                login=self.shelf.ward.desks.chair,
                name="Chủ Tịch Mẫu",
                desk="",
                permissions=[Permission.SIGN_LETTERS],
                now=MORNING,
            )
        return Hand(person=clerk), Hand(person=chair)


async def signatures(made: Desk, clerk: Hand, chair: Hand, count: int) -> None:
    """Sign *count* letters side by side and look at the register."""
    async with made.work() as work:
        for number in range(count):
            facts = {
                "groom_name": "Lê Văn Mẫu",
                "bride_name": "Phạm Thị Thử",
                "handed_over_on": "2026-12-26",
                "number": number,
            }
            await events.note(
                work.db,
                key=f"marriage:bench:{number}",
                kind=EventKind.MARRIAGE,
                happened_on=MORNING.date(),
                facts=facts,
                now=MORNING,
            )
        await drafting.consider(work, limit=count)
        for number in range(1, count + 1):
            await desk.check(work, number, clerk)

    async def one(number: int) -> None:
        async with made.work() as work:
            await desk.sign(work, number, chair)
            if number % KILLED == 0:
                raise OSError

    begin = perf_counter()
    await asyncio.gather(*(one(number) for number in range(1, count + 1)), return_exceptions=True)
    took = perf_counter() - begin
    async with made.database.reading() as db:
        found = list((await db.exec(select(Letter).where(col(Letter.number).is_not(None)))).all())
    numbers = sorted(letter.number or 0 for letter in found)
    whole = numbers == list(range(1, count - count // KILLED + 1))
    print(f"signatures    {count} at once, {count // KILLED} killed: {took:.1f} s, {count / took:.1f}/s, "
          f"no gap, no repeat: {whole}")  # fmt: skip
    sample = found[:: max(1, len(found) // 50)]
    async with made.work() as work:
        same = [frozen.intact(letter, await frozen.pdf(work, letter)) for letter in sample]
    print(f"printed again {len(same)} letters, identical bytes: {all(same)}")


async def populate(made: Desk, count: int) -> None:
    """Put *count* residents with an account that agreed into the records."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    who = [(number, f"9{number:06d}") for number in range(1, count + 1)]
    account = [{"channel": ChannelName.TELEGRAM, "user": user} for _, user in who]
    async with made.database.writing() as db:
        connection = await db.connection()
        people = [
            {"id": n, "name": f"Người Mẫu {n}", "folded": "nguoi mau", "added_at": long_ago} for n, _ in who
        ]
        await connection.execute(insert(Resident), people)
        verified = {"verified_at": long_ago, "verified_by": "bench"}
        rows = [one | verified | {"resident_id": n} for one, (n, _) in zip(account, who, strict=True)]
        await connection.execute(insert(ResidentAddress), rows)
        await connection.execute(insert(Contact), [one | {"heard_at": long_ago} for one in account])
        said = {"purpose": Purpose.GREETING, "granted": True, "said_at": long_ago, "wording": "bench"}
        await connection.execute(insert(Consent), [one | said for one in account])


async def greeting(made: Desk, clerk: Hand, chair: Hand, count: int) -> None:
    """Queue a greeting for *count* residents."""
    await populate(made, count)
    made.now = MORNING + timedelta(minutes=1)
    async with made.work() as work:
        await broadcast.draft_greetings(work)
        letter = (await work.db.exec(select(Letter).where(col(Letter.occasion).is_not(None)))).one()
        number = letter.id or 0
        begin = perf_counter()
        seen = await broadcast.outlook(work, letter)
        print(f"outlook       {seen.total} people: {perf_counter() - begin:.2f} s")
        await desk.check(work, number, clerk)
        await desk.sign(work, number, chair)
    made.now = NEW_YEAR
    begin = perf_counter()
    queued = await broadcast.push(made.work)
    took = perf_counter() - begin
    print(f"greeting      {queued} rows queued in {took:.2f} s, {queued / took:.0f}/s")
    async with made.work() as work:
        begin = perf_counter()
        stopped = await desk.recall(work, number, chair, "dừng để đo")
        print(f"Dừng          {stopped} rows stayed at home: {perf_counter() - begin:.2f} s")


async def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--signatures", type=int, default=200)
    asked.add_argument("--people", type=int, default=20_000)
    wanted = asked.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        made = Desk(Path(folder))
        await schema.upgrade(made.database)
        clerk, chair = await made.hire()
        await signatures(made, clerk, chair, wanted.signatures)
        await greeting(made, clerk, chair, wanted.people)
        await made.database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
