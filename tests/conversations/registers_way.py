"""The way of a register through the office: `ward import`, drafts, a clerk, the chairperson, the channels, paper.

Nothing stands in for the house: commands run as the operator runs them, letters are checked and
signed at the desk (the first ones by buttons), everything received was accepted by a peer.
"""

import asyncio
import contextlib
import io
import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from sqlmodel import col, select

from bot import app
from bot.commands import parser
from knowledge.calendar import HERE
from letters import desk, matching
from letters.desk import Hand
from letters.work import Work, on_duty
from records import dossiers, events, people, staff
from records.importers import Kind
from records.letters import (
    CivilEvent,
    EventKind,
    Letter,
    LetterState,
    Resident,
    ResidentAddress,
)
from records.tables import Address, ChannelName, Contact, Purpose
from scheduler import jobs
from tests.conftest import WallClock
from tests.conversations.test_cases import town
from tests.conversations.test_letters import CHAIR, CLERK, LettersDesk
from tests.conversations.voices import WebVoice, until
from tests.letters.registers_300 import Registers, Sheet
from tests.letters.registers_defects import UNCONFIRMED
from tests.scheduler.test_quarter import unit_says

FRIDAY_9AM = datetime(2026, 11, 20, 9, 0, tzinfo=HERE)
BY_BUTTONS = 1  # letters checked and signed by pressing buttons; each is a conversation of its own
ON_PAGE = 3
CODE = re.compile(r"xm (\S{4}-\S{4})")


@contextmanager
def as_operator(folder: Path, clock: Any) -> Iterator[None]:
    """Run commands in *folder*, on the day the office lives in."""
    told = {"WARD_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/ward.db", "WARD_DATA_DIR": str(folder)}
    before, os_clock = {name: os.environ.get(name) for name in told}, app.clock
    os.environ.update(told)
    app.clock = clock
    try:
        yield
    finally:
        app.clock = os_clock
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


async def ward(*line: str) -> tuple[int, str]:
    """Run a command of the operator; return its status and what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = await asyncio.to_thread(parser.run, line)
    return status, out.getvalue()


@dataclass
class Way:
    """One office, its registers, and who in the ward has an account."""

    place: Any
    folder: Path
    registers: Registers
    desk: LettersDesk = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    page_of: dict[str, WebVoice] = field(default_factory=dict)
    open: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        self.desk = LettersDesk(self.place)

    # --- in -----------------------------------------------------------------------------------------

    async def brings_everything_in(self) -> None:
        (self.folder / "dan.xlsx").write_bytes(self.registers.residents)
        status, out = await ward("import", "residents", str(self.folder / "dan.xlsx"), "--json")
        if status:
            self.problems.append(f"residents: {out[:600]}")
        for sheet in self.registers.sheets:
            await self._brings(sheet)

    async def _brings(self, sheet: Sheet) -> None:
        """Import one file; every row must meet the fate that was foretold."""
        path = self.folder / sheet.name
        path.write_bytes(sheet.content)
        _, out = await ward("import", sheet.kind, str(path), "--json")
        told = json.loads(out)
        if "file_refused" in told:
            self.problems.append(f"{sheet.name}: {told['file_refused']}")
            return
        wanted = Counter(line.fate for line in sheet.lines)
        found = Counter({fate: told[fate] for fate in ("new", "known", "changed", "refused") if told[fate]})
        refused = {row["row"] for row in told["rows_refused"]}
        foretold = {nth for nth, line in enumerate(sheet.lines, start=2) if line.fate == "refused"}
        if (found, refused) != (wanted, foretold):
            self.problems.append(
                f"{sheet.name}: {dict(found)}, refused {refused}, not {dict(wanted)}, {foretold}"
            )
        self.counts += found

    # --- accounts -----------------------------------------------------------------------------------

    async def some_have_accounts(self) -> None:
        """One in a few of those a letter may go to writes to the ward, and agrees to letters."""
        lines = [line for line in self.registers.lines if line.letter and line.people]
        some = [line.people[nth % len(line.people)].name for nth, line in enumerate(lines) if nth % 3 == 0]
        telegram, zalo = some[::2], some[1::2]
        at_home = [
            line.people[0].name
            for line in lines
            if line.kind is Kind.BIRTHS and line.people[0].name not in some
        ]
        await self._open_pages(at_home[:ON_PAGE])
        for nth, name in enumerate(telegram, start=2000):
            self.place.telegram.person(nth, "Người dân").says("xin chào")
            self.owners[ChannelName.TELEGRAM, str(nth)] = name
        for nth, name in enumerate(zalo, start=186729651760690000):
            self.place.lan.peer.person(str(nth), "Người dân").says("xin chào")
            self.owners[ChannelName.ZALO, str(nth)] = name
        await self.place.settle()
        await self._bound(self.owners)

    async def _bound(self, owners: dict[tuple[str, str], str]) -> None:
        async with self.place.office.database.writing() as db:
            for (channel, user), name in owners.items():
                who = Address(ChannelName(channel), user)
                owner = (await db.exec(select(Resident).where(col(Resident.name) == name))).one()
                now = self.desk.now
                db.add(
                    ResidentAddress(
                        channel=who.channel,
                        user=user,
                        resident_id=owner.id or 0,
                        verified_at=now,
                        verified_by=CLERK,
                    )
                )
                await people.say_consent(db, who, (Purpose.LETTER,), granted=True, wording="t", now=now)

    async def _open_pages(self, names: Sequence[str]) -> None:
        """Each of *names* opens the ward's page, says a word, and stays on it."""
        for name in names:
            base = f"http://127.0.0.1:{self.place.office.port}"
            jar = aiohttp.CookieJar(unsafe=True)
            http = aiohttp.ClientSession(base, headers={"X-Ward-Chat": "1"}, cookie_jar=jar)
            self.open.push_async_callback(http.close)
            async with http.get("/") as page:
                assert page.status == 200
            voice = WebVoice(self.place.office, http)
            stream = asyncio.create_task(voice.listen())
            self.open.callback(stream.cancel)
            await voice.says("xin chào")
            user = await self._newest_page()
            self.page_of[user], self.owners[ChannelName.WEB, user] = voice, name

    async def _newest_page(self) -> str:
        async with self.place.office.database.reading() as db:
            found = await db.exec(select(Contact.user).where(col(Contact.channel) == ChannelName.WEB))
            known = {user for channel, user in self.owners if channel == ChannelName.WEB}
            [fresh] = set(found.all()) - known
        return str(fresh)

    # --- the desk -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self.place.office.database.writing() as db:
            yield on_duty(db, self.desk.now)

    async def letters_are_drafted(self) -> None:
        """The clock considers what came in; units say why they are late, a second person confirms deaths."""
        await jobs.due_soon(self.place.office, self.desk.now)
        unseen = next(line.facts[0] for line in self.registers.lines if line.defect == UNCONFIRMED)
        async with self.work() as work:
            for event in (await work.db.exec(select(CivilEvent))).all():
                if event.kind is EventKind.DEATH_REPORTED and event.facts["deceased_name"] != unseen:
                    await events.confirm(work.db, event, CLERK, work.now)
                if event.kind is EventKind.DUE_SOON:
                    row = await dossiers.by_code(work.db, event.facts["dossier_code"], lock=True)
                    assert row is not None
                    await unit_says(work, row, EventKind.DUE_SOON)
        while await jobs.consider(self.place.office, self.desk.now):
            pass

    async def letters_are_signed(self) -> None:
        """The first letters by buttons in the chat, the others at the desk, one after another."""
        for _ in range(BY_BUTTONS):  # sorrow first; of the family the register has a name only
            await self._presses(self.desk.clerk, "Xem từng thư", "Người 1", "Đã soát")
            await self._presses(self.desk.chair, "Xem từng thư", "Duyệt")
        for number in await self._in(LetterState.DRAFTED):
            async with self.work() as work:
                by = await self._hand(work, CLERK)
                for row in matching.unresolved(await matching.recipients(work, number)):
                    await desk.choose(work, number, by, row.place, row.candidates[0])
                await desk.check(work, number, by)
        for number in await self._in(LetterState.CHECKED):
            async with self.work() as work:
                await desk.sign(work, number, await self._hand(work, CHAIR))

    async def _presses(self, who: Any, *labels: str) -> None:
        who.says("thư")
        await self.place.settle()
        for label in labels:
            who.presses(label)
            await self.place.settle()

    async def _in(self, state: LetterState) -> list[int]:
        async with self.place.office.database.reading() as db:
            found = await db.exec(
                select(Letter.id).where(col(Letter.state) == state).order_by(col(Letter.id))
            )
            return [number or 0 for number in found.all()]

    async def _hand(self, work: Work, login: str) -> Hand:
        person = await staff.by_login(work.db, login)
        assert person is not None
        return Hand(person=person)

    async def letters_are_sent(self) -> None:
        """The clock ticks until nothing is left to do."""
        while await jobs.letters(self.place.office, self.desk.now):
            pass
        await self.place.settle()
        await jobs.letters(self.place.office, self.desk.now)
        await until(
            lambda: all(any(CODE.search(text) for text in page.heard) for page in self.page_of.values())
        )


@asynccontextmanager
async def on_its_way(folder: Path, registers: Registers) -> AsyncIterator[Way]:
    """Open the office with three channels, and take the registers from `ward import` to the people."""
    clock = WallClock(FRIDAY_9AM)
    async with town("zalo", folder, clock) as place:
        way = Way(place, folder, registers)
        async with way.open:
            with as_operator(folder, clock):
                await way.desk.hire()
                await way.desk.joins(603, place.office.shelf.ward.desks.named("Một cửa")[0].head)
                for step in (
                    way.brings_everything_in,
                    way.some_have_accounts,
                    way.letters_are_drafted,
                    way.letters_are_signed,
                    way.letters_are_sent,
                ):
                    await step()
                yield way
