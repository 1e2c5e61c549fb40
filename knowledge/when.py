"""Moments as people say them: the ward's wall clock, weekdays by name, dates not "soon"."""

from datetime import date, datetime, time

from knowledge.calendar import here

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def day(value: date) -> str:
    """Return "thứ Hai 23/11/2026".

    >>> day(date(2026, 11, 23))
    'thứ Hai 23/11/2026'
    """
    return f"{WEEKDAYS[value.weekday()]} {value:%d/%m/%Y}"


def short_day(value: date) -> str:
    """Return "thứ Hai 23/11"."""
    return f"{WEEKDAYS[value.weekday()]} {value:%d/%m}"


def clock(moment: datetime) -> str:
    """Return "15:40" or "7:30" as the wall clock shows *moment*."""
    return time_of_day(here(moment).time())


def time_of_day(value: time) -> str:
    """Return "7:30".

    >>> time_of_day(time(7, 30))
    '7:30'
    """
    return f"{value.hour}:{value.minute:02}"


def clock_and_weekday(moment: datetime) -> str:
    """Return "15:40 thứ Sáu"."""
    return f"{clock(moment)} {WEEKDAYS[here(moment).weekday()]}"


def moment(value: datetime) -> str:
    """Return "7:30 thứ Hai 23/11"."""
    return f"{clock(value)} {short_day(here(value).date())}"
