"""What happened is noted once; saying it again changes nothing, saying it differently makes a revision."""

import asyncio
from datetime import date

from records import events
from records.events import Noted
from records.letters import EventKind
from tests.conftest import FRIDAY

WEDDING = {
    "groom_name": "Nguyễn Văn Thử",
    "bride_name": "Trần Thị Nghiệm",
    "registered_on": date(2026, 11, 18),
    "handed_over_on": None,
    "bride_phone": "0900000123",
}


async def wed(db, **changed):
    facts = {**WEDDING, **changed}
    return await events.note(
        db,
        key="marriage:1:57:2026",
        kind=EventKind.MARRIAGE,
        happened_on=date(2026, 11, 18),
        facts=facts,
        now=FRIDAY,
    )


async def test_a_marriage_told_twice_is_noted_once(database):
    async with database.writing() as db:
        first = await wed(db)
    async with database.writing() as db:
        second = await wed(db)
    assert (first.noted, second.noted) == (Noted.NEW, Noted.KNOWN)
    assert second.event.id == first.event.id
    assert second.event.revision == 1
    assert second.event.facts["registered_on"] == "2026-11-18"
    assert "handed_over_on" not in second.event.facts


async def test_the_certificate_is_handed_over_and_the_event_is_considered_anew(database):
    async with database.writing() as db:
        done = await wed(db)
        done.event.considered_at = FRIDAY
        db.add(done.event)
    async with database.writing() as db:
        later = await wed(db, handed_over_on=date(2026, 11, 20), bride_name="Trần Thị Nghiêm")
    assert later.noted is Noted.CHANGED
    assert later.changes == ("bride_name", "handed_over_on")
    assert later.before is not None
    assert later.before["bride_name"] == "Trần Thị Nghiệm"
    assert later.event.revision == 2
    assert later.event.considered_at is None
    assert later.event.facts_sha256 == events.seal(later.event.facts)


async def test_what_another_sheet_does_not_tell_stays_and_what_is_struck_out_goes(database):
    async with database.writing() as db:
        await wed(db)
        less = {name: value for name, value in WEDDING.items() if name != "bride_phone"}
        untold = await events.note(
            db,
            key="marriage:1:57:2026",
            kind=EventKind.MARRIAGE,
            happened_on=date(2026, 11, 18),
            facts=less,
            now=FRIDAY,
        )
        struck = await wed(db, bride_phone=None)
    assert untold.noted is Noted.KNOWN
    assert struck.changes == ("bride_phone",)
    assert "bride_phone" not in struck.event.facts


async def test_a_cancelled_event_is_noted_again_as_a_new_revision(database):
    async with database.writing() as db:
        await wed(db)
        assert await events.cancel(db, ["marriage:1:57:2026", "marriage:9:9:2026"], FRIDAY) == 1
        assert await events.cancel(db, ["marriage:1:57:2026"], FRIDAY) == 0
        gone = await events.by_key(db, "marriage:1:57:2026")
        assert gone is not None
        assert gone.cancelled_at == FRIDAY
        again = await wed(db)
    assert again.noted is Noted.CHANGED
    assert again.event.cancelled_at is None
    assert again.event.revision == 3


async def test_a_death_is_confirmed_by_somebody_else_and_once(database):
    async with database.writing() as db:
        told = await events.note(
            db,
            key="death_report:2026-11-20:x",
            kind=EventKind.DEATH_REPORTED,
            happened_on=date(2026, 11, 20),
            facts={},
            now=FRIDAY,
            reported_by="dung",
        )
        assert [row.key for row in await events.unconfirmed(db, EventKind.DEATH_REPORTED)] == [told.event.key]
        assert not await events.confirm(db, told.event, "dung", FRIDAY)
        assert await events.confirm(db, told.event, "hanh", FRIDAY)
        assert not await events.confirm(db, told.event, "loc", FRIDAY)
        assert await events.unconfirmed(db, EventKind.DEATH_REPORTED) == []
    assert told.event.confirmed_by == "hanh"


async def test_twenty_who_tell_the_same_at_once_tell_one_event(database):
    async def tell():
        async with database.writing() as db:
            return (await wed(db)).noted

    noted = await asyncio.gather(*(tell() for _ in range(20)))
    assert sorted(noted) == [*[Noted.KNOWN] * 19, Noted.NEW]
