"""How the channels are: what is told of tokens, gates, queues, and of jobs that were cut off."""

from datetime import timedelta

from records import pulse, questions, rights
from records.cases import RequestKind
from records.tables import Address, ChannelName, ChannelToken, Gate, JobRun, Received
from tests.conftest import FRIDAY

NOW = FRIDAY
LAN = Address(ChannelName.ZALO, "lan")


async def test_a_quiet_channel_is_well_and_a_worn_out_token_is_not(database):
    async with database.writing() as db:
        token = {"access": "a", "refresh": "b", "given_sha256": "c", "renewed_at": NOW, "expires_at": NOW}
        db.add(ChannelToken.model_validate(token | {"channel": "zalo"}))
        later = NOW + timedelta(hours=1)
        gate = {"next_at": NOW, "next_bulk_at": NOW, "closed_until": later, "why": "429"}
        db.add(Gate.model_validate(gate | {"channel": "telegram"}))
        db.add(Received(key="k", channel=ChannelName.WEB, user="u", received_at=NOW))
    async with database.reading() as db:
        found = {road.channel: road for road in await pulse.roads(db, tuple(ChannelName), NOW)}
    assert found[ChannelName.ZALO].is_ill(NOW)
    assert found[ChannelName.TELEGRAM].closed_why == "429"
    assert found[ChannelName.TELEGRAM].is_ill(NOW)
    assert found[ChannelName.WEB].heard_at == NOW
    assert not found[ChannelName.WEB].is_ill(NOW)


async def test_jobs_that_never_ended_and_backups_that_did_are_told(database):
    async with database.writing() as db:
        for hours, ended in ((30, False), (3, False), (2, False), (1, True)):
            began = NOW - timedelta(hours=hours)
            db.add(JobRun(name="letters", slot=str(hours), started_at=began, ended_at=NOW if ended else None))
        db.add(JobRun(name=pulse.BACKUP, slot="1", started_at=NOW, ended_at=NOW))
    async with database.reading() as db:
        (one,) = await pulse.cut_off(db, NOW)
        assert (one.name, one.times, one.last) == ("letters", 2, NOW - timedelta(hours=2))
        assert await pulse.backed_up(db) == NOW
        assert await pulse.doubtful(db) == 0


async def test_what_people_asked_is_counted_with_its_clock(database):
    async with database.reading() as db:
        assert await pulse.requests(db, NOW) == (0, 0, None)
    async with database.writing() as db:
        await questions.note(db, "nuôi rùa", "nuoi rua", NOW - timedelta(days=9))
        await questions.note(db, "đổi tên đường", "doi ten duong", NOW)
        for days in (-1, 2):
            due = NOW + timedelta(days=days)
            await rights.ask(db, LAN, RequestKind.ERASE, now=NOW, due_at=due)
    async with database.reading() as db:
        assert await pulse.unanswered(db, NOW) == (2, 1)
        assert await pulse.requests(db, NOW) == (2, 1, NOW - timedelta(days=1))
