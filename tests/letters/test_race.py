"""Two connections to PostgreSQL at once: a death commits while a letter, a greeting or a sender is under way.

Whatever the order in which they commit, nothing festive can be claimed for the house afterwards.
"""

import asyncio
import random

import pytest
from sqlalchemy import text

from letters import broadcast, release, stopping
from records import outbox
from records.database import Database
from records.letters import EventKind, LetterState, Resident
from records.tables import ChannelName
from tests.letters.bench import MARRIAGE, Bench
from tests.letters.story import FESTIVE_HOUR, NEW_YEAR, Story

CHANNELS = (ChannelName.TELEGRAM, ChannelName.WEB)
HOUSES = 8


@pytest.fixture
async def bench(postgres_template, make_postgres, tmp_path):
    database = Database(make_postgres(postgres_template))
    made = Bench(database, tmp_path, FESTIVE_HOUR)
    await made.hire()
    yield made
    await database.close()


async def claim(work):
    rows = []
    for channel in CHANNELS:
        rows += await outbox.claim(work.db, channel, work.now, 50, bulk=True)
    return rows


async def done_or_waiting(bench, task) -> None:
    """Wait until *task* is over, or stands behind a lock of somebody else."""
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(10):
        while not task.done():
            async with bench.database.reading() as db:
                if (await (await db.connection()).execute(waits)).scalar():
                    return
            await asyncio.sleep(0.01)


async def both(bench, first, second) -> None:
    """Let *first* do its work, *second* begin beside it, and *first* commit."""

    async def beside():
        async with bench.work() as work:
            await second(work)

    async with bench.work() as work:
        await first(work)
        task = asyncio.create_task(beside())
        await done_or_waiting(bench, task)
    await task


async def card_is_signed(_bench, story) -> None:
    await story.event()
    await story.check()
    await story.sign()


async def card_is_queued(bench, story) -> None:
    await card_is_signed(bench, story)
    await story.release()
    assert len(await bench.told()) == 2


async def greeting_is_signed(bench, story) -> None:
    await story.greet()
    await story.check()
    await story.sign()
    bench.now = NEW_YEAR
    assert {letter.state for letter in await bench.letters()} == {LetterState.SIGNED}


async def the_greeting_begins(work) -> None:
    while await broadcast.step(work) is not None:
        pass


UNDER_WAY = {
    "a card is released": (card_is_signed, release.release),
    "a greeting is queued": (greeting_is_signed, the_greeting_begins),
    "a sender claims": (card_is_queued, claim),
}


@pytest.mark.parametrize("death_first", [True, False], ids=["death first", "death second"])
@pytest.mark.parametrize("what", UNDER_WAY)
async def test_nothing_festive_can_be_claimed_once_a_death_has_committed_beside(bench, what, death_first):
    story = Story(bench)
    await story.begin()
    before, act = UNDER_WAY[what]
    await before(bench, story)

    async def death(work):
        father = await work.db.get(Resident, story.father.id)
        assert father is not None
        await stopping.mourn(work.db, father, work.now)

    await both(bench, death if death_first else act, act if death_first else death)
    for _ in range(2):
        async with bench.work() as work:
            assert await claim(work) == []
        await story.release()
        await story.push()


async def test_deaths_letters_and_senders_all_at_once(bench):
    """Eight houses: each death, the letters and the sender run side by side, as they come."""
    fathers, house_of = await _neighbourhood(bench)
    committed: set[int] = set()
    wrong: list[str] = []

    async def dies(number: int) -> None:
        async with bench.work() as work:
            father = await work.db.get(Resident, fathers[number])
            assert father is not None
            await stopping.mourn(work.db, father, work.now)
        committed.add(number)

    async def sends() -> None:
        for _ in range(12):
            known = set(committed)  # before the claim begins
            async with bench.work() as work:
                rows = await claim(work)
                for row in rows:
                    await outbox.record_sent(work.db, row, "ref", work.now)
            wrong.extend(row.key for row in rows if house_of[row.user] in known)

    async def releases() -> None:
        for _ in range(HOUSES):
            async with bench.work() as work:
                await release.release(work, limit=1)

    order = random.Random(5).sample(range(HOUSES), HOUSES - 2)
    await asyncio.gather(releases(), sends(), *(dies(number) for number in order))
    await sends()
    assert wrong == []
    assert committed == set(order)
    queued = {row.user for row in await bench.told()}
    assert {number for number in range(HOUSES) if number not in order} <= {house_of[user] for user in queued}


async def _neighbourhood(bench):
    """Couples whose cards are signed, each with a father under the same roof; and whose account is whose."""
    fathers, house_of = [], {}
    for number in range(HOUSES):
        roof = f"{number + 1} Lê Lợi"
        name = f"Lê Văn {'ABCDEFGH'[number]}"
        groom = await bench.lives(name, "1995-03-02", roof)
        fathers.append((await bench.lives(f"{name} Cha", "1960-01-01", roof)).id)
        house_of[(await bench.writes_from(groom)).user] = number
        facts = MARRIAGE | {
            "groom_name": name,
            "groom_address": roof,
            "bride_name": f"Phạm Thị {'ABCDEFGH'[number]}",
            "handed_over_on": "2026-12-30",
        }
        await bench.happens(EventKind.MARRIAGE, facts, key=f"m{number}", on=bench.now.date())
    for letter in await bench.letters():
        await bench.signed(letter.id)
    return fathers, house_of
