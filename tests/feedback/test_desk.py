"""What the console asks of cases: who sees which, what may be done with them, what will be read."""

import pytest

from feedback import acts, after_photos, explained, history, offers, roll, routing, seeing, speaking, tally
from feedback.acts import Hand
from feedback.offers import Offer
from feedback.roll import Due, Wanted
from feedback.speaking import Saying
from feedback.states import Incomplete, NotAllowed, Stale
from knowledge.concerns import Level
from records.cases import FeedbackState, Outcome
from tests.feedback.bench import CALENDAR, OFFICERS, WARD, Bench

EVERY_STATE = frozenset[FeedbackState]()


async def a_mixed_desk(bench: Bench) -> None:
    for category in ("flood_drain", "waste", "noise", "late_dossier", "land"):
        await bench.report(category=category)
    await bench.report(category="staff_attitude", about_desk="van_phong")
    taken = await bench.report(category="noise")
    async with bench.work() as work:  # somebody else's desk, but theirs since it was given to them
        case = await acts.open_case(
            work, taken.case.code, Hand(person=await bench.person("cong.an.phuong.an.thinh"))
        )
        case.officer_id = (await bench.person("dung")).id
        work.db.add(case)


async def test_a_list_shows_each_officer_exactly_the_cases_they_may_act_on(bench):
    await a_mixed_desk(bench)
    for login, *_ in OFFICERS:
        person = await bench.person(login)
        async with bench.work() as work:
            every = [
                case
                for case, _ in await roll.all_of(
                    work, await bench.person("trinh.quoc.loc"), Wanted(states=EVERY_STATE), 99
                )
            ]
            shown = await roll.sheet(work, person, Wanted(states=EVERY_STATE))
            may = {case.code for case in every if routing.may_answer(work, person, case)}
            assert {row.code for row in shown.rows} == may, login
            assert shown.total == len(may)
            assert (await tally.of(work, person)).open == len(may), login
    async with bench.work() as work:
        nobody = await bench.person("kieu.thi.thanh.tam")
        nobody.permissions = []
        assert (await roll.sheet(work, nobody, Wanted())).rows == ()
        assert seeing.own_desks(WARD.desks, nobody) == ()


async def test_filters_and_words_find_the_same_case_with_and_without_tone_marks(bench):
    taken = await bench.report("Đèn đường hỏng trước chợ", category="lighting", quarter="kp2")
    await bench.report("Nắp cống vỡ", level=Level.URGENT)
    bench.wait(days=3)
    khang = await bench.person("cao.xuan.khang")

    async def codes(**wanted: object) -> list[str]:
        async with bench.work() as work:
            found = await roll.sheet(work, khang, Wanted(**wanted))  # type: ignore[arg-type]
            return [row.code for row in found.rows]

    code = taken.case.code
    for wanted in (
        {"said": "den duong"},
        {"said": "chợ đèn"},
        {"said": code},
        {"said": "0001"},
        {"quarter": "kp2"},
    ):
        assert await codes(**wanted) == [code], wanted
    assert await codes(said="0002") != [code]
    assert await codes(said="không có lời này") == []
    assert len(await codes(due=Due.LATE)) == 1
    assert await codes(officer=khang.id) == []
    assert len(await codes(officer=0)) == 2
    assert await codes(page=9) == []


async def test_what_is_offered_is_what_the_acts_allow(bench):
    taken = await bench.report()
    khang, dung, loc = [await bench.person(one) for one in ("cao.xuan.khang", "dung", "trinh.quoc.loc")]
    async with bench.work() as work:
        case = await acts.claim(work, taken.case.code, Hand(person=khang))
        assert Offer.ANSWER in offers.of(work, khang, case)
        assert Offer.ASSIGN not in offers.of(work, khang, case)
        assert Offer.ANSWER not in offers.of(work, dung, case)
        assert Offer.TRANSFER in offers.of(work, dung, case)
        assert {Offer.ANSWER, Offer.ASSIGN} <= offers.of(work, loc, case)
        assert offers.of(work, await bench.person("phung.van.dung"), case) == frozenset()
        assert offers.may_call(khang, case)
        assert not offers.may_call(dung, case)
        with pytest.raises(NotAllowed, match="đang giữ"):
            await speaking.begin(work, case.code, Hand(person=dung), Offer.ANSWER)
        await acts.answer(work, case.code, Hand(person=khang), "Đã thay nắp", Outcome.RESOLVED)
        assert offers.of(work, khang, case) == {Offer.REMARK, Offer.PUBLISH}
        with pytest.raises(Stale):
            await speaking.begin(work, case.code, Hand(person=khang), Offer.TRANSFER)


async def test_what_is_shown_beforehand_is_what_is_sent(bench):
    taken = await bench.report()
    khang = await bench.person("cao.xuan.khang")
    hand = Hand(person=khang)
    async with bench.work() as work:
        case = await speaking.begin(work, taken.case.code, hand, Offer.EXTENSION)
        with pytest.raises(Incomplete):
            await speaking.preview(work, case, Saying(act=Offer.EXTENSION, text="Chờ vật tư"))
        day = speaking.dates(work, case)[-1]
        assert day == speaking.last_date(work, case)
        saying = Saying(act=Offer.EXTENSION, text="Chờ vật tư", due=day)
        shown = await speaking.preview(work, case, saying)
        await speaking.do(work, case, hand, saying)
        assert case.due_at == CALENDAR.close_of(day)
        answer = Saying(act=Offer.ANSWER, text="Đã thay nắp", outcome=Outcome.PARTLY)
        told = await speaking.preview(work, case, answer)
        seal = speaking.seal(case, answer, told)
        await speaking.do(work, case, hand, answer)
        assert speaking.seal(case, answer, told) != seal  # the case has moved on
        assert speaking.offered(case, Offer.ANSWER) == ("Đã xong", "Xong một phần", "Chưa xong")
    sent = [one.text or "" for one in await bench.told(f"case:{taken.case.code}:")]
    assert any(text.startswith(shown) for text in sent)
    assert any(text.startswith(told) for text in sent)


async def test_the_clock_explains_itself(bench):
    taken = await bench.report()
    hand = await bench.hand("cao.xuan.khang")
    async with bench.work() as work:
        assert "Chưa ai nhận" in " ".join(explained.reasons(work, taken.case))
        case = await acts.ask(work, taken.case.code, hand, "Nắp hình gì ạ?")
        assert "đang tạm dừng từ 14:00 thứ Sáu 20/11 vì đã hỏi người dân" in explained.deadline(work, case)
        assert "ngay khi người dân trả lời" in explained.reasons(work, case)[0]
        await acts.answer(work, case.code, hand, "Đã thay nắp", Outcome.RESOLVED)
        assert "trong hạn" in explained.deadline(work, case)


async def test_photos_of_the_work_are_kept_once_and_not_without_end(bench):
    taken = await bench.report()
    hand = await bench.hand("cao.xuan.khang")
    async with bench.work() as work:
        for number in range(10):
            assert await after_photos.add(work, taken.case.code, hand, f"{number:064x}") == number + 1
        assert await after_photos.add(work, taken.case.code, hand, f"{0:064x}") == 10
        with pytest.raises(NotAllowed, match="10 ảnh"):
            await after_photos.add(work, taken.case.code, hand, f"{99:064x}")
        assert len(await history.photos(work.db, taken.case, after=True)) == 10
    async with bench.work() as work:
        with pytest.raises(NotAllowed):
            await after_photos.add(work, taken.case.code, await bench.hand("phung.van.dung"), f"{1:064x}")
