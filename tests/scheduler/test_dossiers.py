"""The clock and dossiers: warned three working days ahead, caught when late, told of results once.

A whole quarter passes in `test_quarter`.
"""

from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import select

from knowledge.calendar import HERE
from knowledge.wording import plain
from records import dossiers, events, people, schema
from records.database import Database
from records.letters import CivilEvent, EventKind
from records.tables import Address, ChannelName, Purpose
from scheduler import dossiers as clock
from tests.feedback.bench import CALENDAR, Bench

LAN = Address(ChannelName.ZALO, "186729651760683225")
HALF_PAST_SEVEN = time(7, 30)


def at(day: date, hour: time = HALF_PAST_SEVEN) -> datetime:
    return datetime.combine(day, hour, tzinfo=HERE)


@pytest.fixture
async def bench(sqlite_url):
    database = Database(sqlite_url)
    await schema.upgrade(database)
    made = Bench(database)
    await made.hire()
    yield made
    await database.close()


async def given(bench, code="H26.1187", due=date(2026, 11, 25), **more):
    facts = {
        "code": code,
        "procedure_name": "Xác nhận thông tin thửa đất",
        "applicant_name": "Trần Văn Thử",
        "taken_on": date(2026, 1, 2),
        "due_on": due,
        "unit": "địa chính",
        **more,
    }
    async with bench.work() as work:
        return (await dossiers.upsert(work.db, facts, work.now)).dossier


async def tick(bench, day, hour=HALF_PAST_SEVEN):
    """Run what the clock runs, as of that morning; twice, since it may."""
    bench.now = at(day, hour)
    async with bench.work() as work:
        done = (await clock.due_soon(work), await clock.overdue(work), await clock.result_ready(work))
    async with bench.work() as work:
        again = (await clock.due_soon(work), await clock.overdue(work), await clock.result_ready(work))
    assert again == (0, 0, 0)
    return done


async def noted(bench, kind) -> dict[str, CivilEvent]:
    async with bench.database.reading() as db:
        found = await db.exec(select(CivilEvent).where(CivilEvent.kind == kind))
        return {row.key: row for row in found.all()}


async def told(bench, prefix):
    return await bench.told(prefix)


@pytest.mark.parametrize(
    ("due", "warned", "last"),
    [
        (date(2026, 2, 23), date(2026, 2, 11), date(2026, 2, 13)),  # Tết 14–22/02
        (date(2026, 9, 3), date(2026, 8, 26), date(2026, 8, 28)),  # Quốc khánh, nghỉ từ 29/8
        (date(2026, 11, 25), date(2026, 11, 19), date(2026, 11, 23)),  # 24/11
        (date(2026, 1, 12), date(2026, 1, 8), date(2026, 1, 10)),  # thứ Bảy làm bù 10/01
        (date(2026, 8, 24), date(2026, 8, 20), date(2026, 8, 22)),  # thứ Bảy làm bù 22/8
        (date(2026, 5, 4), date(2026, 4, 24), date(2026, 4, 29)),  # Giỗ Tổ bù 27/4, nghỉ 30/4–3/5
    ],
)
async def test_the_apology_is_moved_three_working_days_ahead(bench, due, warned, last):
    await given(bench, due=due)
    assert (await tick(bench, warned - timedelta(days=1)))[0] == 0
    assert (await tick(bench, warned))[0] == 1
    event = (await noted(bench, EventKind.DUE_SOON))[f"due_soon:H26.1187:{due}"]
    assert event.facts["dossier_code"] == "H26.1187"
    assert event.facts["original_due_on"] == due.isoformat()
    assert "specific_reason" not in event.facts
    assert CALENDAR.working_days_before(due, 1) == last
    await tick(bench, last)
    assert len(await noted(bench, EventKind.DUE_SOON)) == 1
    texts = [plain(row.text or "") for row in await told(bench, f"alert:dossiers:due_soon:{last}")]
    assert "còn 1 ngày làm việc" in texts[0]


async def test_a_missed_tick_is_made_good_by_the_next(bench):
    await given(bench)
    assert (await tick(bench, date(2026, 11, 23)))[0] == 1


async def test_the_unit_is_asked_once_a_day_and_not_after_it_has_chosen(bench):
    await given(bench)
    await given(bench, "H26.1188", sensitive=True, procedure_name="Hỗ trợ nạn nhân bạo lực")
    await tick(bench, date(2026, 11, 19))
    [alert] = await told(bench, "alert:dossiers:due_soon:2026-11-19")
    assert [say for _, say in alert.choices] == ["/hs H26.1187", "/hs H26.1188"]
    assert "bạo lực" not in (alert.text or "")
    assert "Trần Văn Thử" not in (alert.text or "")
    async with bench.work() as work:
        await events.cancel(work.db, ["due_soon:H26.1187:2026-11-25"], work.now)
    await tick(bench, date(2026, 11, 20))
    [alert] = await told(bench, "alert:dossiers:due_soon:2026-11-20")
    assert [say for _, say in alert.choices] == ["/hs H26.1188"]


async def test_done_in_time_is_believed_until_the_last_day_to_sign(bench):
    await given(bench)
    await tick(bench, date(2026, 11, 19))
    async with bench.work() as work:
        await events.cancel(work.db, ["due_soon:H26.1187:2026-11-25"], work.now)
    assert (await tick(bench, date(2026, 11, 20)))[0] == 0
    assert (await tick(bench, date(2026, 11, 23)))[0] == 1
    [event] = (await noted(bench, EventKind.DUE_SOON)).values()
    assert event.cancelled_at is None


async def test_what_broke_is_one_letter_and_keeps_what_the_unit_said(bench):
    await given(bench)
    await tick(bench, date(2026, 11, 19))
    async with bench.work() as work:
        event = await events.by_key(work.db, "due_soon:H26.1187:2026-11-25")
        assert event is not None
        said = {"specific_reason": "chờ xác minh ranh giới", "new_due_on": date(2026, 11, 30)}
        await events.note(
            work.db,
            key=event.key,
            kind=event.kind,
            happened_on=event.happened_on,
            facts=said,
            now=work.now,
        )
    assert (await tick(bench, date(2026, 11, 25)))[1] == 0
    assert (await tick(bench, date(2026, 11, 26)))[1] == 1
    assert (await tick(bench, date(2026, 11, 27)))[1] == 0
    [ahead] = (await noted(bench, EventKind.DUE_SOON)).values()
    [late] = (await noted(bench, EventKind.OVERDUE)).values()
    assert ahead.cancelled_at is not None
    assert (late.facts["late_days"], late.facts["new_due_on"]) == (1, "2026-11-30")
    assert len(await told(bench, "alert:dossiers:chair:")) == 2


async def test_a_promise_put_off_once_is_not_apologised_for_twice_and_the_chair_hears(bench):
    row = await given(bench, due=date(2026, 11, 18))
    async with bench.work() as work:
        again = await dossiers.by_code(work.db, row.receipt_code, lock=True)
        assert again is not None
        await dossiers.put_off(work.db, again, date(2026, 11, 25), "chờ đo lại", work.now)
    assert (await tick(bench, date(2026, 11, 19)))[0] == 0
    [alert] = await told(bench, "alert:dossiers:chair:")
    assert "đã hẹn lại một lần" in plain(alert.text or "")


async def test_what_waits_for_the_applicant_is_not_late(bench):
    await given(bench, state="Chờ bổ sung")
    await given(bench, "H26.1188", state="Đã có kết quả")
    assert await tick(bench, date(2026, 11, 23)) == (0, 0, 0)
    assert await tick(bench, date(2026, 11, 27)) == (0, 0, 0)


# --- results ---------------------------------------------------------------------------------------


async def waits_for(bench, *codes, agreed=True):
    for code in codes:
        row = await given(bench, code)
        async with bench.work() as work:
            await dossiers.watch(work.db, row, LAN, work.now)
            await people.say_consent(
                work.db, LAN, [Purpose.RESULT_READY], granted=agreed, wording="result_ready-1", now=work.now
            )


async def results(bench) -> list[str]:
    return [plain(row.text or "") for row in await told(bench, "result_ready:")]


async def test_results_that_come_together_are_one_notice_in_working_hours(bench):
    await waits_for(bench, "H26.1187", "H26.1188")
    await given(bench, "H26.1187", state="Đã có kết quả")
    await given(bench, "H26.1188", state="Đã có kết quả", remark="nhạy cảm")
    assert (await tick(bench, date(2026, 11, 20), time(19)))[2] == 0
    await tick(bench, date(2026, 11, 23), time(9))
    [text] = await results(bench)
    assert "H26.1187 · Xác nhận thông tin thửa đất" in text
    assert "H26.1188 ·" not in text
    assert "Trần Văn Thử" not in text


async def test_a_person_hears_at_most_once_an_hour(bench):
    await waits_for(bench, "H26.1187", "H26.1188")
    monday = date(2026, 11, 23)
    await given(bench, "H26.1187", state="Đã có kết quả")
    assert (await tick(bench, monday, time(8)))[2] == 1
    await given(bench, "H26.1188", state="Đã có kết quả")
    assert (await tick(bench, monday, time(8, 59)))[2] == 0
    assert (await tick(bench, monday, time(9)))[2] == 1
    assert len(await results(bench)) == 2


async def test_without_consent_nothing_is_told(bench):
    await waits_for(bench, "H26.1187", agreed=False)
    await given(bench, "H26.1187", state="Đã có kết quả")
    assert (await tick(bench, date(2026, 11, 23), time(9)))[2] == 0
