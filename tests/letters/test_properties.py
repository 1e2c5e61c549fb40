"""What must hold in any order of events, at any hour, after any edit."""

import random
import tempfile
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.calendar import HERE, here
from knowledge.sending import LETTERS
from letters import broadcast, desk, drafting, frozen, release, stopping
from letters.states import NotAllowed, Stale
from records import events, gate, outbox, schema
from records.database import Database
from records.letters import EventKind, Letter, LetterState, Resident
from records.tables import ChannelName, DeliveryState
from tests.letters.bench import CHAIR, CLERK, MARRIAGE, Bench, couple

FESTIVE_HOUR = datetime(2026, 12, 31, 9, 0, tzinfo=HERE)
STEPS = ("event", "check", "sign", "release", "greet", "push", "die", "claim", "spoke")


class _Story:
    """One house, one couple, one greeting; anything may happen in any order."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.died = False
        self.kept: set[str] = set()

    async def begin(self) -> None:
        self.groom, _ = await couple(self.bench)
        self.father = await self.bench.lives("Lê Văn Cha", "1960-01-01", "12 Lê Lợi")
        self.who = await self.bench.writes_from(self.groom)
        await self.bench.writes_from(self.father, ChannelName.WEB, user="father")

    async def step(self, name: str) -> None:
        try:
            await getattr(self, name)()
        except (NotAllowed, Stale, StopIteration):
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
        self.bench.now = max(self.bench.now, datetime(2027, 1, 1, 9, 0, tzinfo=HERE))
        await broadcast.push(self.bench.work)

    async def die(self) -> None:
        if self.died:
            return
        async with self.bench.work() as work:
            row = await work.db.get(Resident, self.father.id)
            assert row is not None
            await stopping.mourn(work.db, row, self.bench.now)
        self.died = True
        self.kept = {row.key for row in await self.bench.told() if row.state is not DeliveryState.WITHHELD}

    async def spoke(self) -> None:
        async with self.bench.work() as work:
            await release.spoke(work.db, self.who)

    async def claim(self) -> None:
        for channel in (ChannelName.TELEGRAM, ChannelName.WEB):
            async with self.bench.work() as work:
                rows = await outbox.claim(work.db, channel, self.bench.now, 10, bulk=True)
                for row in rows:
                    assert not (self.died and row.user in (self.who.user, "father")), row.key
                    await outbox.record_sent(work.db, row, f"ref-{row.id}", self.bench.now)


async def _fresh(folder: str) -> Bench:
    database = Database(f"sqlite+aiosqlite:///{folder}/ward.db")
    await schema.upgrade(database)
    bench = Bench(database, Path(folder), FESTIVE_HOUR)
    await bench.hire()
    return bench


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(order=st.lists(st.sampled_from(STEPS), min_size=6, max_size=16))
async def test_nothing_festive_leaves_for_a_house_after_a_death_is_committed(order):
    with tempfile.TemporaryDirectory() as folder:
        bench = await _fresh(folder)
        story = _Story(bench)
        await story.begin()
        try:
            for name in (*order, "claim", "release", "push", "claim"):
                await story.step(name)
            keys = [row.key for row in await bench.told()]
            assert len(keys) == len(set(keys))
        finally:
            await bench.database.close()


moments = st.datetimes(
    min_value=datetime(2026, 11, 20),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(2026, 11, 27),  # noqa: DTZ001
    timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(ticks=st.lists(moments, min_size=2, max_size=5))
async def test_nothing_leaves_in_forbidden_hours_whatever_the_zone_of_the_host(ticks):
    with tempfile.TemporaryDirectory() as folder:
        bench = await _fresh(folder)
        try:
            bench.now = datetime(2026, 11, 20, 9, 0, tzinfo=HERE)
            groom, _ = await couple(bench)
            await bench.writes_from(groom)
            await bench.happens(EventKind.MARRIAGE, MARRIAGE)
            bench.now = min(ticks)
            await bench.signed()
            for moment in sorted(ticks):
                bench.now = moment
                await bench.released()
                async with bench.work() as work:
                    room = await gate.look(work.db, ChannelName.TELEGRAM, 30, moment, limit=5)
                    rows = await outbox.claim(work.db, ChannelName.TELEGRAM, moment, room.bulk, bulk=True)
                    assert not rows or LETTERS.allow(moment), here(moment)
        finally:
            await bench.database.close()


async def test_every_one_of_a_thousand_edits_between_signing_and_sending_is_stopped(bench):
    """Printed anew each time, so the thousand are shared out: every edit is asked whether it would pass."""
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    signed = await bench.signed()
    chance, stopped = random.Random(7), 0
    async with bench.work() as work:
        printed = await frozen.pdf(work, signed)
        assert frozen.intact(signed, printed)
    many = 1000 if bench.database.is_sqlite else 50
    for number in range(many):
        letter = Letter(**signed.model_dump())
        before = letter.facts["words"]
        _change(letter, chance, number)
        moved = letter.facts["words"] != before or letter.text != signed.text
        async with bench.work() as work:
            fresh = await frozen.pdf(work, letter) if not moved or number % 50 == 0 else printed
        stopped += not frozen.intact(letter, fresh)
    assert stopped == many


def _change(letter: Letter, chance: random.Random, number: int) -> None:
    words, sheet = dict(letter.facts["words"]), dict(letter.facts["sheet"])
    what = chance.choice(("paragraph", "title", "closing", "signer", "text", "date", "head", "code"))
    odd = f"x{number}"
    if what == "paragraph":
        words["paragraphs"] = [*words["paragraphs"][:-1], words["paragraphs"][-1] + odd]
    elif what in ("title", "closing", "signer"):
        words[what] += odd
    elif what == "text":
        letter.text = (letter.text or "") + odd
    elif what == "date":
        letter.document_date = date(2026, 11, 21) + timedelta(days=number)
    elif what == "head":
        sheet["agency"] = [*sheet["agency"], odd.upper()]
    else:
        sheet["qr"] = f"xm {odd}"
    letter.facts = {**letter.facts, "words": words, "sheet": sheet}


@pytest.mark.parametrize("seed", range(8))
async def test_an_edit_of_the_source_record_after_the_signature_stops_the_letter(bench, seed):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    await bench.signed()
    field = sorted(MARRIAGE)[seed % len(MARRIAGE)]
    await bench.happens(EventKind.MARRIAGE, MARRIAGE | {field: f"khác {seed}"}, key="m")
    await bench.released()
    assert await bench.told() == []
    assert (await bench.letter()).state is LetterState.HALTED


async def test_a_signed_letter_waits_for_nobody_to_consider_that_its_record_changed(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    await bench.signed()
    async with bench.work() as work:
        event = await events.by_key(work.db, "m")
        assert event is not None
        await events.revise(work.db, event, bench.now)
    await bench.released()
    assert await bench.told() == []


async def test_a_record_changed_and_not_yet_considered_stops_the_signature(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    async with bench.work() as work:
        await desk.check(work, 1, await bench.hand(CLERK))
    async with bench.work() as work:
        event = await events.by_key(work.db, "m")
        assert event is not None
        await events.revise(work.db, event, bench.now)
    with pytest.raises(NotAllowed, match="vừa được sửa"):
        async with bench.work() as work:
            await desk.sign(work, 1, await bench.hand(CHAIR))
    async with bench.work() as work:
        assert await drafting.consider(work) == 1
