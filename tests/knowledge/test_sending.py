"""Letters leave by the ward's wall clock, wherever the machine stands."""

import time as machine
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.calendar import HERE, Calendar
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.hours import OfficeHours, Season
from knowledge.sending import (
    CONDOLENCE,
    LETTERS,
    TEMPLATES,
    SendingHours,
    next_sending_moment,
)

CALENDAR = Calendar(
    OfficeHours(seasons=(Season(name="", month=1, day=1, spans=((time(7, 30), time(17)),)),)),
    load_overrides(OVERRIDES_FILE.read_text("utf-8")),
)
ZONES = st.sampled_from(
    ["UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"]
).map(ZoneInfo)
# told in UTC: an hour a foreign clock skips or repeats is equal to nothing, not even to itself elsewhere
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
HOURS = st.sampled_from([LETTERS, CONDOLENCE, TEMPLATES, SendingHours(opens=time(9, 30), closes=time(9, 31))])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@settings(deadline=None)  # a busy machine is no failure
@given(MOMENTS, HOURS)
def test_a_message_never_leaves_early_nor_outside_its_hours(after: datetime, hours: SendingHours) -> None:
    leaves = next_sending_moment(after, hours)
    assert leaves >= after
    assert leaves.utcoffset() == timedelta(hours=7)
    assert hours.opens <= leaves.time() < hours.closes
    assert hours.allow(leaves)


@settings(deadline=None)  # a busy machine is no failure
@given(MOMENTS, HOURS)
def test_it_waits_only_until_the_hours_begin(after: datetime, hours: SendingHours) -> None:
    leaves = next_sending_moment(after, hours)
    assert (leaves == after) == hours.allow(after)
    if leaves != after:
        assert leaves.time() == hours.opens
        assert leaves - after < timedelta(days=1)


@settings(deadline=None)  # a busy machine is no failure
@given(MOMENTS, HOURS, ZONES)
def test_the_zone_a_moment_is_told_in_changes_nothing(
    after: datetime, hours: SendingHours, zone: ZoneInfo
) -> None:
    assert next_sending_moment(after, hours) == next_sending_moment(after.astimezone(zone), hours)


@settings(deadline=None)  # the first look at a year loads the library
@given(MOMENTS, HOURS)
def test_with_a_calendar_it_leaves_on_working_days_only(after: datetime, hours: SendingHours) -> None:
    leaves = next_sending_moment(after, hours, CALENDAR)
    assert leaves >= next_sending_moment(after, hours)
    assert CALENDAR.is_working_day(leaves.date())
    assert hours.allow(leaves)


@settings(deadline=None)  # a busy machine is no failure
@given(MOMENTS)
def test_nobody_is_told_of_mourning_at_night(after: datetime) -> None:
    assert time(7) <= next_sending_moment(after, CONDOLENCE).time() < time(21)


@pytest.mark.parametrize(
    ("after", "hours", "leaves"),
    [
        ("2026-11-20T19:59:59", LETTERS, "2026-11-20T19:59:59"),
        ("2026-11-20T20:00", LETTERS, "2026-11-21T08:00"),
        ("2026-11-20T00:00", LETTERS, "2026-11-20T08:00"),
        ("2026-11-20T20:59", CONDOLENCE, "2026-11-20T20:59"),
        ("2026-11-20T21:00", CONDOLENCE, "2026-11-21T07:00"),
        ("2026-11-20T21:59", TEMPLATES, "2026-11-20T21:59"),
        ("2026-11-20T22:00", TEMPLATES, "2026-11-21T06:00"),
        ("2026-12-31T23:30", LETTERS, "2027-01-01T08:00"),
    ],
)
def test_hours_end_on_the_minute(after: str, hours: SendingHours, leaves: str) -> None:
    assert next_sending_moment(at(after), hours) == at(leaves)


def test_a_letter_signed_before_tet_leaves_after_it_when_only_working_days_will_do() -> None:
    assert next_sending_moment(at("2026-02-13T20:30"), LETTERS, CALENDAR) == at("2026-02-23T08:00")
    assert next_sending_moment(at("2026-08-21T20:30"), LETTERS, CALENDAR) == at("2026-08-22T08:00")


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo"])
def test_the_machine_s_own_zone_does_not_matter(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", zone)
        machine.tzset()
        midnight_in_utc = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
        leaves = next_sending_moment(midnight_in_utc, LETTERS)
    machine.tzset()
    assert leaves == at("2026-11-21T08:00")
    assert leaves.date() == date(2026, 11, 21)


def test_a_ward_s_own_hours_stay_within_the_platform_s() -> None:
    own = SendingHours(opens=time(5), closes=time(21, 30))
    assert own.within(TEMPLATES) == SendingHours(opens=time(6), closes=time(21, 30))
    with pytest.raises(ValueError, match="sending hours"):
        SendingHours(opens=time(5), closes=time(6)).within(TEMPLATES)


def test_hours_over_midnight_and_moments_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="sending hours"):
        SendingHours(opens=time(20), closes=time(8))
    with pytest.raises(ValueError, match="zone"):
        next_sending_moment(datetime(2026, 11, 20, 10), LETTERS)  # noqa: DTZ001


def test_a_calendar_without_working_days_is_told_so() -> None:
    class Never(Calendar):
        def is_working_day(self, day: date) -> bool:
            return day < date(2000, 1, 1)

    with pytest.raises(ValueError, match="never works"):
        next_sending_moment(at("2026-11-20T10:00"), LETTERS, Never(CALENDAR.hours))
