"""Reading facts: what is blank is absent, what is there has one type, everything is composed (NFC)."""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from letters.errors import MissingFact, WrongFact
from letters.fields import FIELDS, Kind

Value = str | int | bool | date | tuple[str, ...]

LONGEST: Final = {Kind.TEXT: 600, Kind.NAME: 120}  # characters; more is a paste gone wrong
MOST_NAMES: Final = 5
YEARS: Final = range(1850, 2200)
# What programs and clerks write where nothing is known; so is whatever holds neither letter nor figure.
BLANKS: Final = frozenset(("null", "none", "nan", "nil", "undefined", "n/a", "#n/a", "chưa rõ", "không rõ"))
_INVISIBLE: Final = frozenset(
    ("Cc", "Cf", "Cs", "Co", "Cn")
)  # no letter of ours; bidi overrides are among them


def composed(text: str) -> str:
    """Return *text* in NFC, on one line, single spaces, without invisible characters.

    >>> composed("  Nguye\u0302\u0303n\u00a0Va\u0306n\u200b M\u1eabu ")
    'Nguyễn Văn Mẫu'
    """
    words = " ".join(text.split())
    seen = "".join(letter for letter in words if unicodedata.category(letter) not in _INVISIBLE)
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def read(name: str, given: object) -> Value | None:
    """Return the fact *name*, or None where nothing is said. Raises WrongFact."""
    if given is None:
        return None
    kind = FIELDS[name].kind
    if kind is Kind.NAMES:
        return _names(name, given)
    if isinstance(given, str):
        given = composed(given)
        if _is_blank(given):
            return None
    if kind in {Kind.TEXT, Kind.NAME}:
        return _words(name, given, kind)
    if kind is Kind.DATE:
        return _date(name, given)
    return _flag(name, given) if kind is Kind.FLAG else _number(name, given, kind)


def wanted(name: str, facts: Mapping[str, object]) -> Value:
    """Return the fact *name*. Raises MissingFact or WrongFact."""
    value = read(name, facts.get(name))
    if value is None:
        raise MissingFact(name, FIELDS[name].title)
    return value


def spoken(name: str, value: Value) -> str | bool:
    """Return *value* as it is printed; a flag stays a flag.

    >>> spoken("death_date", date(2026, 2, 5)), spoken("year", 2027), spoken("anniversary", 1250)
    ('05 tháng 02 năm 2026', '2027', '1.250')
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return in_words(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, int):
        return str(value) if FIELDS[name].kind is Kind.YEAR else grouped(value)
    return value


def in_words(day: date) -> str:
    """Return a date as NĐ 30/2020 writes it: a nought before days under 10 and months 1 and 2."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)  # noqa: PLR2004
    return f"{day.day:02d} tháng {month} năm {day.year}"


def grouped(number: int) -> str:
    """Return a number with a dot between thousands."""
    return f"{number:,}".replace(",", ".")


def _is_blank(text: str) -> bool:
    return text.casefold() in BLANKS or not any(letter.isalnum() for letter in text)


def _wrong(name: str, why: str) -> WrongFact:
    return WrongFact(name, FIELDS[name].title, why)


def _words(name: str, given: object, kind: Kind) -> str:
    if not isinstance(given, str):
        raise _wrong(name, "phải là chữ")
    if len(given) > LONGEST[kind]:
        raise _wrong(name, f"dài quá {LONGEST[kind]} chữ cái; xem lại có dán nhầm không")
    if kind is Kind.NAME and any(letter.isdigit() for letter in given):
        raise _wrong(name, "có chữ số trong họ tên; xem lại")
    after = FIELDS[name].after
    if after and given.casefold().startswith(f"{after} "):
        given = given[len(after) + 1 :]
    return given.rstrip(" .,;:")  # the template's sentence goes on, or ends, by itself


def _names(name: str, given: object) -> tuple[str, ...] | None:
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list | tuple):
        raise _wrong(name, "phải là một hay nhiều họ tên")
    if len(given) > MOST_NAMES:
        raise _wrong(name, f"nhiều hơn {MOST_NAMES} người; xem lại")
    if all(isinstance(one, str) and _is_blank(composed(one)) for one in given):
        return None
    read_names = tuple(_one_name(name, one) for one in given)
    if len(set(read_names)) < len(read_names):
        raise _wrong(name, "có hai họ tên trùng nhau; xem lại")
    return read_names


def _one_name(name: str, given: object) -> str:
    said = composed(given) if isinstance(given, str) else ""
    if _is_blank(said):
        raise _wrong(name, "có chỗ trống giữa các họ tên; xem lại")
    return _words(name, said, Kind.NAME)


def _date(name: str, given: object) -> date:
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given)
        except ValueError as error:
            raise _wrong(name, "không phải ngày; ghi dạng 2026-11-05") from error
    if isinstance(given, datetime) or not isinstance(given, date):
        raise _wrong(name, "phải là ngày, không kèm giờ")
    if given.year not in YEARS:
        raise _wrong(name, f"năm {given.year} không hợp lý; xem lại")
    return given


def _number(name: str, given: object, kind: Kind) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise _wrong(name, "phải là số nguyên")
    if given < 0 or (kind is Kind.YEAR and given not in YEARS):
        raise _wrong(name, f"{given} không hợp lý; xem lại")
    return given


def _flag(name: str, given: object) -> bool:
    if not isinstance(given, bool):
        raise _wrong(name, "phải là có hoặc không")
    return given
