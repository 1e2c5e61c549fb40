"""The Vietnamese lunar calendar: which lunar day a date is, and how people say it.

The astronomy is the package `lunar-vn` at UTC+7. Calendars made for China count at UTC+8 and
have Tết wrong in 1985, 2007, 2030 and 2053.

Only the state's calendar is told, which counts so since 1968 (Quyết định 121-CP, 08/8/1967;
checked 20/11/2026). Until 1975 the South went on at UTC+8: there Tết 1968 was on 30/01, not
29/01, and Tết 1969 on 17/02, not 16/02. Earlier dates are refused: which calendar a family
kept then is for the family to say.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import lunar_vn
from lunar_vn.can_chi import get_year_can_chi

YEARS: Final = range(1968, 2100)  # solar years; the package ends with 2100
_MUNG: Final = range(1, 11)  # these days are said "mùng"
_MONTHS: Final = {1: "tháng Giêng", 12: "tháng Chạp"}  # the others are said by number


@dataclass(frozen=True, kw_only=True)
class LunarDate:
    """A day of the lunar calendar. `leap`: in the second of two months of the same number."""

    day: int
    month: int
    year: int
    leap: bool = False


def lunar_of(day: date) -> LunarDate:
    """Return the lunar date of *day*. Raises ValueError outside `YEARS`.

    >>> lunar_of(date(2026, 11, 20))
    LunarDate(day=12, month=10, year=2026, leap=False)
    """
    _known(day.year)
    found = lunar_vn.solar_to_lunar(day)
    return LunarDate(day=found.day, month=found.month, year=found.year, leap=found.leap)


def solar_of(lunar: LunarDate) -> date:
    """Return the solar date of *lunar*. Raises ValueError when there is no such day.

    >>> solar_of(LunarDate(day=10, month=3, year=2026))
    datetime.date(2026, 4, 26)
    """
    day = _convert(lunar)
    # the package rolls a day 30 over into the next month, and overlooks "leap" in a year without
    if lunar_of(day) != lunar:
        raise ValueError("no such day in the lunar calendar")
    return day


def days_in(year: int, *, month: int, day: int) -> list[date]:
    """Return the days of solar *year* with that lunar date, in the ordinary month, not the leap one.

    Mostly one; near the New Year there may be none, or two.

    >>> days_in(2025, month=7, day=15)
    [datetime.date(2025, 9, 6)]
    """
    _known(year)
    near = [LunarDate(day=day, month=month, year=lunar_year) for lunar_year in (year - 1, year)]
    found = ((lunar, _convert(lunar)) for lunar in near)
    return [solar for lunar, solar in found if solar.year == year and lunar_of(solar) == lunar]


def year_name(year: int) -> str:
    """Return the name of a lunar year in the cycle of sixty.

    >>> year_name(2026)
    'Bính Ngọ'
    """
    return get_year_can_chi(year)


def in_words(lunar: LunarDate, *, with_year: bool = True) -> str:
    """Return *lunar* as it stands in a letter.

    >>> in_words(LunarDate(day=12, month=10, year=2026))
    'ngày 12 tháng 10 năm Bính Ngọ'
    >>> in_words(LunarDate(day=5, month=6, year=2025, leap=True), with_year=False)
    'ngày mùng 5 tháng 6 nhuận'
    """
    day = f"ngày mùng {lunar.day}" if lunar.day in _MUNG else f"ngày {lunar.day}"
    month = _MONTHS.get(lunar.month, f"tháng {lunar.month}") + (" nhuận" if lunar.leap else "")
    return f"{day} {month} năm {year_name(lunar.year)}" if with_year else f"{day} {month}"


def tet(year: int) -> date:
    """Return the first day of lunar year *year*, which lies in the solar year of that number.

    >>> tet(2030)
    datetime.date(2030, 2, 2)
    """
    _known(year)
    return solar_of(LunarDate(day=1, month=1, year=year))


def new_years_eve(year: int) -> date:
    """Return the day before `tet(year)`: often the 29th of Chạp, so nobody may write "30 Tết" unasked.

    >>> in_words(lunar_of(new_years_eve(2026)))
    'ngày 29 tháng Chạp năm Ất Tỵ'
    """
    return tet(year) - timedelta(days=1)


def _convert(lunar: LunarDate) -> date:
    return lunar_vn.convert_lunar_to_solar(lunar.day, lunar.month, lunar.year, int(lunar.leap))


def _known(year: int) -> None:
    if year not in YEARS:
        raise ValueError(f"the lunar calendar is known from {YEARS[0]} to {YEARS[-1]}")
