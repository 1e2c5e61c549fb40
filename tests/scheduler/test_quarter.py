"""A quarter of dossiers, day by day: warned three working days ahead, signed for a day before, put off once.

A clerk and the chairperson act on the same working morning; the unit answers at once, on the last
day, or not at all.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import col, select

from feedback.work import Work as FeedbackWork
from handlers.dossier_desk import tell_chair
from knowledge.calendar import HERE
from knowledge.wording import plain
from letters import desk, drafting, lateness
from letters.desk import Hand
from letters.states import NotAllowed
from letters.work import Work
from records import dossiers, events, staff
from records.database import Database
from records.letters import CivilEvent, Dossier, EventKind, Letter, LetterState
from scheduler import dossiers as clock
from tests import ready_made
from tests.feedback.bench import CALENDAR, CONCERNS, WARD
from tests.letters.bench import CHAIR, CLERK, Bench
from tests.records.registers import dossier, dossiers_in, put

REASON = "bản trích lục từ nơi cư trú cũ đến chậm năm ngày"
HALF_PAST_SEVEN = time(7, 30)
# What becomes of a dossier. Of the first three the unit says nothing until the day named.
FATES = ("in time", "answers at once", "answers last", "never answers", "late again", "waits for papers")
SIGNED = ("answers at once", "answers last", "late again")


class Quarter:
    """The office from *first* on, with dossiers of every fate, in one SQLite file."""

    def __init__(self, bench: Bench, first: date, promised: Mapping[str, tuple[date, str]]) -> None:
        self.bench, self.first, self.promised = bench, first, promised
        self.drafted: dict[str, date] = {}
        self.refused: dict[str, str] = {}

    async def passes(self, days: int) -> None:
        for past in range(-3, days):
            day = self.first + timedelta(past)
            self.bench.now = datetime.combine(day, HALF_PAST_SEVEN, tzinfo=HERE)
            async with self.bench.work() as work:
                await self.clock_ticks(work)
                if CALENDAR.is_working_day(day):
                    await self.units_work(work, day)
                    await drafting.consider(work)
                    await self.letters_are_signed(work)

    async def clock_ticks(self, work: Work) -> None:
        on_duty = feedback_of(work)
        await clock.due_soon(on_duty)
        await clock.overdue(on_duty)
        if work.today.weekday() == 0:  # a tick may come twice; asking once a week is enough
            assert (await clock.due_soon(on_duty), await clock.overdue(on_duty)) == (0, 0)
        await drafting.consider(work)
        fresh = col(Letter.drafted_at) == work.now
        found = await work.db.exec(select(CivilEvent).join(Letter).where(fresh))
        for event in found.all():
            self.drafted.setdefault(f"{event.kind}:{event.facts['dossier_code']}", work.today)

    async def units_work(self, work: Work, day: date) -> None:
        rows = {row.receipt_code: row for row in (await work.db.exec(select(Dossier))).all()}
        for code, (due, fate) in self.promised.items():
            row = rows[code]
            if fate == "in time" and day == CALENDAR.working_days_before(due, 2):
                await is_ready(work, row)
            if fate == "answers at once" and day == CALENDAR.working_days_before(due, 3):
                await unit_says(work, row, EventKind.DUE_SOON)
            if fate == "answers last" and day == CALENDAR.working_days_before(due, 1):
                await unit_says(work, row, EventKind.DUE_SOON)
            if fate == "late again":
                await self.is_late_again(work, row, due)
            if fate == "never answers" and day == CALENDAR.add_working_days(due, 2):
                await unit_says(work, row, EventKind.OVERDUE)
            if row.reappointments and day == row.current_due_on and fate != "late again":
                await is_ready(work, row)

    async def is_late_again(self, work: Work, row: Dossier, due: date) -> None:
        """Put off once, the unit does not keep the new date either: by letter or by register, it is refused."""
        if work.today == CALENDAR.working_days_before(due, 3):
            await unit_says(work, row, EventKind.DUE_SOON)
        again = CALENDAR.add_working_days(due, 5)
        if row.reappointments and work.today == CALENDAR.working_days_before(again, 1):
            with pytest.raises(dossiers.SecondAppointment) as late:
                await dossiers.put_off(work.db, row, again + timedelta(7), REASON, work.now)
            await tell_chair(feedback_of(work), late.value)
        if work.today == CALENDAR.add_working_days(again, 1):
            await unit_says(work, row, EventKind.OVERDUE)

    async def letters_are_signed(self, work: Work) -> None:
        """Every morning: the clerk checks what is drafted, the chairperson signs what is checked."""
        for letter, event in await letters_of(work, LetterState.DRAFTED):
            await desk.check(work, letter.id or 0, await hand(work, CLERK))
            try:
                await desk.sign(work, letter.id or 0, await hand(work, CHAIR))
            except NotAllowed as why:
                self.refused[event.facts["dossier_code"]] = str(why)


def feedback_of(work: Work) -> FeedbackWork:
    return FeedbackWork(db=work.db, ward=WARD, concerns=CONCERNS, calendar=CALENDAR, now=work.now)


async def hand(work: Work, login: str) -> Hand:
    person = await staff.by_login(work.db, login)
    assert person is not None
    return Hand(person=person)


async def letters_of(work: Work, *states: LetterState) -> list[tuple[Letter, CivilEvent]]:
    wanted = col(Letter.state).in_(states) if states else col(Letter.id) > 0
    found = await work.db.exec(
        select(Letter, CivilEvent).join(CivilEvent, col(CivilEvent.id) == col(Letter.event_id)).where(wanted)
    )
    return [(letter, event) for letter, event in found.all()]


async def unit_says(work: Work, row: Dossier, kind: EventKind) -> None:
    """The unit answers, as `/hs` writes it down: why, and the one new date."""
    due = row.current_due_on or date.min
    new = CALENDAR.add_working_days(max(due, work.today), 5)
    facts = await lateness.facts(work.db, WARD, row)
    await events.note(
        work.db,
        key=lateness.key(kind, row, due),
        kind=kind,
        happened_on=due,
        facts={**facts, "specific_reason": REASON, "new_due_on": new},
        now=work.now,
    )


async def is_ready(work: Work, row: Dossier) -> None:
    facts = {"code": row.receipt_code, "taken_on": row.taken_on, "due_on": row.current_due_on}
    await dossiers.upsert(work.db, {**facts, "finished_on": work.today}, work.now)


@pytest.fixture
async def bench(sqlite_url, tmp_path):
    ready_made.lay(tmp_path / "ward.db")
    database = Database(sqlite_url)
    made = Bench(database, tmp_path)
    await made.hire()
    yield made
    await database.close()


async def taken_in(bench: Bench, dues: Mapping[str, tuple[date, str]], first: date) -> None:
    """All are in the register on the first day; some wait for papers of the applicant."""
    async with bench.work() as work:
        for place, (code, (due, fate)) in enumerate(dues.items()):
            facts = {
                "code": code,
                "procedure_name": "Đăng ký khai sinh",
                "applicant_name": f"Trần Văn Thử {'ABCDEFGH'[place % 8]}",
                "taken_on": first,
                "due_on": due,
                "unit": "địa chính",
                "state": "Chờ bổ sung" if fate == "waits for papers" else "Đang xử lý",
            }
            await dossiers.upsert(work.db, facts, work.now)


@pytest.mark.parametrize("first", [date(2026, 1, 5), date(2026, 9, 28)], ids=["with Tết", "with 24/11"])
async def test_in_a_whole_quarter_every_apology_is_signed_a_day_before_and_no_promise_is_put_off_twice(
    bench, first
):
    dues = {}
    for place in range(60):
        due = CALENDAR.add_working_days(first + timedelta(place), 3 + place % 9)
        dues[f"H26.{1000 + place}"] = (due, FATES[place % len(FATES)])
    bench.now = datetime.combine(first - timedelta(3), HALF_PAST_SEVEN, tzinfo=HERE)
    await taken_in(bench, dues, first)
    quarter = Quarter(bench, first, dues)
    await quarter.passes(95)
    await everything_was_signed_in_time(quarter)
    await nobody_was_put_off_twice(quarter)


async def everything_was_signed_in_time(quarter: Quarter) -> None:
    async with quarter.bench.work() as work:
        written = {
            event.key: letter for letter, event in await letters_of(work) if event.kind is EventKind.DUE_SOON
        }
    for code, (due, fate) in quarter.promised.items():
        if fate == "waits for papers":
            assert f"due_soon:{code}" not in quarter.drafted
            continue
        ahead = max(CALENDAR.working_days_before(due, 3), quarter.first - timedelta(3))
        assert quarter.drafted[f"due_soon:{code}"] == ahead, code
        letter = written[f"due_soon:{code}:{due}"]
        if fate in SIGNED:
            assert letter.signed_at is not None, code
            assert letter.signed_at.astimezone(HERE).date() <= CALENDAR.working_days_before(due, 1), code
        else:
            assert letter.number is None, code


async def nobody_was_put_off_twice(quarter: Quarter) -> None:
    async with quarter.bench.database.reading() as db:
        rows = list((await db.exec(select(Dossier))).all())
        late = {one.facts["dossier_code"] for one in (await db.exec(select(CivilEvent))).all()
                if one.kind is EventKind.OVERDUE}  # fmt: skip
    by_fate = {fate: {code for code, (_, its) in quarter.promised.items() if its == fate} for fate in FATES}
    assert max(row.reappointments for row in rows) == 1
    assert {row.receipt_code for row in rows if row.reappointments} == {
        *by_fate["answers at once"], *by_fate["answers last"], *by_fate["never answers"], *by_fate["late again"],
    }  # fmt: skip
    assert late == by_fate["never answers"] | by_fate["late again"]
    assert set(quarter.refused) == by_fate["late again"]
    assert all("đã hẹn lại một lần" in why for why in quarter.refused.values())
    told = [plain(row.text or "") for row in await quarter.bench.told("alert:dossiers:second:")]
    assert Counter(code for code in by_fate["late again"] if any(code in text for text in told)) == Counter(
        by_fate["late again"]
    )
    async with quarter.bench.work() as work:
        numbers = sorted(letter.number for letter, _ in await letters_of(work) if letter.number)
    assert numbers == list(range(1, len(numbers) + 1))


LAST_DAYS = (  # the promised date, and by when the apology must be signed
    (date(2026, 2, 23), date(2026, 2, 13)),  # Tết 14–22/02
    (date(2026, 9, 3), date(2026, 8, 28)),  # Quốc khánh, nghỉ từ 29/8
    (date(2026, 11, 25), date(2026, 11, 23)),  # 24/11
    (date(2026, 1, 12), date(2026, 1, 10)),  # thứ Bảy làm bù
    (date(2026, 8, 24), date(2026, 8, 22)),  # thứ Bảy làm bù
    (date(2026, 5, 4), date(2026, 4, 29)),  # Giỗ Tổ bù, nghỉ 30/4–3/5
)


async def test_around_every_long_holiday_the_apology_is_signed_on_the_last_working_day_before(bench):
    for place, (due, last) in enumerate(LAST_DAYS):
        code = f"H27.{place}"
        bench.now = datetime.combine(last - timedelta(20), HALF_PAST_SEVEN, tzinfo=HERE)
        await taken_in(bench, {code: (due, "answers last")}, last - timedelta(20))
        quarter = Quarter(bench, last - timedelta(6), {code: (due, "answers last")})
        await quarter.passes(8)
        async with bench.work() as work:
            [signed] = [
                letter
                for letter, event in await letters_of(work)
                if event.facts["dossier_code"] == code and letter.signed_at
            ]
        assert signed.document_date == last


async def test_the_register_cannot_put_off_twice_either(bench):
    bench.now = datetime(2026, 10, 20, 9, 0, tzinfo=HERE)
    row = dossier(3)
    await dossiers_in(bench.database, row, now=bench.now)
    for days, refused in ((5, 0), (9, 1)):
        moved = put(row, 4, row[4] + timedelta(days))
        done = await dossiers_in(bench.database, moved, now=bench.now)
        assert (done.counts["refused"], len(done.late)) == (refused, refused)
