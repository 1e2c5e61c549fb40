"""Letters keep to the ward's hours, whatever the machine believes: its zone, its clocks going forward or back."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.calendar import HERE, here
from knowledge.sending import CONDOLENCE, LETTERS
from letters import release
from records import gate, outbox
from records.database import Database
from records.letters import EventKind
from records.tables import ChannelName
from tests import ready_made
from tests.letters.bench import MARRIAGE, Bench, couple

# Zones of hosts, each with a night in which something odd happens to its clock.
HOSTS = {
    "UTC": datetime(2026, 11, 20, tzinfo=UTC),
    "Asia/Ho_Chi_Minh": datetime(2026, 11, 20, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, tzinfo=UTC),  # an hour comes twice
    "Europe/London": datetime(2027, 3, 28, tzinfo=UTC),  # an hour is left out
    "Australia/Lord_Howe": datetime(2027, 4, 4, tzinfo=UTC),  # half an hour comes twice
    "Pacific/Kiritimati": datetime(2026, 12, 31, tzinfo=UTC),  # a day ahead
    "Pacific/Pago_Pago": datetime(2026, 12, 31, tzinfo=UTC),  # a day behind
    "Asia/Kathmandu": datetime(2027, 2, 5, tzinfo=UTC),  # a quarter of an hour off
}
HALF_HOURS = 96
UNTIL_NOON = 30


@pytest.fixture(params=HOSTS)
def host(request, monkeypatch):
    """The machine stands somewhere else."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield HOSTS[request.param]
    monkeypatch.undo()
    os.environ.pop("TZ", None)
    time.tzset()


def shown_by(host: datetime):
    """Return half-hours of two days as the machine's own clock shows them."""
    moments = (host + timedelta(minutes=30 * n) for n in range(HALF_HOURS))
    return [datetime.fromtimestamp(moment.timestamp()).astimezone() for moment in moments]


def test_the_hours_are_those_of_the_ward_on_any_host(host):
    for moment in shown_by(host):
        wall = (moment.astimezone(UTC) + timedelta(hours=7)).time()  # Vietnam has no summer time
        assert here(moment).time() == wall
        assert not LETTERS.allow(moment) or 7 <= wall.hour < 21
        assert not CONDOLENCE.allow(moment) or 7 <= wall.hour < 21
    assert any(LETTERS.allow(moment) for moment in shown_by(host))


async def test_a_letter_signed_at_any_hour_of_the_host_leaves_by_day(host, tmp_path):
    """It is signed late in the evening of the ward, and looked at every half hour until it has left."""
    ready_made.lay(tmp_path / "ward.db")
    bench = Bench(Database(f"sqlite+aiosqlite:///{tmp_path}/ward.db"), tmp_path)
    evening = datetime.combine(host.date(), datetime.min.time(), tzinfo=HERE) + timedelta(
        hours=20, minutes=55
    )
    bench.now = datetime.fromtimestamp(evening.timestamp()).astimezone()
    await bench.hire()
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    facts = MARRIAGE | {"handed_over_on": here(evening).date().isoformat()}
    await bench.happens(EventKind.MARRIAGE, facts, on=here(evening).date())
    await bench.signed()
    left = [moment for moment in shown_by(evening)[:UNTIL_NOON] if await leaves(bench, moment)]
    await bench.database.close()
    assert len(left) == 2, "the picture, then the paper: one person hears one thing at a time"
    assert all(LETTERS.allow(moment) for moment in left)
    assert {here(moment).date() for moment in left} == {here(evening).date() + timedelta(days=1)}


async def leaves(bench: Bench, moment: datetime) -> int:
    """Do what the clock and the sender do at *moment*; return how many messages left."""
    bench.now = moment
    async with bench.work() as work:
        await release.release(work)
    async with bench.work() as work:
        room = await gate.look(work.db, ChannelName.TELEGRAM, 30, moment, limit=5)
        rows = await outbox.claim(work.db, ChannelName.TELEGRAM, moment, 5 if room.bulk else 0, bulk=True)
        for row in rows:
            await outbox.record_sent(work.db, row, f"ref-{row.id}", moment)
    return len(rows)
