"""The letters desk behind the console: what stands in the records, who lives where, and a resident's open chat."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import aiohttp
from sqlmodel import col, select

from letters import drafting, release
from letters.work import Work, on_duty
from records import events, people, residents
from records.letters import EventKind, Letter, Recipient, Resident, ResidentAddress
from records.residents import Person
from records.tables import Address, ChannelName, Delivery, Purpose, Received
from tests.channels.web_ward import OURS, Events
from tests.console.bench import Answer, Browser, Console
from tests.letters.bench import DEATH, MARRIAGE

CHAIR, CLERK = "doan.thi.minh.thinh", "ha.thi.my.hanh"


class LettersDesk:
    """What happens around the pages."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self.console.database.writing() as db:
            yield on_duty(db, self.console.clock())

    async def lives(self, name: str, born: str, where: str, quarter: str = "TDP 5") -> Resident:
        """Somebody is in the register of residents, under a roof; two of one name are possible."""
        async with self.console.database.writing() as db:
            person = Person(name=name, born_on=date.fromisoformat(born), quarter=quarter, address=where)
            found = await residents._make(db, person, self.console.clock())
            assert found.resident is not None
            await residents.house(db, found.resident)
            return found.resident

    async def writes_from(self, one: Resident, who: Address | None = None) -> Address:
        """A resident has a verified account, spoke just now, and agreed to letters and greetings."""
        now = self.console.clock()
        to = who or Address(ChannelName.TELEGRAM, f"9{one.id:05d}")
        async with self.console.database.writing() as db:
            row = ResidentAddress(channel=to.channel, user=to.user, resident_id=one.id or 0)
            row.verified_at, row.verified_by = now, "quầy"
            db.add(row)
            await people.heard(db, to, now)
            wanted = (Purpose.LETTER, Purpose.GREETING)
            await people.say_consent(db, to, wanted, granted=True, wording="t-1", now=now)
        return to

    async def happens(self, kind: EventKind, facts: dict[str, Any], key: str = "", **more: Any) -> Letter:
        """Something stands in a register, and the letter it moves is drafted."""
        now = self.console.clock()
        async with self.work() as work:
            noted = await events.note(
                work.db,
                key=key or f"{kind}:{facts.get('number', 1)}",
                kind=kind,
                happened_on=now.date(),
                facts=facts,
                now=now,
                **more,
            )
            await drafting.consider(work)
            found = await work.db.exec(select(Letter).where(col(Letter.event_id) == noted.event.id))
            letter: Letter = found.one()
            return letter

    async def marriage(self, number: int = 57, **changed: Any) -> Letter:
        return await self.happens(EventKind.MARRIAGE, MARRIAGE | {"number": number} | changed)

    async def death(self) -> Letter:
        facts = DEATH | {"family_born": "1970"}
        return await self.happens(
            EventKind.DEATH_REPORTED, facts, reported_by="tổ trưởng", confirmed_by="cán bộ trực"
        )

    async def letter(self, number: int | None) -> Letter:
        async with self.console.database.reading() as db:
            found = await db.get(Letter, number)
        assert isinstance(found, Letter)
        return found

    async def recipients(self, number: int | None) -> list[Recipient]:
        async with self.console.database.reading() as db:
            rows = await db.exec(
                select(Recipient).where(col(Recipient.letter_id) == number).order_by(col(Recipient.place))
            )
            return list(rows.all())

    async def copies(self, number: int | None) -> list[Delivery]:
        async with self.console.database.reading() as db:
            rows = await db.exec(
                select(Delivery)
                .where(col(Delivery.key).startswith(f"letter:{number}:"))
                .order_by(col(Delivery.id))
            )
            return list(rows.all())

    async def checked(self, browser: Browser, number: int | None) -> Answer:
        """Somebody opens the letter and says that it is checked."""
        page = await browser.get(f"/thu/{number}")
        return await browser.submit(page, f"/thu/{number}/soat")

    async def signed(self, clerk: Browser, chair: Browser, number: int | None) -> Answer:
        await self.checked(clerk, number)
        page = await chair.get(f"/thu/{number}")
        return await chair.submit(page, f"/thu/{number}/ky")

    async def released(self) -> int:
        async with self.work() as work:
            moved = await release.release(work)
        self.console.office.wake()
        return moved


class Chat:
    """A resident's open page of the web chat."""

    def __init__(self, http: aiohttp.ClientSession, user: str) -> None:
        self.http = http
        self.address = Address(ChannelName.WEB, user)

    async def picture(self) -> tuple[dict[str, Any], bytes]:
        """Return the first message with a picture, and the picture."""
        async with asyncio.timeout(20), self.http.get("/chat/events") as answer:
            stream = Events(answer)
            while not (told := await stream.next(within_s=20))["photos"]:
                pass
        async with self.http.get(told["photos"][0]) as answer:
            return told, await answer.read()


@asynccontextmanager
async def open_chat(console: Console) -> AsyncIterator[Chat]:
    """Open the ward's page as a resident, who says a first word."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(console.url, cookie_jar=jar) as http:
        async with http.get("/") as answer:
            assert answer.status == 200
        said = json.dumps({"id": "first", "text": "xin chào"})
        headers = {"Content-Type": "application/json"} | OURS
        async with http.post("/chat/messages", data=said, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        async with console.database.reading() as db:
            newest = await db.exec(select(Received.user).order_by(col(Received.id).desc()).limit(1))
            yield Chat(http, newest.one())
