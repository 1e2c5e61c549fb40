"""A greeting to many: drafted ahead, approved for an audience, queued in chunks, halted by a word."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from knowledge.calendar import HERE
from letters import broadcast, desk, stopping
from letters.states import NotAllowed
from records import outbox, people
from records.letters import Household, LetterState, Resident, ResidentAddress
from records.outbox import put
from records.tables import Address, ChannelName, Delivery, DeliveryState, Gate, Purpose
from tests.letters.bench import CHAIR, CLERK

CHRISTMAS = datetime(2026, 12, 26, 9, 0, tzinfo=HERE)  # a week before New Year's Day
NEW_YEAR = datetime(2027, 1, 1, 8, 0, tzinfo=HERE)


async def _neighbours(bench, count, first=1):
    people_of = []
    for number in range(first, first + count):
        one = await bench.lives(f"Người Mẫu {number}", "1980-01-01", f"{number} Lê Lợi")
        people_of.append((one, await bench.writes_from(one)))
    return people_of


async def _signed_greeting(bench):
    bench.now = CHRISTMAS
    async with bench.work() as work:
        assert await broadcast.draft_greetings(work) == 1
        assert await broadcast.draft_greetings(work) == 0
    letter = await bench.letter()
    assert letter.state is LetterState.DRAFTED, letter.gap
    return await bench.signed()


async def _pushed(bench):
    return await broadcast.push(bench.work)


async def test_new_year_is_drafted_signed_once_and_sent_on_the_morning_itself(bench):
    await _neighbours(bench, 3)
    letter = await _signed_greeting(bench)
    assert (letter.audience_size, len(letter.audience_sha256)) == (3, 64)
    assert await _pushed(bench) == 0
    bench.now = NEW_YEAR
    assert await _pushed(bench) == 3
    assert await _pushed(bench) == 0
    told = await bench.told()
    assert {row.purpose for row in told} == {Purpose.GREETING}
    assert all(len(row.attachments) == 1 and letter.check_code in row.text for row in told)
    async with bench.work() as work:
        assert await broadcast.progress(work, letter) == {DeliveryState.QUEUED: 3}


async def test_who_mourns_opted_out_or_has_no_channel_is_counted_and_left_out(bench):
    (mourning, _), (_, refuses), (gone, _), _ = await _neighbours(bench, 4)
    await bench.lives("Người Không Kênh", "1970-01-01", "99 Lê Lợi")
    async with bench.work() as work:
        await stopping.mourn(work.db, await work.db.get(Resident, gone.id), bench.now)
        house = await work.db.get(Household, mourning.household_id)
        house.mourning_until = NEW_YEAR.date() + timedelta(days=9)
        work.db.add(house)
        await people.say_consent(
            work.db, refuses, [Purpose.GREETING], granted=False, wording="t", now=bench.now
        )
    letter = await _signed_greeting(bench)
    async with bench.work() as work:
        seen = await broadcast.outlook(work, letter)
    assert seen.by_channel == {ChannelName.TELEGRAM: 1}
    assert (seen.mourning_households, seen.opted_out, seen.without_channel, seen.cost_vnd) == (1, 1, 1, 0)
    bench.now = NEW_YEAR
    assert await _pushed(bench) == 1


async def test_opting_out_after_the_signature_voids_nothing_and_is_honoured(bench):
    (_, who), *_ = await _neighbours(bench, 2)
    await _signed_greeting(bench)
    async with bench.work() as work:
        await people.say_consent(work.db, who, [Purpose.GREETING], granted=False, wording="t", now=bench.now)
    bench.now = NEW_YEAR
    assert await _pushed(bench) == 1


async def test_an_account_that_became_anothers_voids_the_approval(bench):
    (_, who), (other, _) = await _neighbours(bench, 2)
    await _signed_greeting(bench)
    async with bench.work() as work:
        row = await work.db.get(ResidentAddress, (who.channel, who.user))
        row.resident_id = other.id
        work.db.add(row)
    bench.now = NEW_YEAR
    assert await _pushed(bench) == 0
    letter = await bench.letter()
    assert (letter.state, "danh sách người nhận" in letter.reason) == (LetterState.HALTED, True)


async def test_many_newcomers_void_the_approval(bench):
    await _neighbours(bench, 2)
    await _signed_greeting(bench)
    bench.wait(days=1)
    await _neighbours(bench, 1, first=10)
    bench.now = NEW_YEAR
    assert await _pushed(bench) == 0
    assert (await bench.letter()).state is LetterState.HALTED


async def test_a_crash_between_two_chunks_resumes_where_it_stopped(bench, monkeypatch):
    monkeypatch.setattr(broadcast, "CHUNK", 2)
    await _neighbours(bench, 5)
    await _signed_greeting(bench)
    bench.now = NEW_YEAR
    async with bench.work() as work:
        assert await broadcast.step(work) == 2
    with pytest.raises(OSError, match="lights"):
        async with bench.work() as work:
            assert await broadcast.step(work) == 2
            raise OSError("the lights go out")
    assert await _pushed(bench) == 3
    keys = [row.key for row in await bench.told()]
    assert len(keys) == len(set(keys)) == 5


async def test_dung_halts_everything_at_once(bench, monkeypatch):
    monkeypatch.setattr(broadcast, "CHUNK", 2)
    await _neighbours(bench, 5)
    letter = await _signed_greeting(bench)
    bench.now = NEW_YEAR
    async with bench.work() as work:
        await broadcast.step(work)
    async with bench.work() as work:
        assert await desk.recall(work, letter.id, await bench.hand(CHAIR), "bão vào tối nay") == 2
    assert await _pushed(bench) == 0
    assert {row.state for row in await bench.told()} == {DeliveryState.WITHHELD}


async def test_a_halted_greeting_goes_on_where_it_was_and_to_nobody_twice(bench, monkeypatch):
    monkeypatch.setattr(broadcast, "CHUNK", 3)
    (_, first), (one, _), (_, refuses), *_ = await _neighbours(bench, 5)
    letter = await _signed_greeting(bench)
    bench.now = NEW_YEAR
    async with bench.work() as work:
        assert await broadcast.step(work) == 3
        assert await outbox.claim(work.db, ChannelName.TELEGRAM, bench.now, 1, bulk=True)
        assert await desk.recall(work, letter.id, await bench.hand(CHAIR), "bão vào tối nay") == 2
    bench.wait(hours=2)
    async with bench.work() as work:
        await people.say_consent(
            work.db, refuses, [Purpose.GREETING], granted=False, wording="t", now=bench.now
        )
        with pytest.raises(NotAllowed):
            await broadcast.resume(work, letter.id, await bench.hand(CLERK))
        await broadcast.resume(work, letter.id, await bench.hand(CHAIR))
        with pytest.raises(NotAllowed):
            await broadcast.resume(work, letter.id, await bench.hand(CHAIR))
    assert await _pushed(bench) == 2
    states = {row.user: row.state for row in await bench.told()}
    assert (states[first.user], states[refuses.user]) == (DeliveryState.SENDING, DeliveryState.WITHHELD)
    assert [*states.values()].count(DeliveryState.QUEUED) == 3
    assert (await bench.letter()).state is LetterState.RELEASED
    async with bench.work() as work:  # once more, when everybody is queued
        assert await desk.recall(work, letter.id, await bench.hand(CHAIR), "vẫn còn bão") == 3
        assert await stopping.mourn(work.db, await work.db.get(Resident, one.id), bench.now) == 0
        await broadcast.resume(work, letter.id, await bench.hand(CHAIR))
    assert await _pushed(bench) == 0
    async with bench.work() as work:
        seen = await broadcast.standing(work.db, letter.id)
    assert (seen.total, seen.sent, seen.queued, seen.withheld) == (5, 0, 3, 2)


async def test_a_halted_greeting_is_not_resumed_when_its_approval_is_void_or_its_day_over(bench):
    (_, who), (other, _) = await _neighbours(bench, 2)
    letter = await _signed_greeting(bench)
    bench.now = NEW_YEAR
    await _pushed(bench)
    async with bench.work() as work:
        await desk.recall(work, letter.id, await bench.hand(CHAIR), "bão vào tối nay")
        row = await work.db.get(ResidentAddress, (who.channel, who.user))
        row.resident_id = other.id
        work.db.add(row)
        await broadcast.resume(work, letter.id, await bench.hand(CHAIR))
    assert await _pushed(bench) == 0
    assert (await bench.letter()).state is LetterState.HALTED
    assert {row.state for row in await bench.told()} == {DeliveryState.WITHHELD}
    bench.now = letter.stale_at
    async with bench.work() as work:
        with pytest.raises(NotAllowed, match="muộn"):
            await broadcast.resume(work, letter.id, await bench.hand(CHAIR))


async def test_progress_counts_one_greeting_among_others_by_the_index_of_keys(bench):
    (_, who), *_ = await _neighbours(bench, 1)
    await _signed_greeting(bench)
    bench.now = NEW_YEAR
    await _pushed(bench)
    letter = await bench.letter()
    async with bench.work() as work:
        for number in (0, 2, 10, 11, 100):
            key = f"letter:{number}:r1:telegram"
            await put(work.db, key=key, to=who, purpose=Purpose.GREETING, text="x", now=bench.now)
        seen = await broadcast.standing(work.db, letter.id)
        plan = select(Delivery.id).where(outbox.named(f"letter:{letter.id}:"))
        if bench.database.is_sqlite:
            query = plan.compile(compile_kwargs={"literal_binds": True}, dialect=work.db.get_bind().dialect)
            rows = await (await work.db.connection()).exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")
            assert "SEARCH delivery USING" in str(rows.all())
    assert (seen.total, seen.queued, seen.sent, seen.doubtful, seen.failed) == (1, 1, 0, 0, 0)


async def test_a_death_after_queueing_keeps_the_greeting_at_home(bench):
    (one, _), *_ = await _neighbours(bench, 2)
    await _signed_greeting(bench)
    bench.now = NEW_YEAR
    await _pushed(bench)
    async with bench.work() as work:
        assert await stopping.mourn(work.db, await work.db.get(Resident, one.id), bench.now) == 1
    assert [row.state for row in await bench.told()] == [DeliveryState.WITHHELD, DeliveryState.QUEUED]


async def test_a_greeting_is_not_made_up_for_a_day_later(bench):
    await _neighbours(bench, 1)
    await _signed_greeting(bench)
    bench.now = NEW_YEAR + timedelta(hours=25)
    assert await _pushed(bench) == 0
    assert (await bench.letter()).state is LetterState.HALTED


async def test_it_is_finished_when_nothing_of_it_is_open(bench):
    await _neighbours(bench, 1)
    await _signed_greeting(bench)
    bench.now = NEW_YEAR
    await _pushed(bench)
    async with bench.work() as work:
        assert await broadcast.rest(work) == 0
        row = (await work.db.exec(select(Delivery).where(col(Delivery.key).startswith("letter:")))).one()
        row.state = DeliveryState.SENT
        work.db.add(row)
        await work.db.flush()
        assert await broadcast.rest(work) == 1
    assert (await bench.letter()).state is LetterState.FINISHED


async def test_too_many_failures_close_the_road_and_staff_hear_of_it(bench):
    async with bench.work() as work:
        for number in range(100):
            who = Address(ChannelName.TELEGRAM, f"8{number}")
            await put(
                work.db,
                key=f"letter:9:r{number}:telegram",
                to=who,
                purpose=Purpose.GREETING,
                text="x",
                now=bench.now,
            )
        await work.db.flush()
        rows = (await work.db.exec(select(Delivery))).all()
        for row in rows:
            row.state = DeliveryState.FAILED if (row.id or 0) % 10 == 0 else DeliveryState.SENT
            work.db.add(row)
        await work.db.flush()
        assert await broadcast.rest(work) == 1
        assert await broadcast.rest(work) == 0
        gate = await work.db.get(Gate, ChannelName.TELEGRAM, populate_existing=True)
        assert gate.next_bulk_at > bench.now + timedelta(hours=11)
    alerts = await bench.told("alert:bulk")
    assert {row.key.rsplit(":", 1)[1] for row in alerts} >= {CHAIR, CLERK}


async def test_the_same_words_for_loudspeaker_page_and_article(bench):
    letter = await _signed_greeting(bench)
    texts = broadcast.texts(letter)
    assert texts.words_aloud <= 390
    assert "Đoàn Thị Minh Thịnh" in texts.page
    assert texts.article_lead
    assert texts.page_title[0].isupper()
