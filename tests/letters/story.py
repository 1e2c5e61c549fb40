"""One house, one couple, one greeting, and a grandfather who may die: anything may happen, in any order."""

from datetime import date, datetime

from knowledge.calendar import HERE
from letters import broadcast, desk, release, stopping
from letters.states import NotAllowed, Stale
from records import events, importing, outbox, undoing
from records.importers import Kind
from records.letters import EventKind, Resident
from records.tables import ChannelName
from tests.letters.bench import CHAIR, CLERK, MARRIAGE, Bench, couple
from tests.records.importers.register import Book, xlsx
from tests.records.registers import DEATH_TITLES, bring

FESTIVE_HOUR = datetime(2026, 12, 31, 9, 0, tzinfo=HERE)
NEW_YEAR = datetime(2027, 1, 1, 9, 0, tzinfo=HERE)
FATHER, ROOF = "Lê Văn Cha", "12 Lê Lợi"
STEPS = (
    *("event", "check", "sign", "release", "greet", "push", "claim", "spoke", "binds"),
    *("is_reported", "is_confirmed", "is_registered", "is_undone"),
)
TOLD = (  # what chance finds seldom
    "event check sign release is_registered binds spoke claim",
    "greet check sign push is_registered claim is_undone push claim",
    "greet check sign is_registered is_reported is_confirmed is_undone push claim",
    "greet check sign is_reported is_confirmed is_registered is_undone push claim",
    "event check sign is_registered is_reported is_confirmed is_undone release claim",
    "binds greet check sign push is_reported is_confirmed claim",
    "event greet check sign release push is_reported is_confirmed claim",
    "is_reported is_confirmed event greet check sign release push claim",
)
REPORT = {
    "deceased_name": FATHER,
    "deceased_sex": "nam",
    "deceased_born": "1960-01-01",
    "died_on": "2026-12-30",
    "family_name": "Lê Văn Thử",
    "address": ROOF,
    "group": "TDP 5",
}


class Story:
    """What happened so far. `died` is what the ward has committed, not what is true."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.told_by: set[str] = set()  # the report, the register: a death stands while one of them does
        self.run = 0
        self.bound = False

    @property
    def died(self) -> bool:
        return bool(self.told_by)

    async def begin(self) -> None:
        self.groom, _ = await couple(self.bench)
        self.father = await self.bench.lives(FATHER, "1960-01-01", ROOF)
        self.who = await self.bench.writes_from(self.groom)
        await self.bench.writes_from(self.father, ChannelName.WEB, user="father")

    async def step(self, name: str) -> None:
        try:
            await getattr(self, name)()
        except (NotAllowed, Stale, undoing.NotUndoable):
            return

    async def event(self) -> None:
        facts = MARRIAGE | {"handed_over_on": "2026-12-30"}
        await self.bench.happens(EventKind.MARRIAGE, facts, key="m", on=self.bench.now.date())

    async def _each(self, act, login) -> None:
        for letter in await self.bench.letters():
            try:
                async with self.bench.work() as work:
                    await act(work, letter.id, await self.bench.hand(login))
            except (NotAllowed, Stale):
                continue

    async def check(self) -> None:
        await self._each(desk.check, CLERK)

    async def sign(self) -> None:
        await self._each(desk.sign, CHAIR)

    async def release(self) -> None:
        await self.bench.released()
        async with self.bench.work() as work:
            await release.settle(work)

    async def greet(self) -> None:
        async with self.bench.work() as work:
            await broadcast.draft_greetings(work)

    async def push(self) -> None:
        self.bench.now = max(self.bench.now, NEW_YEAR)
        await broadcast.push(self.bench.work)

    # --- a death is told, confirmed, registered, taken back --------------------------------------------

    async def is_reported(self) -> None:
        await self.bench.happens(EventKind.DEATH_REPORTED, REPORT, key="report", reported_by="to.truong")

    async def is_confirmed(self) -> None:
        """A second person stands for it: what `/baotu` does then."""
        async with self.bench.work() as work:
            event = await events.by_key(work.db, "report")
            if event is None or not await events.confirm(work.db, event, CLERK, work.now):
                return
            buried = await importing.bury(work.db, event.facts, work.now)
            assert buried.resident is not None
            await stopping.mourn(work.db, buried.resident, work.now)
        self.told_by.add("report")

    async def is_registered(self) -> None:
        """The register of deaths comes in, as `ward import` brings it."""
        row = [
            *(9, "01/2026", FESTIVE_HOUR.date()),
            *(FATHER, self.father.born_on, date(2026, 12, 30), "TDP 5", ROOF),
        ]
        content = xlsx(Book([row], titles=(*DEATH_TITLES, "Nơi cư trú cuối cùng")))
        done = await bring(self.bench.database, content, Kind.DEATHS, now=self.bench.now)
        assert done.counts["refused"] == 0
        async with self.bench.work() as work:
            for number in done.deceased:
                dead = await work.db.get(Resident, number)
                assert dead is not None
                await stopping.mourn(work.db, dead, work.now)
        self.run = done.run_id if done.counts["new"] else self.run
        self.told_by.add("register")

    async def is_undone(self) -> None:
        async with self.bench.work() as work:
            await undoing.undo(work.db, self.run, CLERK, work.now)
        self.told_by.discard("register")

    async def binds(self) -> None:
        """One more account of the father's is verified, whatever has happened to him."""
        if not self.bound:
            await self.bench.writes_from(self.father, ChannelName.ZALO, user="father-zalo")
        self.bound = True

    async def spoke(self) -> None:
        async with self.bench.work() as work:
            await release.spoke(work.db, self.who)

    async def claim(self) -> None:
        for channel in (ChannelName.TELEGRAM, ChannelName.WEB, ChannelName.ZALO):
            async with self.bench.work() as work:
                rows = await outbox.claim(work.db, channel, self.bench.now, 10, bulk=True)
                for row in rows:
                    assert not (self.died and row.user in (self.who.user, "father", "father-zalo")), row.key
                    await outbox.record_sent(work.db, row, f"ref-{row.id}", self.bench.now)
