"""A signed letter on its way: which way, when, and what stops it."""

from datetime import date, datetime

import pytest
from sqlmodel import col, select

from knowledge.calendar import HERE
from letters import desk, handing, matching, release, stopping
from letters.states import NotAllowed
from records import events, gate, people
from records.letters import EventKind, LetterState, Resident, Route
from records.tables import Address, ChannelName, Delivery, DeliveryState, Purpose
from tests.letters.bench import BIRTH, CHAIR, CLERK, DEATH, MARRIAGE, VICE, couple


async def _fails(bench, key):
    async with bench.work() as work:
        row = (await work.db.exec(select(Delivery).where(col(Delivery.key) == key))).one()
        row.state = DeliveryState.FAILED
        work.db.add(row)


async def _settled(bench):
    async with bench.work() as work:
        return await release.settle(work)


async def _routes(bench):
    return [(row.route, row.channel) for row in await bench.recipients(await bench.letter())]


async def test_whoever_has_no_account_gets_paper(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    assert await _routes(bench) == [(Route.PAPER, None), (Route.PAPER, None)]


async def test_an_account_without_a_yes_gets_nothing(bench):
    groom, bride = await couple(bench)
    await bench.writes_from(groom, agrees=False)
    who = await bench.writes_from(bride)
    async with bench.work() as work:
        await people.say_consent(work.db, who, [Purpose.LETTER], granted=False, wording="t", now=bench.now)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    assert [route for route, _ in await _routes(bench)] == [Route.PAPER, Route.NONE]
    assert await bench.told() == []


async def test_outside_the_free_window_it_waits_for_the_next_word(bench):
    groom, _ = await couple(bench)
    who = await bench.writes_from(groom, ChannelName.ZALO)
    bench.wait(days=4)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    assert (await _routes(bench))[0] == (Route.WAITING, ChannelName.ZALO)
    assert await bench.told() == []

    bench.wait(hours=3)
    async with bench.work() as work:
        await people.heard(work.db, who, bench.now)
        assert await release.spoke(work.db, who) == 1
        assert await release.spoke(work.db, who) == 0
    await bench.released()
    assert [row.key.split(":", 3)[3] for row in await bench.told()] == ["zalo", "zalo:2"]


async def test_who_never_writes_again_gets_paper_in_the_end(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom, ChannelName.ZALO)
    bench.wait(days=4)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    bench.wait(days=40)
    await _settled(bench)
    assert [route for route, _ in await _routes(bench)] == [Route.PAPER, Route.PAPER]


async def test_refused_on_one_account_it_goes_to_the_next_and_then_to_paper(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom, ChannelName.ZALO)
    await bench.writes_from(groom, ChannelName.WEB, user="a-browser")
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    row = (await bench.recipients(await bench.letter()))[0]
    await _fails(bench, f"letter:1:{row.id}:zalo")
    await _settled(bench)
    await bench.released()
    assert [(one.key.split(":", 3)[3], one.state) for one in await bench.told()] == [
        ("zalo", DeliveryState.FAILED),
        ("zalo:2", DeliveryState.WITHHELD),
        ("web", DeliveryState.QUEUED),
    ]
    await _fails(bench, f"letter:1:{row.id}:web")
    await _settled(bench)
    await bench.released()
    assert (await _routes(bench))[0][0] is Route.PAPER


async def test_a_letter_in_doubt_is_sent_by_no_other_way(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.writes_from(groom, ChannelName.WEB, user="a-browser")
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    async with bench.work() as work:
        row = (await work.db.exec(select(Delivery).where(col(Delivery.key).endswith("telegram")))).one()
        row.state = DeliveryState.DOUBTFUL
        work.db.add(row)
    await _settled(bench)
    await bench.released()
    assert {one.channel for one in await bench.told()} == {ChannelName.TELEGRAM}


async def test_signed_in_the_evening_it_leaves_in_the_morning(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    bench.wait(hours=12)
    letter = await bench.signed()
    assert letter.due_at == datetime(2026, 11, 21, 8, 0, tzinfo=HERE)
    assert await bench.released() == 0
    bench.wait(hours=11)
    assert await bench.released() == 1


async def test_at_night_the_road_is_closed_for_what_is_queued(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    bench.now = datetime(2026, 11, 20, 19, 58, tzinfo=HERE)
    await bench.released()
    for hour, minute, open_ in ((20, 0, False), (23, 0, False), (7, 59, False), (8, 0, True)):
        day = 21 if hour < 12 else 20
        moment = datetime(2026, 11, day, hour, minute, 1, tzinfo=HERE)
        async with bench.work() as work:
            room = await gate.look(work.db, ChannelName.TELEGRAM, 30, moment, limit=5)
        assert (room.bulk > 0) is open_, (hour, minute)


async def test_more_than_a_day_late_a_person_decides(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    bench.wait(hours=25)
    await bench.released()
    letter = await bench.letter()
    assert (letter.state, "24 giờ" in letter.reason) == (LetterState.HALTED, True)
    async with bench.work() as work:
        await desk.resume(work, 1, await bench.hand(CHAIR))
    await bench.released()
    assert (await bench.letter()).state is LetterState.RELEASED


async def test_what_lay_in_the_outbox_for_a_day_stays_there(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    bench.wait(hours=25)
    await _settled(bench)
    assert {row.state for row in await bench.told()} == {DeliveryState.WITHHELD}


async def test_a_congratulation_waits_when_somebody_had_a_letter_today_an_apology_does_not(bench):
    groom, bride = await couple(bench)
    await bench.writes_from(groom)
    await bench.writes_from(bride)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.happens(
        EventKind.BIRTH,
        BIRTH
        | {"mother_address": "34 Hai Bà Trưng", "father_address": "12 Lê Lợi", "father_born": "1995-03-02"},
    )
    await bench.signed(1)
    await bench.signed(2)
    await bench.released()
    states = [letter.state for letter in await bench.letters()]
    assert states == [LetterState.RELEASED, LetterState.SIGNED]
    bench.wait(hours=23)
    await bench.released()
    assert [letter.state for letter in await bench.letters()] == [LetterState.RELEASED] * 2


async def test_a_death_in_the_house_keeps_a_queued_congratulation_at_home(bench):
    groom, bride = await couple(bench)
    father = await bench.lives("Lê Văn Cha", "1960-01-01", "12 Lê Lợi")
    await bench.writes_from(groom)
    await bench.writes_from(bride)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    async with bench.work() as work:
        assert await stopping.mourn(work.db, await work.db.get(Resident, father.id), bench.now) == 2
        assert await stopping.mourn(work.db, await work.db.get(Resident, father.id), bench.now) == 0
    states = {row.user: row.state for row in await bench.told()}
    assert sorted(states.values()) == [DeliveryState.QUEUED, DeliveryState.WITHHELD]


async def test_a_house_in_mourning_gets_no_congratulation_until_a_person_decides(bench):
    groom, _ = await couple(bench)
    async with bench.work() as work:
        gone = await bench_person(bench, work, groom)
        await stopping.mourn(work.db, gone, bench.now)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    letter = await bench.letter()
    assert letter.state is LetterState.INCOMPLETE
    assert "tang" in letter.gap


async def bench_person(bench, work, one):
    row = Resident(
        name="Ông Mẫu",
        folded="ong mau",
        quarter="TDP 5",
        household_id=one.household_id,
        added_at=bench.now,
        deceased_on=bench.now.date(),
    )
    work.db.add(row)
    await work.db.flush()
    return row


async def test_a_spouse_who_died_after_the_signature_stops_the_letter(bench):
    groom, bride = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    async with bench.work() as work:
        await stopping.mourn(work.db, await work.db.get(Resident, bride.id), bench.now)
    await bench.released()
    assert await bench.told() == []
    assert (await bench.letter()).state is LetterState.HALTED


async def test_whoever_stops_letters_stops_what_is_queued(bench):
    groom, _ = await couple(bench)
    who = await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    async with bench.work() as work:
        assert await stopping.hush(work.db, who, [Purpose.LETTER, Purpose.GREETING]) == 2


async def test_condolence_goes_by_chat_only_to_an_account_a_person_vouched_for(bench):
    await bench.happens(EventKind.DEATH_REPORTED, DEATH, reported_by="a", confirmed_by="b")
    son = Address(ChannelName.TELEGRAM, "4711")
    async with bench.work() as work:
        await people.heard(work.db, son, bench.now)
        await desk.confirm_reader(work, 1, await bench.hand(CLERK), 0, son)
    await bench.signed()
    await bench.released()
    told = await bench.told()
    assert [row.user for row in told] == ["4711", "4711"]
    assert not any(row.choices for row in told)


async def test_a_cancelled_record_takes_its_letter_along(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    await bench.signed()
    await bench.released()
    async with bench.work() as work:
        await events.cancel(work.db, ["m"], bench.now)
    await bench.happens(EventKind.DEATH_REGISTERED, {}, key="other")
    assert (await bench.letter()).state is LetterState.HALTED
    assert {row.state for row in await bench.told()} == {DeliveryState.WITHHELD}


async def test_a_letter_is_finished_when_the_paper_was_handed_over(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, on=date(2026, 11, 18))
    await bench.signed()
    await bench.released()
    await _settled(bench)
    assert (await bench.letter()).state is LetterState.RELEASED
    async with bench.work() as work:
        for row in await bench_rows(work):
            await handing.handed(work, 1, await bench.hand(CLERK), row.place, to="chú rể")
    await _settled(bench)
    assert (await bench.letter()).state is LetterState.FINISHED
    bench.wait(days=1)
    with pytest.raises(NotAllowed):
        async with bench.work() as work:
            await desk.redraft(work, 1, await bench.hand(VICE))


async def bench_rows(work):
    return await matching.recipients(work, 1)


async def test_words_changed_behind_the_desk_are_not_sent(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    letter = await bench.signed()
    async with bench.work() as work:
        row = await work.db.get(type(letter), 1)
        words = {**row.facts["words"], "closing": "Thân ái."}
        row.facts = {**row.facts, "words": words}
        work.db.add(row)
    await bench.released()
    assert (await bench.letter()).state is LetterState.HALTED
    assert await bench.told() == []
