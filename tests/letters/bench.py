"""The letters desk of the miniature ward: a clerk, a chairperson, residents, and a clock that stands still."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from bot.settings import DEMO_WARD
from knowledge.calendar import HERE
from letters import drafting, matching, release
from letters.desk import Hand, check, sign
from letters.policy import Policy
from letters.work import ON_THE_SHELF, Shelf, Work, shelf_of
from records import events, people, residents, staff
from records.cases import Permission, Staff
from records.database import Database
from records.letters import CivilEvent, EventKind, Letter, Recipient, Resident, ResidentAddress
from records.media import MediaStore
from records.residents import Person
from records.tables import Address, ChannelName, Delivery, Purpose
from tests.feedback.bench import CALENDAR, WARD

FRIDAY_9AM = datetime(2026, 11, 20, 9, 0, tzinfo=HERE)
CHAIR, CLERK, VICE = "doan.thi.minh.thinh", "ha.thi.my.hanh", "trinh.quoc.loc"
PEOPLE = (
    (CHAIR, "Đoàn Thị Minh Thịnh", (Permission.SIGN_LETTERS,)),
    (VICE, "Trịnh Quốc Lộc", (Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)),
    (CLERK, "Hà Thị Mỹ Hạnh", (Permission.DRAFT_LETTERS,)),
    ("ta.huu.phuoc", "Tạ Hữu Phước", (Permission.ANSWER_FEEDBACK,)),
)
MARRIAGE: dict[str, Any] = {
    "number": 57,
    "book": "01",
    "year": 2026,
    "registered_on": "2026-11-18",
    "handed_over_on": "2026-11-20",
    "groom_name": "Lê Văn Thử",
    "groom_born": "1995-03-02",
    "groom_address": "12 Lê Lợi",
    "bride_name": "Phạm Thị Mẫu",
    "bride_born": "1997-07-09",
    "bride_address": "34 Hai Bà Trưng",
    "group": "TDP 5",
}
BIRTH: dict[str, Any] = {
    "registered_on": "2026-11-18",
    "handed_over_on": "2026-11-20",
    "child_name": "Lê Mẫu An",
    "child_born": "2026-11-02",
    "mother_name": "Phạm Thị Mẫu",
    "mother_born": "1997-07-09",
    "father_name": "Lê Văn Thử",
    "address": "12 Lê Lợi",
    "group": "TDP 5",
}
DEATH: dict[str, Any] = {
    "deceased_name": "Đỗ Thị Mẫu",
    "deceased_sex": "nữ",
    "deceased_born": "1943",
    "died_on": "2026-11-19",
    "family_name": "Lê Văn Thử",
    "family_relation": "con trai",
    "address": "12 Lê Lợi",
    "group": "TDP 5",
}


@cache
def _shelf() -> Shelf:
    """Load templates, greetings and the press once for all tests."""
    return shelf_of(WARD, CALENDAR, ward_dir=DEMO_WARD, media=MediaStore(Path()))


class Bench:
    """The desk at `now`, on a real database."""

    def __init__(self, database: Database, folder: Path, now: datetime = FRIDAY_9AM) -> None:
        self.database, self.now = database, now
        self.media = MediaStore(folder)
        self.shelf: Shelf = replace(_shelf(), media=self.media)
        self._count = itertools.count(1)
        database.info[ON_THE_SHELF] = self.shelf

    def rule(self, policy: Policy) -> None:
        """Let the ward decide otherwise about its letters."""
        self.shelf = replace(self.shelf, policy=policy)
        self.database.info[ON_THE_SHELF] = self.shelf

    def wait(self, **much: float) -> None:
        self.now += timedelta(**much)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self.database.writing() as db:
            yield Work(db=db, shelf=self.shelf, now=self.now)

    async def hire(self) -> None:
        async with self.database.writing() as db:
            for number, (login, name, may) in enumerate(PEOPLE, start=1):
                person = await staff.add(
                    db, login=login, name=name, desk="van_phong", permissions=may, now=self.now
                )
                await staff.bind(db, Address(ChannelName.TELEGRAM, str(number)), person.id or 0, self.now)

    async def person(self, login: str) -> Staff:
        async with self.database.reading() as db:
            found = await staff.by_login(db, login)
        assert found is not None
        return found

    async def hand(self, login: str, version: int | None = None) -> Hand:
        return Hand(person=await self.person(login), version=version)

    # --- what is in the records -----------------------------------------------------------------

    async def lives(self, name: str, born: str, where: str, quarter: str = "TDP 5") -> Resident:
        """Somebody is in the register of residents, under a roof."""
        async with self.database.writing() as db:
            person = Person(name=name, born_on=date.fromisoformat(born), quarter=quarter, address=where)
            found = await residents._make(db, person, self.now)  # two of one name must be possible
            assert found.resident is not None
            await residents.house(db, found.resident)
            return found.resident

    async def writes_from(
        self,
        one: Resident,
        channel: ChannelName = ChannelName.TELEGRAM,
        *,
        user: str = "",
        agrees: bool = True,
    ) -> Address:
        """A resident has a verified account, spoke just now, and agreed to letters and greetings."""
        who = Address(channel, user or f"9{one.id:05d}")
        async with self.database.writing() as db:
            db.add(
                ResidentAddress(
                    channel=who.channel,
                    user=who.user,
                    resident_id=one.id or 0,
                    verified_at=self.now,
                    verified_by="quầy",
                )
            )
            await people.heard(db, who, self.now)
            if agrees:
                await people.say_consent(
                    db, who, (Purpose.LETTER, Purpose.GREETING), granted=True, wording="t-1", now=self.now
                )
        return who

    async def happens(
        self, kind: EventKind, facts: dict[str, Any], key: str = "", on: date | None = None, **more: Any
    ) -> CivilEvent:
        """Something stands in a register and is considered."""
        name = key or f"{kind}:test:{next(self._count)}"
        async with self.work() as work:
            noted = await events.note(
                work.db,
                key=name,
                kind=kind,
                happened_on=on or self.now.date(),
                facts=facts,
                now=self.now,
                **more,
            )
            await drafting.consider(work)
        return noted.event

    # --- the letters -----------------------------------------------------------------------------

    async def letters(self) -> list[Letter]:
        async with self.database.reading() as db:
            return list((await db.exec(select(Letter).order_by(col(Letter.id)))).all())

    async def letter(self, number: int | None = None) -> Letter:
        found = await self.letters()
        return next(one for one in found if number in (None, one.id))

    async def recipients(self, letter: Letter) -> list[Recipient]:
        async with self.work() as work:
            return await matching.recipients(work, letter.id or 0)

    async def signed(self, number: int | None = None) -> Letter:
        """The clerk checks, the chairperson signs."""
        letter = await self.letter(number)
        async with self.work() as work:
            await check(work, letter.id or 0, await self.hand(CLERK))
        async with self.work() as work:
            return await sign(work, letter.id or 0, await self.hand(CHAIR))

    async def released(self) -> int:
        async with self.work() as work:
            return await release.release(work)

    async def told(self, prefix: str = "letter:") -> list[Delivery]:
        async with self.database.reading() as db:
            found = await db.exec(
                select(Delivery).where(col(Delivery.key).startswith(prefix)).order_by(col(Delivery.id))
            )
            return list(found.all())


async def couple(bench: Bench) -> tuple[Resident, Resident]:
    """The couple of `MARRIAGE` are residents, each in their own house."""
    groom = await bench.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    bride = await bench.lives("Phạm Thị Mẫu", "1997-07-09", "34 Hai Bà Trưng")
    return groom, bride
