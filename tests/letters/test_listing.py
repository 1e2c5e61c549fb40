"""What the pages of the letters desk ask for: lists, the register, paper, doubts, greetings, second thoughts."""

import pytest
from sqlmodel import col, select

from letters import (
    beside,
    book,
    desk,
    doubts,
    greeting_desk,
    listing,
    matching,
    release,
    rounds,
    second_thoughts,
)
from letters.listing import GREETINGS, Wanted
from letters.states import NotAllowed, Stale
from records import counters
from records.letters import EventKind, Letter, LetterState, Route
from records.tables import Delivery, DeliveryState
from tests.letters.bench import CHAIR, CLERK, DEATH, MARRIAGE, VICE, Bench, couple

S = LetterState
DRAFTS = (S.DRAFTED,)


async def wedding(bench: Bench, number: int, **changed: object) -> Letter:
    event = await bench.happens(
        EventKind.MARRIAGE, MARRIAGE | {"number": number} | changed, key=f"marriage:{number}"
    )
    return next(one for one in await bench.letters() if one.event_id == event.id)


async def listed(
    bench: Bench, states: tuple[LetterState, ...] = DRAFTS, *, kind: str = "", name: str = ""
) -> list[int | None]:
    async with bench.work() as work:
        page = await listing.page(work, Wanted(states=states, kind=kind, name=name), 1)
        assert page.total == len(page.lines)
        return [line.letter.id for line in page.lines]


async def test_sorrow_comes_first_and_a_list_is_narrowed_by_kind_and_name(bench: Bench) -> None:
    first = await wedding(bench, 1)
    other = await wedding(bench, 2, groom_name="Bùi Văn Mẫu", bride_name="Hồ Thị Mẫu")
    await bench.happens(EventKind.DEATH_REPORTED, DEATH, reported_by="tổ trưởng", confirmed_by="cán bộ trực")
    sorrow = (await bench.letters())[-1].id
    assert await listed(bench) == [sorrow, first.id, other.id]
    assert await listed(bench, kind="condolence") == [sorrow]
    assert await listed(bench, kind=GREETINGS) == []
    assert await listed(bench, name="bùi văn") == [other.id]
    assert await listed(bench, name=str(other.id)) == [other.id]
    assert await listed(bench, name="%") == []
    assert await listed(bench, states=(S.FINISHED, S.HALTED)) == []
    async with bench.work() as work:
        assert await listing.counts(work) == {S.DRAFTED: 3}
        assert await listing.next_to_check(work, but=sorrow or 0) == (first.id, 2)
        assert len(await listing.everything(work, Wanted(states=DRAFTS))) == 3


async def test_whoever_checked_a_letter_has_it_not_among_those_to_sign(bench: Bench) -> None:
    one, other = await wedding(bench, 1), await wedding(bench, 2)
    for letter, login in ((one, VICE), (other, CLERK)):
        async with bench.work() as work:
            await desk.check(work, letter.id or 0, await bench.hand(login))
    async with bench.work() as work:
        vice, chair = await bench.person(VICE), await bench.person(CHAIR)
        assert await listing.next_to_sign(work, vice) == (other.id, 1)
        assert await listing.next_to_sign(work, chair) == (one.id, 2)
        assert await listing.next_to_sign(work, await bench.person(CLERK)) == (None, 0)


async def test_the_book_tells_numbers_days_and_what_is_missing(bench: Bench) -> None:
    for number in (1, 2):
        letter = await wedding(bench, number)
        await bench.signed(letter.id)
    async with bench.work() as work:
        entries = await book.entries(work, book.Asked(year=2026), 1)
        assert [line.letter.number for line in entries.lines] == [2, 1]
        assert (await book.entries(work, book.Asked(year=2026, number=1), 9)).number == 1
        assert (await book.entries(work, book.Asked(year=2026, day=work.today), 1)).total == 2
        assert (await book.entries(work, book.Asked(year=2026, kind="condolence"), 1)).total == 0
        assert await book.whole(work, 2026) == book.Whole(given=2)
        assert await book.years(work) == [2026]
        await counters.count(work.db, "letters:2026")  # a number was given, and no letter has it
        assert await book.whole(work, 2026) == book.Whole(given=3, missing=(3,))


async def test_what_would_be_done_and_what_was_done_stand_beside_each_recipient(bench: Bench) -> None:
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    letter = await wedding(bench, 1)
    async with bench.work() as work:
        rows = await matching.recipients(work, letter.id or 0)
        plans = await beside.ways(work, letter, rows)
        assert [one.says for one in plans] == ["dự kiến: gửi qua chat: Telegram", "dự kiến: in, trao tận tay"]
        source = await beside.source(work, letter)
        assert source is not None
        assert ("ngày trao giấy", "20/11/2026") in [(fact.title, fact.says) for fact in source.facts]
        assert not source.moved
    await bench.signed(letter.id)
    await bench.released()
    letter = await bench.letter(letter.id)
    async with bench.work() as work:
        done = await beside.ways(work, letter, await matching.recipients(work, letter.id or 0))
        assert [one.says for one in done] == ["gửi qua chat: Telegram", "in, trao tận tay"]
        assert sorted(beside.part_of(copy) for copy in done[0].copies) == ["bản in", "ảnh thư"]
        assert [one.may_be_handed for one in done] == [False, True]
        told = [(deed.what, deed.name) for deed in await beside.deeds(work, letter)]
        assert told == [("soạn", ""), ("soát", "Hà Thị Mỹ Hạnh"), ("ký", "Đoàn Thị Minh Thịnh")]


async def test_one_paper_a_house_and_its_receipt_can_be_taken_back(bench: Bench) -> None:
    letter = await wedding(bench, 1, groom_address="34 Hai Bà Trưng")
    await bench.signed(letter.id)
    await bench.released()
    hand = await bench.hand(CLERK)
    async with bench.work() as work:
        assert await rounds.quarters(work) == [("TDP 5", 2)]
        papers = await rounds.of_quarter(work, "TDP 5")
        assert [one.names for one in papers] == ["Lê Văn Thử, Phạm Thị Mẫu"]
        assert (await rounds.to_print(work, papers)).startswith(b"%PDF-")
        assert (await rounds.list_of(work, "TDP 5", papers)).startswith(b"%PDF-")
        chosen = [papers[0].recipient.id or 0]
        with pytest.raises(NotAllowed, match="Chưa ghi ai nhận"):
            await rounds.handed(work, hand, chosen, "  ")
        done = await rounds.handed(work, hand, chosen, "tổ trưởng")
        assert len(done) == 2
        assert await rounds.quarters(work) == []
    async with bench.work() as work:
        assert await rounds.not_handed(work, hand, done) == 2
        assert await rounds.quarters(work) == [("TDP 5", 2)]
        with pytest.raises(Stale):
            await rounds.not_handed(work, hand, done)
        with pytest.raises(NotAllowed):
            await rounds.handed(work, await bench.hand("ta.huu.phuoc"), chosen, "ai đó")


async def doubtful(bench: Bench) -> tuple[Letter, list[int]]:
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    letter = await wedding(bench, 1)
    await bench.signed(letter.id)
    await bench.released()
    async with bench.work() as work:
        rows = (await work.db.exec(select(Delivery).order_by(col(Delivery.id)))).all()
        for row in rows:
            row.state = DeliveryState.DOUBTFUL
            work.db.add(row)
    return await bench.letter(letter.id), [row.id or 0 for row in rows]


async def test_a_doubt_ends_by_the_word_of_a_person_and_only_once(bench: Bench) -> None:
    _, (picture, paper) = await doubtful(bench)
    hand = await bench.hand(CLERK)
    async with bench.work() as work:
        found, total = await doubts.waiting(work)
        assert (total, [one.name for one in found]) == (2, ["Lê Văn Thử"] * 2)
        assert [one.part for one in found] == ["ảnh thư", "bản in (PDF)"]
        with pytest.raises(NotAllowed):
            await doubts.settle(work, picture, await bench.hand("ta.huu.phuoc"), arrived=True)
        assert await doubts.settle(work, picture, hand, arrived=True) == doubts.ARRIVED
        assert await doubts.settle(work, paper, hand, arrived=False) == doubts.AGAIN
        with pytest.raises(Stale):
            await doubts.settle(work, picture, hand, arrived=False)
    assert [one.state for one in await bench.told()] == [DeliveryState.SENT, DeliveryState.QUEUED]


async def test_what_is_in_doubt_for_a_day_goes_on_paper_and_what_was_halted_stays(bench: Bench) -> None:
    letter, (picture, paper) = await doubtful(bench)
    hand = await bench.hand(CLERK)
    bench.wait(hours=25)
    async with bench.work() as work:
        assert await doubts.settle(work, picture, hand, arrived=False) == doubts.ANOTHER_WAY
        await release.settle(work)
    await bench.released()
    assert [row.route for row in await bench.recipients(letter)] == [Route.PAPER, Route.PAPER]
    async with bench.work() as work:
        await desk.recall(work, letter.id or 0, hand, "gia đình xin hoãn")
        assert await doubts.settle(work, paper, hand, arrived=False) == doubts.KEPT


async def test_a_rejection_is_taken_back_where_the_letter_stood(bench: Bench) -> None:
    letter = await wedding(bench, 1)
    async with bench.work() as work:
        await desk.check(work, letter.id or 0, await bench.hand(CLERK))
    stood = second_thoughts.before(await bench.letter(letter.id))
    async with bench.work() as work:
        gone = await desk.reject(work, letter.id or 0, await bench.hand(CHAIR), "chưa đúng lúc")
    hand = await bench.hand(CHAIR, gone.version)
    async with bench.work() as work:
        back = await second_thoughts.unreject(work, letter.id or 0, hand, stood)
        assert back.state is S.CHECKED
        assert back.checked_by == (await bench.person(CLERK)).id
    async with bench.work() as work:
        with pytest.raises(Stale):
            await second_thoughts.unreject(work, letter.id or 0, hand, stood)


async def test_a_greeting_is_drafted_when_a_person_wants_it_once_and_gets_its_hour(bench: Bench) -> None:
    key = "greeting:lunar_new_year:2027-02-06"
    clerk = await bench.hand(CLERK)
    async with bench.work() as work:
        assert key in [one.occasion.key for one in await greeting_desk.coming(work)]
        letter = await greeting_desk.draft_now(work, clerk, key)
        assert letter.state is S.DRAFTED
        assert (await greeting_desk.draft_now(work, clerk, key)).id == letter.id
        for wrong in ("greeting:lunar_new_year:1968-01-29", "không có"):
            with pytest.raises(NotAllowed):
                await greeting_desk.draft_now(work, clerk, wrong)
        with pytest.raises(NotAllowed):
            await greeting_desk.draft_now(work, await bench.hand("ta.huu.phuoc"), key)
        found = {one.occasion.key: one for one in await greeting_desk.coming(work)}
        assert found[key].letter is not None
        assert found[key].lunar == "mùng 1 tháng Giêng năm Đinh Mùi"
        at = bench.now.replace(hour=16)
        timed = await greeting_desk.schedule(work, letter.id or 0, clerk, at)
        assert (timed.due_at, timed.state) == (at, S.DRAFTED)
        for wrong_hour in (at.replace(hour=22), at.replace(hour=8), at.replace(year=2028)):
            with pytest.raises(NotAllowed):
                await greeting_desk.schedule(work, letter.id or 0, clerk, wrong_hour)


async def test_who_has_no_channel_is_told_on_paper_and_who_said_no_is_left_alone(bench: Bench) -> None:
    groom, bride = await couple(bench)
    await bench.writes_from(groom)
    await bench.lives("Cụ Mẫu Không Máy", "1940-01-05", "99 Lê Lợi", "TDP 7")
    async with bench.work() as work:
        found, total = await greeting_desk.without_channel(work, "everyone", 10)
        assert ([one.name for one in found], total) == (["Phạm Thị Mẫu", "Cụ Mẫu Không Máy"], 2)
        assert await greeting_desk.without_channel(work, "teachers", 10) == ([], 0)
        bride.deceased_on = work.today
        await work.db.merge(bride)
        await work.db.flush()
        assert (await greeting_desk.without_channel(work, "everyone", 10))[1] == 1
