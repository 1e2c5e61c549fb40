"""Dates as clerks write them, day before month; what could be two dates is no date.

"05/03/2026", "5-3-26", "ngày 5 tháng 3 năm 2026", "2026-03-05", a spreadsheet's day number or
its own date. A year of two figures is taken only when one century fits the given bounds.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

OLDEST = date(1900, 1, 1)
NEWEST = date(2099, 12, 31)
_EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet, its leap day of 1900 being wrong
_SERIALS = range(2200, 73051)  # 1906 to 2099; smaller numbers are years or counts
_YEARS = range(OLDEST.year, NEWEST.year + 1)
_CENTURY = 100
_MONTHS = 12
_NUMERIC = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})", re.ASCII)
_WRITTEN = re.compile(r"(?:ngay\s*)?(\d{1,2})\s*thang\s*(\d{1,2})\s*,?\s*nam\s*(\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(r"[ t]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", re.ASCII)
_YEAR_ONLY = re.compile(r"(?:nam\s*)?(\d{4})", re.ASCII)


class NoDate(Exception):
    """The cell is no date we dare to read; `strange` when it does not even look like one."""

    def __init__(self, why: str, *, strange: bool = False) -> None:
        super().__init__(why)
        self.why, self.strange = why, strange


@dataclass(frozen=True, kw_only=True)
class Read:
    """A date and how it was written: `typed` as text day/month, or "" when the sheet knew it as a date."""

    day: date
    typed: bool


def read(value: object, first: date = OLDEST, last: date = NEWEST) -> Read:
    """Return the date *value* says. *first* and *last* only decide the century of "26"."""
    if isinstance(value, datetime):
        return Read(day=_within(value.date()), typed=False)
    if isinstance(value, date):
        return Read(day=_within(value), typed=False)
    if isinstance(value, bool) or not isinstance(value, int | float | str) or value != value:  # noqa: PLR0124 - NaN
        raise NoDate("ô này không phải ngày", strange=True)
    if isinstance(value, int | float):
        return Read(day=_serial(value), typed=False)
    return _text(value, first, last)


def read_birth(value: object, first: date = OLDEST, last: date = NEWEST) -> Read | int:
    """Return a date of birth, or the year alone where the register has no more."""
    year = _year(value)
    return year if year is not None else read(value, first, last)


def _year(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and (found := _YEAR_ONLY.fullmatch(_plain(value))):
        value = int(found[1])
    return value if isinstance(value, int) and not isinstance(value, bool) and value in _YEARS else None


def _serial(value: float) -> date:
    if not abs(value) < _SERIALS.stop:
        raise NoDate("số này không phải ngày", strange=True)
    if int(value) in _YEARS:
        raise NoDate("chỉ có năm, thiếu ngày và tháng")
    if int(value) not in _SERIALS:
        raise NoDate("số này không phải ngày", strange=True)
    return _within(_EPOCH + timedelta(days=int(value)))


def _text(value: str, first: date, last: date) -> Read:
    plain = _TIME.sub("", _plain(value))
    if found := _ISO.fullmatch(plain):
        return Read(day=_exists(int(found[1]), int(found[2]), int(found[3])), typed=False)
    found = _NUMERIC.fullmatch(plain) or _WRITTEN.fullmatch(plain)
    if not found:
        if _YEAR_ONLY.fullmatch(plain):
            raise NoDate("chỉ có năm, thiếu ngày và tháng")
        raise NoDate("không đọc được thành ngày", strange=not any(map(str.isdigit, plain)))
    day, month = int(found[1]), int(found[2])
    year = int(found[3]) if len(found[3]) > 2 else _century(int(found[3]), month, day, first, last)  # noqa: PLR2004
    return Read(day=_exists(year, month, day), typed=True)


def _century(short: int, month: int, day: int, first: date, last: date) -> int:
    """Return the one year that "26" can mean between *first* and *last*."""
    years = [year for year in (1900 + short, 2000 + short) if first.year <= year <= last.year]
    if len(years) != 1:
        raise NoDate(f"năm {short:02d} có thể hiểu là nhiều thế kỷ; ngày {day}, tháng {month} thuộc năm nào")
    return years[0]


def _exists(year: int, month: int, day: int) -> date:
    if month > _MONTHS >= day:
        raise NoDate(f"không có tháng {month}; có thể ngày và tháng bị đảo")
    try:
        return _within(date(year, month, day))
    except ValueError as error:
        raise NoDate("không có ngày này trong lịch") from error


def _within(day: date) -> date:
    if not OLDEST <= day <= NEWEST:
        raise NoDate(f"năm {day.year} ở ngoài khoảng {OLDEST.year}–{NEWEST.year}", strange=True)
    return day


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return " ".join(re.sub(r"[\u0300-\u036f]", "", bare).split())


def month_first(values: list[object]) -> bool:
    """Tell whether a column was written, or read by a spreadsheet, month before day.

    Two signs. A text such as "03/25/2026" has its month in front, so "03/04/2026" beside it is
    two dates. And a spreadsheet of an English machine turns "05/03/2026" into the 3rd of May but
    leaves "25/03/2026" as text: dates up to the 12th, texts from the 13th on, never mixed.
    """
    parts = [
        found for value in values if isinstance(value, str) and (found := _NUMERIC.fullmatch(_plain(value)))
    ]
    if any(int(found[2]) > _MONTHS >= int(found[1]) for found in parts):
        return True
    kept = [value for value in values if isinstance(value, date)]
    texts_late = bool(parts) and all(int(found[1]) > _MONTHS for found in parts)
    return texts_late and len(kept) > 1 and all(value.day <= _MONTHS for value in kept)


def looks_like_date(text: str) -> bool:
    """Tell whether *text* is written as a date, whether or not the date exists."""
    plain = _plain(text)
    return any(shape.fullmatch(plain) for shape in (_NUMERIC, _WRITTEN, _ISO))
