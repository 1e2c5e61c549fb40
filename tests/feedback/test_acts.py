"""A case from the first word to an answer the resident accepts, as staff and resident live it."""

from datetime import timedelta

import pytest

from feedback import acts, history, replies
from feedback.states import Incomplete, NotAllowed, Stale
from knowledge.calendar import here
from knowledge.concerns import Level
from records import trace
from records.cases import Feedback, FeedbackState, Outcome
from tests.feedback.bench import LAN, ROOM


async def case_now(bench, code: str) -> Feedback:
    async with bench.database.reading() as db:
        found = await history.by_code(db, code)
    assert found is not None
    return found


async def locked(work, code: str) -> Feedback:
    found = await history.by_code(work.db, code, lock=True)
    assert found is not None
    return found


async def test_a_report_gets_a_code_a_deadline_and_reaches_the_desk_at_once(bench):
    taken = await bench.report(level=Level.URGENT)
    assert taken.case.code.startswith("PA26-0001-")
    (alert,) = await bench.told(f"alert:{taken.case.code}:taken:0:room")
    assert (alert.channel, alert.user) == ROOM
    assert "GẤP" in alert.text
    assert "hẻm 84 Nguyễn Trãi" in alert.text
    assert next(say for _, say in alert.choices) == f"/nhan {taken.case.code} 1"


async def test_sending_the_same_draft_twice_is_one_case(bench):
    first = await bench.report(draft="d")
    second = await bench.report(draft="d")
    assert (first.case.code, second.key) == (second.case.code, "")
    assert (
        len(await bench.told(f"alert:{first.case.code}:taken")) == 2
    )  # the room and who is on duty, once each


async def test_of_two_officers_one_gets_the_case(bench):
    taken = await bench.report()
    async with bench.work() as work:
        await acts.claim(work, taken.case.code, await bench.hand("dung"))
    with pytest.raises(Stale):
        async with bench.work() as work:
            await acts.claim(work, taken.case.code, await bench.hand("cao.xuan.khang"))
    assert (await case_now(bench, taken.case.code)).officer_id == (await bench.person("dung")).id


async def test_an_officer_of_another_desk_learns_nothing(bench):
    taken = await bench.report()
    with pytest.raises(NotAllowed):
        async with bench.work() as work:
            await acts.claim(work, taken.case.code, await bench.hand("kieu.thi.thanh.tam"))
    with pytest.raises(NotAllowed):
        async with bench.work() as work:
            await acts.claim(work, "PA26-9999-9", await bench.hand("kieu.thi.thanh.tam"))


async def test_whoever_is_on_duty_for_a_desk_may_take_its_cases(bench):
    taken = await bench.report()
    async with bench.work() as work:
        await acts.claim(
            work, taken.case.code, await bench.hand("ta.huu.phuoc")
        )  # of another desk, on its roster
    assert (await case_now(bench, taken.case.code)).officer_id == (await bench.person("ta.huu.phuoc")).id


async def test_the_preview_is_what_the_resident_reads(bench):
    taken = await bench.report()
    hand = await bench.hand("dung")
    async with bench.work() as work:
        await acts.claim(work, taken.case.code, hand)
        seen = acts.preview_answer(
            work, await locked(work, taken.case.code), "đã thay nắp gang mới", Outcome.RESOLVED
        )
    async with bench.work() as work:
        await acts.answer(work, taken.case.code, hand, "đã thay nắp gang mới", Outcome.RESOLVED)
    (sent,) = await bench.told(f"case:{taken.case.code}:answer")
    assert sent.text.startswith(seen)
    assert (sent.channel, sent.user) == LAN


async def test_not_done_reopens_the_case_and_reaches_the_one_who_closed_it_and_those_above(bench):
    taken = await bench.report()
    hand = await bench.hand("dung")
    async with bench.work() as work:
        await acts.claim(work, taken.case.code, hand)
        await acts.answer(work, taken.case.code, hand, "đã thay nắp mới", Outcome.RESOLVED)
    bench.wait(hours=1)
    async with bench.work() as work:
        case = await locked(work, taken.case.code)
        await replies.reopen(work, case, "vẫn kênh, nguy hiểm", worse=True)
    again = await case_now(bench, taken.case.code)
    assert (again.state, again.cycle, again.level) == (FeedbackState.REOPENED, 1, "urgent")
    assert again.due_at > bench.now
    logins = {row.key.rsplit(":", 1)[-1] for row in await bench.told(f"alert:{again.code}:reopened:1:")}
    assert {"dung", "cao.xuan.khang", "trinh.quoc.loc"} <= logins


async def test_one_extension_with_a_reason_and_never_a_second(bench):
    taken = await bench.report()
    hand = await bench.hand("dung")
    due = taken.case.due_at + timedelta(days=2)
    with pytest.raises(Incomplete):
        async with bench.work() as work:
            await acts.extend(work, taken.case.code, hand, "  ", due)
    async with bench.work() as work:
        await acts.extend(work, taken.case.code, hand, "nắp đúng cỡ phải đặt", due)
    (told,) = await bench.told(f"case:{taken.case.code}:extended")
    assert "nắp đúng cỡ phải đặt" in told.text
    with pytest.raises(NotAllowed):
        async with bench.work() as work:
            await acts.extend(work, taken.case.code, hand, "chưa xong lần nữa", due + timedelta(days=1))


async def test_the_clock_stops_while_the_resident_is_asked_and_runs_on_afterwards(bench):
    taken = await bench.report()
    hand = await bench.hand("dung")
    async with bench.work() as work:
        await acts.ask(work, taken.case.code, hand, "nắp ở bên trái hay bên phải ạ?")
    left = (await case_now(bench, taken.case.code)).pause_minutes_left
    bench.wait(days=4)
    async with bench.work() as work:
        case = await locked(work, taken.case.code)
        await replies.add(work, case, LAN, "bên phải")
        assert work.calendar.working_minutes_between(work.now, case.due_at) == left
        assert case.paused_at is None
    heard = [row.text for row in await bench.told(f"alert:{taken.case.code}:added")]
    assert heard
    assert "bên phải" in heard[0]


async def test_a_complaint_about_a_desk_never_reaches_that_desk(bench):
    taken = await bench.report(
        "thái độ cộc lốc ở quầy", category="staff_attitude", about_desk="van_phong", place=""
    )
    hanh = await bench.person("ha.thi.my.hanh")
    assert taken.case.officer_id != hanh.id
    told = {row.key.rsplit(":", 1)[-1] for row in await bench.told(f"alert:{taken.case.code}")}
    assert "ha.thi.my.hanh" not in told


async def test_every_step_is_in_the_sealed_history(bench):
    taken = await bench.report()
    hand = await bench.hand("dung")
    async with bench.work() as work:
        await acts.claim(work, taken.case.code, hand)
        await acts.progress(work, taken.case.code, hand, "đã rào chắn, mai thay nắp")
    async with bench.database.reading() as db:
        verdict = await trace.verify(db)
    assert verdict.whole
    assert verdict.sealed == 3
    assert here(taken.case.due_at) > here(taken.case.taken_at)
