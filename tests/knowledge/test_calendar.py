from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import holidays
from knowledge.calendar import HERE, Calendar
from knowledge.holidays import OVERRIDES_FILE, Kind, Override, load_overrides
from knowledge.hours import OfficeHours, Season
from knowledge.procedure import Body, Procedure
from knowledge.sheet import SheetError

HOURS = OfficeHours(
    seasons=(
        Season(name="mùa hè", month=4, day=16, spans=((time(7), time(11, 30)), (time(13, 30), time(17)))),
        Season(name="mùa đông", month=10, day=16, spans=((time(7, 30), time(11, 30)), (time(13), time(17)))),
    ),
    same_day_until=time(15),
)
CALENDAR = Calendar(HOURS, load_overrides(OVERRIDES_FILE.read_text("utf-8")))
WITH_SATURDAY = Calendar(
    OfficeHours(seasons=HOURS.seasons, saturday=((time(7, 30), time(11)),)), CALENDAR.overrides
)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


def card(**facts: Any) -> Procedure:
    return Procedure(
        code="1.001193",
        name="Đăng ký khai sinh",
        short_name="Khai sinh",
        field="Hộ tịch",
        field_slug="ho-tich",
        handler=Body.WARD,
        source="https://dichvucong.gov.vn",
        as_of="2026-11",
        checked_on=date(2026, 11, 2),
        **facts,
    )


# --- the eleven cases of domain.md §3.10 -------------------------------------


@pytest.mark.parametrize(
    ("taken", "days", "due", "trap"),
    [
        ("2025-12-31", 3, "2026-01-07", "nghỉ 01–04/01"),
        ("2026-01-09", 1, "2026-01-10", "thứ Bảy làm bù"),
        ("2026-02-12", 5, "2026-02-26", "Tết 14–22/02"),
        ("2026-04-24", 3, "2026-05-04", "Giỗ Tổ bù 27/4, nghỉ 30/4–3/5"),
        ("2026-08-20", 3, "2026-08-24", "làm bù thứ Bảy 22/8"),
        ("2026-08-28", 5, "2026-09-09", "nghỉ 29/8–02/9"),
        ("2026-11-23", 1, "2026-11-25", "24/11"),
    ],
)
def test_working_days_pass_over_every_holiday_of_2026(taken: str, days: int, due: str, trap: str) -> None:
    assert CALENDAR.add_working_days(date.fromisoformat(taken), days) == date.fromisoformat(due), trap


@pytest.mark.parametrize(
    ("taken", "days", "due"),
    [("2026-02-01", 15, "2026-02-23"), ("2026-11-09", 15, "2026-11-25")],
)
def test_a_period_that_ends_on_a_holiday_ends_on_the_next_working_day(
    taken: str, days: int, due: str
) -> None:
    assert CALENDAR.add_calendar_days(date.fromisoformat(taken), days) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("promised", "sign_by"), [("2026-02-23", "2026-02-13"), ("2026-09-03", "2026-08-28")]
)
def test_an_apology_is_signed_one_working_day_before_the_promised_date(promised: str, sign_by: str) -> None:
    assert CALENDAR.working_days_before(date.fromisoformat(promised), 1) == date.fromisoformat(sign_by)


def test_2025_is_known_as_well() -> None:
    assert CALENDAR.is_working_day(date(2025, 4, 26))
    assert not CALENDAR.is_working_day(date(2025, 5, 2))
    assert not CALENDAR.is_working_day(date(2025, 11, 22))
    assert CALENDAR.is_working_day(date(2025, 11, 24))


def test_the_table_does_not_depend_on_what_the_library_happens_to_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holidays, "of_year", lambda _year: {})
    assert CALENDAR.add_working_days(date(2026, 2, 12), 5) == date(2026, 2, 26)
    assert CALENDAR.add_working_days(date(2026, 11, 23), 1) == date(2026, 11, 25)


# --- properties ---------------------------------------------------------------


@settings(deadline=None)  # the first look at a year loads the library
@given(DAYS, st.integers(0, 60))
def test_a_due_date_is_always_a_working_day_and_never_too_early(day: date, n: int) -> None:
    due = CALENDAR.add_working_days(day, n)
    assert CALENDAR.is_working_day(due)
    assert due >= day + timedelta(days=n)


@settings(deadline=None)  # the first look at a year loads the library
@given(DAYS, st.integers(0, 30), st.integers(0, 30))
def test_more_days_never_end_sooner(day: date, n: int, more: int) -> None:
    assert CALENDAR.add_working_days(day, n) <= CALENDAR.add_working_days(day, n + more)


@settings(deadline=None)  # the first look at a year loads the library
@given(DAYS, st.integers(0, 30), st.integers(0, 30))
def test_a_later_day_never_ends_sooner(day: date, later: int, n: int) -> None:
    assert CALENDAR.add_working_days(day, n) <= CALENDAR.add_working_days(day + timedelta(days=later), n)


@settings(deadline=None)  # the first look at a year loads the library
@given(DAYS, st.integers(1, 30))
def test_counting_back_undoes_counting_forward_from_a_working_day(day: date, n: int) -> None:
    start = CALENDAR.add_working_days(day, 0)
    assert CALENDAR.working_days_before(CALENDAR.add_working_days(start, n), n) == start


@settings(deadline=None)  # the first look at a year loads the library
@given(DAYS, st.integers(0, 60))
def test_calendar_days_end_on_a_working_day_not_before_their_number(day: date, n: int) -> None:
    due = CALENDAR.add_calendar_days(day, n)
    assert CALENDAR.is_working_day(due)
    assert due >= day + timedelta(days=n)


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, st.integers(0, 5000))
def test_a_deadline_never_falls_outside_working_hours(moment: datetime, minutes: int) -> None:
    due = WITH_SATURDAY.add_working_minutes(moment, minutes)
    assert due >= moment
    assert WITH_SATURDAY.is_working_day(due.date())
    assert any(start <= due.time() <= end for start, end in WITH_SATURDAY.hours_on(due.date()))


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, st.integers(0, 2000), st.integers(0, 2000))
def test_minutes_may_be_counted_in_two_pieces(moment: datetime, first: int, second: int) -> None:
    halfway = CALENDAR.add_working_minutes(moment, first)
    assert CALENDAR.add_working_minutes(halfway, second + 1) == CALENDAR.add_working_minutes(
        moment, first + second + 1
    )


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS)
def test_the_door_is_open_at_the_next_opening_and_shut_just_before(moment: datetime) -> None:
    opens = WITH_SATURDAY.next_open(moment)
    assert WITH_SATURDAY.is_open(opens)
    assert (opens == moment) == WITH_SATURDAY.is_open(moment)
    if opens > moment:
        assert not WITH_SATURDAY.is_open(max(moment, opens - timedelta(seconds=1)))


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, st.sampled_from([{"working_days": 0}, {"working_days": 3}, {"calendar_days": 15}]))
def test_every_promised_date_is_a_working_day_after_receipt(moment: datetime, facts: dict[str, Any]) -> None:
    answer = CALENDAR.return_date(moment, card(**facts))
    assert answer is not None
    assert CALENDAR.is_working_day(answer.on)
    assert answer.on >= answer.counted_from.date() >= moment.astimezone(HERE).date()


# --- hours --------------------------------------------------------------------


def test_hours_change_with_the_season() -> None:
    assert CALENDAR.hours_on(date(2026, 11, 20))[0] == (time(7, 30), time(11, 30))
    assert CALENDAR.hours_on(date(2026, 6, 1))[0] == (time(7), time(11, 30))
    assert CALENDAR.hours_on(date(2026, 4, 15))[0] == (time(7, 30), time(11, 30))


def test_a_made_up_saturday_has_full_hours_and_an_ordinary_one_the_reception_only() -> None:
    assert WITH_SATURDAY.hours_on(date(2026, 8, 22)) == HOURS.seasons[0].spans
    assert WITH_SATURDAY.hours_on(date(2026, 11, 21)) == ((time(7, 30), time(11)),)
    assert CALENDAR.hours_on(date(2026, 11, 21)) == ()
    assert WITH_SATURDAY.hours_on(date(2026, 11, 22)) == ()
    assert WITH_SATURDAY.hours_on(date(2027, 2, 6)) == (), "a holiday on a Saturday"


def test_lunch_is_closed_and_the_last_minute_too() -> None:
    assert CALENDAR.is_open(at("2026-11-20T11:29"))
    assert not CALENDAR.is_open(at("2026-11-20T11:30"))
    assert CALENDAR.next_open(at("2026-11-20T11:30")) == at("2026-11-20T13:00")
    assert CALENDAR.next_open(at("2026-11-20T20:15")) == at("2026-11-23T07:30")


def test_moments_may_come_in_utc_and_go_out_in_local_time() -> None:
    opens = CALENDAR.next_open(datetime(2026, 11, 20, 13, 15, tzinfo=UTC))
    assert opens.isoformat() == "2026-11-23T07:30:00+07:00"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        CALENDAR.is_open(datetime(2026, 11, 20, 13, 15))  # noqa: DTZ001


def test_eight_working_hours_from_friday_two_o_clock_end_on_monday_two_o_clock() -> None:
    assert CALENDAR.add_working_minutes(at("2026-11-20T14:00"), 480) == at("2026-11-23T14:00")


def test_a_deadline_may_end_with_the_working_day() -> None:
    assert CALENDAR.add_working_minutes(at("2026-11-20T16:00"), 60) == at("2026-11-20T17:00")
    assert CALENDAR.add_working_minutes(at("2026-11-20T17:00"), 0) == at("2026-11-23T07:30")


def test_reception_on_a_saturday_does_not_run_the_deadline_clock() -> None:
    assert WITH_SATURDAY.is_open(at("2026-11-21T08:00"))
    assert WITH_SATURDAY.add_working_minutes(at("2026-11-21T08:00"), 10) == at("2026-11-23T07:40")


@pytest.mark.parametrize("count", ["add_working_days", "add_calendar_days", "working_days_before"])
def test_nothing_is_counted_backwards_by_a_negative_number(count: str) -> None:
    with pytest.raises(ValueError, match="days"):
        getattr(CALENDAR, count)(date(2026, 11, 20), -1)
    with pytest.raises(ValueError, match="minutes"):
        CALENDAR.add_working_minutes(at("2026-11-20T14:00"), -1)


def test_an_office_that_never_opens_is_told_so() -> None:
    never = Calendar(OfficeHours(seasons=(Season(name="", month=1, day=1, spans=()),)))
    with pytest.raises(ValueError, match="never opens"):
        never.next_open(at("2026-11-20T14:00"))


# --- "nộp hôm nay thì hẹn trả ngày nào" ---------------------------------------


@pytest.mark.parametrize(
    ("taken", "facts", "on", "outside", "late"),
    [
        ("2026-11-20T14:59", {"working_days": 0}, "2026-11-20", False, False),
        ("2026-11-20T15:00", {"working_days": 0}, "2026-11-20", False, False),
        ("2026-11-20T15:40", {"working_days": 0}, "2026-11-23", False, True),
        ("2026-11-20T15:40", {"working_days": 0, "same_day_until": time(16)}, "2026-11-20", False, False),
        ("2026-11-20T11:45", {"working_days": 0}, "2026-11-20", True, False),
        ("2026-11-20T18:00", {"working_days": 0}, "2026-11-23", True, False),
        ("2026-11-22T09:00", {"working_days": 3}, "2026-11-27", True, False),
        ("2026-11-20T15:40", {"working_days": 3}, "2026-11-26", False, False),
        ("2026-11-09T09:00", {"calendar_days": 15}, "2026-11-25", False, False),
        ("2026-11-20T15:40", {"calendar_days": 0}, "2026-11-23", False, True),
    ],
)
def test_the_promised_date_follows_the_card_and_the_clock(
    *, taken: str, facts: dict[str, Any], on: str, outside: bool, late: bool
) -> None:
    answer = CALENDAR.return_date(at(taken), card(**facts))
    assert answer is not None
    assert (answer.on, answer.outside_hours, answer.past_last_hour) == (date.fromisoformat(on), outside, late)


def test_a_card_without_a_number_promises_nothing() -> None:
    assert CALENDAR.return_date(at("2026-11-20T14:00"), card()) is None


def test_a_dossier_of_the_same_day_taken_on_a_saturday_comes_back_on_monday() -> None:
    answer = WITH_SATURDAY.return_date(at("2026-11-21T08:00"), card(working_days=0))
    assert answer is not None
    assert (answer.on, answer.outside_hours) == (date(2026, 11, 23), False)


# --- names, lists, breaks -----------------------------------------------------


def test_the_library_s_wrong_names_around_tet_are_never_shown() -> None:
    for year in range(2024, 2037):
        names = {public.name for public in CALENDAR.public_days(year)}
        assert "Tết Nguyên đán" in names
        assert not any("29 Tết" in name or "30 Tết" in name or "Mùng" in name for name in names)


def test_the_list_of_a_year_is_in_order_and_holds_holidays_and_made_up_days() -> None:
    days = CALENDAR.public_days(2026)
    assert all(one.day < other.day for one, other in pairwise(days))
    assert [public.day for public in days if public.kind is Kind.WORK] == [
        date(2026, 1, 10),
        date(2026, 8, 22),
    ]
    assert CALENDAR.holiday_name(date(2026, 11, 24)) == "Ngày Văn hóa Việt Nam"
    assert CALENDAR.holiday_name(date(2026, 8, 22)) == ""
    assert CALENDAR.holiday_name(date(2026, 11, 20)) == ""


@pytest.mark.parametrize(
    ("day", "first", "last", "name"),
    [
        ("2026-02-05", "2026-02-14", "2026-02-22", "Tết Nguyên đán"),
        ("2026-02-18", "2026-02-14", "2026-02-22", "Tết Nguyên đán"),
        ("2026-11-20", "2026-11-24", "2026-11-24", "Ngày Văn hóa Việt Nam"),
        ("2026-08-25", "2026-08-29", "2026-09-02", "Quốc khánh"),
        ("2025-12-25", "2026-01-01", "2026-01-04", "Tết Dương lịch"),
    ],
)
def test_a_break_is_told_with_its_weekends(day: str, first: str, last: str, name: str) -> None:
    found = CALENDAR.next_break(date.fromisoformat(day), 14)
    assert found is not None
    assert (found.first.isoformat(), found.last.isoformat(), found.name) == (first, last, name)


def test_nothing_unusual_within_two_weeks_is_nothing_to_tell() -> None:
    assert CALENDAR.next_break(date(2026, 10, 1), 14) is None
    assert CALENDAR.next_make_up(date(2026, 10, 1), 14) is None
    made_up = CALENDAR.next_make_up(date(2026, 8, 10), 14)
    assert made_up is not None
    assert made_up.day == date(2026, 8, 22)


# --- the override table -------------------------------------------------------

GOOD = """
[[day]]
date = 2027-02-11
kind = "off"
reason = "Tết Nguyên đán"
source = "Thông báo nghỉ Tết"
checked_on = "20/11/2026"
"""


def test_a_row_of_the_table_is_read() -> None:
    assert load_overrides(GOOD)[date(2027, 2, 11)] == Override(
        day=date(2027, 2, 11),
        kind=Kind.OFF,
        reason="Tết Nguyên đán",
        source="Thông báo nghỉ Tết",
        checked_on=date(2026, 11, 20),
    )


def test_every_defect_of_the_table_is_told_with_its_line_and_field() -> None:
    text = GOOD + GOOD.replace('"off"', '"holiday"').replace("source", "nguon").replace("20/11", "31/11")
    with pytest.raises(SheetError) as caught:
        load_overrides(text)
    told = caught.value.problems
    assert any("dòng 11, mục day.kind" in problem and "off, work" in problem for problem in told)
    assert any("dòng 13, mục day.nguon" in problem for problem in told)
    assert any("dòng 9, mục day.source" in problem for problem in told)
    assert any("dòng 14, mục day.checked_on" in problem and "31/11/2026" in problem for problem in told)
    assert any("dòng 10, mục day.date" in problem and "hai dòng" in problem for problem in told)
    assert len(told) == 5


def test_a_table_that_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(SheetError, match="dòng 2"):
        load_overrides("[[day]]\ndate = hôm nay\n")


def test_every_row_of_the_bundled_table_has_a_source() -> None:
    rows = load_overrides(OVERRIDES_FILE.read_text("utf-8")).values()
    assert all(row.source and row.reason and row.checked_on >= date(2026, 1, 1) for row in rows)
