"""A notice of a result that Zalo's window keeps out goes when the resident next says a word."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from letters.results import again, waits
from records import dossiers, outbox, people
from records.letters import Dossier, DossierState
from records.tables import Address, ChannelName, Contact, Delivery, DeliveryState, Purpose

LAN = Address(ChannelName.ZALO, "186729651760683225")


@pytest.fixture
async def refused(bench):
    """A notice that the window refused ten days after Lan last wrote."""
    async with bench.work() as work:
        facts = {"code": "H26.1187", "procedure_name": "Việc mẫu", "taken_on": date(2026, 11, 2)}
        row = (await dossiers.upsert(work.db, facts, work.now)).dossier
        row.state = DossierState.READY
        work.db.add(row)
        await people.heard(work.db, LAN, bench.now - timedelta(days=10))
        await people.say_consent(
            work.db, LAN, [Purpose.RESULT_READY], granted=True, wording="t", now=bench.now
        )
        key = f"result_ready:{LAN.channel}:{LAN.user}:{row.id}:20261120T0900"
        await outbox.put(
            work.db, key=key, to=LAN, purpose=Purpose.RESULT_READY, text="Có kết quả", now=bench.now
        )
        notice = (await work.db.exec(select(Delivery))).one()
        notice.state, notice.error = DeliveryState.FAILED, "Refused: window_closed"
        work.db.add(notice)


async def _repeated(bench):
    async with bench.work() as work:
        return await again(work.db, bench.now)


async def _speaks(bench):
    bench.wait(hours=2)
    async with bench.work() as work:
        await people.heard(work.db, LAN, bench.now)


@pytest.mark.usefixtures("refused")
async def test_it_waits_for_the_next_word_and_goes_once(bench):
    assert await _repeated(bench) == 0
    await _speaks(bench)
    assert await _repeated(bench) == 1
    assert await _repeated(bench) == 0
    assert (await bench.told("result_ready:"))[0].state is DeliveryState.QUEUED


@pytest.mark.usefixtures("refused")
async def test_a_result_fetched_meanwhile_is_not_told_of(bench):
    async with bench.work() as work:
        row = await work.db.get(Dossier, 1)
        row.state = DossierState.HANDED
        work.db.add(row)
    await _speaks(bench)
    assert await _repeated(bench) == 0


@pytest.mark.usefixtures("refused")
async def test_whoever_stopped_notices_hears_nothing_more(bench):
    await _speaks(bench)
    async with bench.work() as work:
        await people.say_consent(
            work.db, LAN, [Purpose.RESULT_READY], granted=False, wording="t", now=bench.now
        )
    assert await _repeated(bench) == 0


@pytest.mark.usefixtures("refused")
async def test_after_a_month_it_is_stale(bench):
    bench.wait(days=31)
    await _speaks(bench)
    assert await _repeated(bench) == 0


@pytest.mark.parametrize(
    ("channel", "days", "waiting"),
    [(ChannelName.ZALO, 1, False), (ChannelName.ZALO, 8, True), (ChannelName.TELEGRAM, 80, False)],
)
async def test_only_zalo_after_a_week_of_silence_is_waited_for(bench, channel, days, waiting):
    who = Address(channel, "1")
    contact = Contact(channel=channel, user="1", heard_at=bench.now - timedelta(days=days))
    assert waits(who, contact, bench.now) is waiting
