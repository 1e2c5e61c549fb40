"""Minutes of work between two moments, forwards and back, over Tết, make-up Saturdays and lunch."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.calendar import HERE, Calendar
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.hours import OfficeHours, Season

CALENDAR = Calendar(
    OfficeHours(
        seasons=(
            Season(name="mùa hè", month=4, day=16, spans=((time(7), time(11, 30)), (time(13, 30), time(17)))),
            Season(
                name="mùa đông", month=10, day=16, spans=((time(7, 30), time(11, 30)), (time(13), time(17)))
            ),
        ),
        saturday=((time(7, 30), time(11)),),
    ),
    load_overrides(OVERRIDES_FILE.read_text("utf-8")),
)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 366 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
PIECES = st.integers(0, 5000)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


def works(moment: datetime) -> bool:
    """Tell whether work goes on just before or at *moment*."""
    local = moment.astimezone(HERE)
    spans = CALENDAR.hours_on(local.date()) if CALENDAR.is_working_day(local.date()) else ()
    return any(start <= local.time() <= end for start, end in spans)


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, PIECES)
def test_what_is_added_lies_between(moment: datetime, minutes: int) -> None:
    due = CALENDAR.add_working_minutes(moment, minutes)
    assert CALENDAR.working_minutes_between(moment, due) == minutes
    assert CALENDAR.working_minutes_between(due, moment) == 0


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, st.integers(0, 20 * 24 * 60))
def test_adding_what_lies_between_ends_at_the_last_moment_of_work(a: datetime, later: int) -> None:
    b = a + timedelta(minutes=later)
    between = CALENDAR.working_minutes_between(a, b)
    last = CALENDAR.add_working_minutes(a, between)
    if between:
        assert last <= b
        assert works(last)
        assert CALENDAR.working_minutes_between(last, b) == 0


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, PIECES)
def test_what_is_subtracted_lies_between_too(moment: datetime, minutes: int) -> None:
    start = CALENDAR.subtract_working_minutes(moment, minutes)
    assert start <= moment
    assert works(start)
    assert CALENDAR.working_minutes_between(start, moment) == minutes


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, st.integers(1, 5000))
def test_subtracting_undoes_adding_during_work(moment: datetime, minutes: int) -> None:
    start = CALENDAR.add_working_minutes(moment, 0)
    assert CALENDAR.subtract_working_minutes(CALENDAR.add_working_minutes(start, minutes), minutes) == start


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, st.integers(0, 30 * 24 * 60), st.integers(0, 30 * 24 * 60))
def test_two_stretches_add_up(a: datetime, first: int, second: int) -> None:
    b = a + timedelta(minutes=first)
    c = b + timedelta(minutes=second)
    whole = CALENDAR.working_minutes_between(a, c)
    assert whole == CALENDAR.working_minutes_between(a, b) + CALENDAR.working_minutes_between(b, c)


@settings(deadline=None)  # the first look at a year loads the library
@given(st.dates(date(2025, 1, 1), date(2028, 12, 31)))
def test_work_of_a_day_ends_at_its_close(day: date) -> None:
    close = CALENDAR.close_of(day)
    assert CALENDAR.is_working_day(close.date())
    assert close.date() == CALENDAR.add_calendar_days(day, 0)
    assert close.time() == CALENDAR.hours_on(close.date())[-1][1]


@pytest.mark.parametrize(
    ("a", "b", "minutes", "why"),
    [
        ("2026-11-20T09:00", "2026-11-20T10:30", 90, "one morning"),
        ("2026-11-20T11:00", "2026-11-20T13:30", 60, "lunch stands still"),
        ("2026-11-20T11:30", "2026-11-20T13:00", 0, "all of it is lunch"),
        ("2026-11-20T16:00", "2026-11-23T08:00", 90, "a weekend, with reception on Saturday"),
        ("2026-02-13T16:00", "2026-02-23T08:30", 120, "Tết"),
        ("2026-08-21T16:00", "2026-08-22T08:00", 120, "a made-up Saturday, summer hours"),
        ("2026-10-15T16:00", "2026-10-16T08:00", 90, "the season changes overnight"),
        ("2026-11-23T16:00", "2026-11-25T07:45", 75, "24/11"),
        ("2026-11-20T10:00", "2026-11-20T10:00", 0, "nothing"),
        ("2026-11-20T10:00", "2026-11-19T10:00", 0, "backwards"),
        ("2026-11-20T10:00:40", "2026-11-20T10:02:20", 1, "whole minutes"),
    ],
)
def test_minutes_are_counted_as_the_office_works(a: str, b: str, minutes: int, why: str) -> None:
    assert CALENDAR.working_minutes_between(at(a), at(b)) == minutes, why


@pytest.mark.parametrize(
    ("deadline", "minutes", "start"),
    [
        ("2026-11-23T08:30", 120, "2026-11-20T16:00"),
        ("2026-02-23T08:30", 120, "2026-02-13T16:00"),
        ("2026-11-20T13:30", 60, "2026-11-20T11:00"),
        ("2026-08-24T07:00", 60, "2026-08-22T16:00"),
        ("2026-11-23T07:30", 0, "2026-11-23T07:30"),
        ("2026-11-23T07:00", 0, "2026-11-20T17:00"),
        ("2026-11-20T17:00", 0, "2026-11-20T17:00"),
    ],
)
def test_two_hours_before_a_deadline_are_hours_of_work(deadline: str, minutes: int, start: str) -> None:
    assert CALENDAR.subtract_working_minutes(at(deadline), minutes) == at(start)


def test_a_day_closes_in_the_afternoon_and_a_day_off_with_the_next_working_day() -> None:
    assert CALENDAR.close_of(date(2026, 11, 20)) == at("2026-11-20T17:00")
    assert CALENDAR.close_of(date(2026, 11, 21)) == at("2026-11-23T17:00"), "reception is not work"
    assert CALENDAR.close_of(date(2026, 2, 16)) == at("2026-02-23T17:00")
    assert CALENDAR.close_of(date(2026, 8, 22)) == at("2026-08-22T17:00")


def test_moments_may_come_in_any_zone_but_not_in_none() -> None:
    a, b = at("2026-11-20T09:00"), at("2026-11-20T10:30")
    assert CALENDAR.working_minutes_between(a.astimezone(UTC), b) == 90
    assert CALENDAR.subtract_working_minutes(b.astimezone(UTC), 90).isoformat() == "2026-11-20T09:00:00+07:00"
    with pytest.raises(ValueError, match="zone"):
        CALENDAR.working_minutes_between(a, datetime(2026, 11, 20, 10))  # noqa: DTZ001
    with pytest.raises(ValueError, match="minutes"):
        CALENDAR.subtract_working_minutes(a, -1)


def test_an_office_that_never_works_is_told_so() -> None:
    never = Calendar(OfficeHours(seasons=(Season(name="", month=1, day=1, spans=()),)))
    with pytest.raises(ValueError, match="never opens"):
        never.close_of(date(2026, 11, 20))
    with pytest.raises(ValueError, match="never opens"):
        never.subtract_working_minutes(at("2026-11-20T10:00"), 1)
