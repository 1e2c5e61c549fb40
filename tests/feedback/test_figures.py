"""The figures of a month against a plain count, on both databases."""

from datetime import timedelta

from feedback import figures
from records.database import Database
from tests.conftest import WallClock
from tests.feedback.some_cases import fill


async def test_the_figures_are_those_of_a_plain_count(database: Database, clock: WallClock) -> None:
    await fill(database, clock)
    async with database.reading() as db:
        told = await figures.report(db, clock() - timedelta(days=30), clock(), clock())
    whole = told.whole
    assert (whole.received, whole.on_time, whole.late, whole.open_in_time, whole.reopened) == (6, 3, 2, 1, 1)
    assert whole.share_on_time == 60
    assert whole.ratings == {1: 2}
    assert told.waiting_hours is not None
    assert round(told.waiting_hours, 3) == 24
    assert told.by_desk["police"].late == 1
    assert told.by_source == {"web": 5, "phone": 1}
