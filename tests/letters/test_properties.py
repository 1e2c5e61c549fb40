"""What must hold in any order of events, at any hour, after any edit."""

import random
import tempfile
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.calendar import HERE, here
from knowledge.sending import LETTERS
from letters import desk, drafting, frozen, guard
from letters.states import NotAllowed
from records import events, gate, outbox
from records.database import Database
from records.letters import EventKind, Letter, LetterState
from records.tables import ChannelName
from tests import ready_made
from tests.letters.bench import CHAIR, CLERK, MARRIAGE, Bench, couple
from tests.letters.story import FESTIVE_HOUR, STEPS, TOLD, Story


async def _fresh(folder: str) -> Bench:
    ready_made.lay(Path(folder) / "ward.db")
    database = Database(f"sqlite+aiosqlite:///{folder}/ward.db")
    bench = Bench(database, Path(folder), FESTIVE_HOUR)
    await bench.hire()
    return bench


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(order=st.lists(st.sampled_from(STEPS), min_size=6, max_size=18))
async def test_nothing_festive_leaves_for_a_house_after_a_death_is_committed(order):
    await _told(order)


@pytest.mark.parametrize("order", TOLD)
async def test_nothing_festive_leaves_in_an_order_somebody_thought_of(order):
    await _told(order.split())


async def _told(order) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = await _fresh(folder)
        story = Story(bench)
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


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
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


EDITS = 500  # of the letter, and as many of its record: a thousand


async def test_every_edit_of_a_signed_letter_is_stopped(bench):
    """Printed anew each time, so most are asked of the words alone: every edit is asked whether it would pass."""
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    signed = await bench.signed()
    chance, stopped = random.Random(7), 0
    async with bench.work() as work:
        printed = await frozen.pdf(work, signed)
        assert frozen.intact(signed, printed)
    many = EDITS if bench.database.is_sqlite else 50
    for number in range(many):
        letter = Letter(**signed.model_dump())
        before = letter.facts["words"]
        _change(letter, chance, number)
        moved = letter.facts["words"] != before or letter.text != signed.text
        async with bench.work() as work:
            fresh = await frozen.pdf(work, letter) if not moved or number % 50 == 0 else printed
        stopped += not frozen.intact(letter, fresh)
    assert stopped == many


async def test_every_edit_of_the_record_after_the_signature_is_stopped(bench):
    """Each is tried at the very moment of release, and taken back before the next."""
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    signed = await bench.signed()
    chance, stopped = random.Random(8), Counter[str]()
    many = EDITS if bench.database.is_sqlite else 50
    async with bench.work() as work:
        assert await guard.of_letter(work, signed) is None
        for number in range(many):
            async with work.db.begin_nested() as point:
                await _edited_record(work, chance, number)
                bar = await guard.of_letter(work, signed)
                stopped[bar.why if bar else ""] += 1
                await point.rollback()
    assert set(stopped) == {"bản ghi nguồn vừa được sửa", "bản ghi nguồn đã bị hủy"}
    assert stopped.total() == many


async def _edited_record(work, chance: random.Random, number: int) -> None:
    """The next export of the register says something else: a fact, the day, or that it never was."""
    field = chance.choice((*MARRIAGE, "remark", "happened_on", "cancelled"))
    if field == "cancelled":
        assert await events.cancel(work.db, ["m"], work.now) == 1
        return
    day = work.today + timedelta(days=number + 1) if field == "happened_on" else work.today
    facts = MARRIAGE if field == "happened_on" else MARRIAGE | {field: f"khác {number}"}
    done = await events.note(
        work.db, key="m", kind=EventKind.MARRIAGE, happened_on=day, facts=facts, now=work.now
    )
    assert done.noted is events.Noted.CHANGED


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
