"""Which days the state gives off or asks to work: the library's table, corrected by our own.

The library `holidays` knows the law but not every exchange of days (02/01 for 10/01/2026), so
`data/holiday_overrides.toml` stands above it. The library's Vietnamese names are wrong around
Tết ("29 Tết") and never reach a resident; `name_of` has ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from holidays import country_holidays

from knowledge.sheet import SheetError, open_sheet

OVERRIDES_FILE = Path(__file__).parent / "data" / "holiday_overrides.toml"


class Kind(StrEnum):
    """What an unusual day is."""

    OFF = "off"
    WORK = "work"


@dataclass(frozen=True, kw_only=True)
class Override:
    """One day that is unlike what the library says, and who said so."""

    day: date
    kind: Kind
    reason: str
    source: str
    checked_on: date


@dataclass(frozen=True, kw_only=True)
class PublicDay:
    """A day off for everybody, or a made-up working day; `source` is empty for the law's own days."""

    day: date
    kind: Kind
    name: str
    source: str = ""


_FIXED = {
    (1, 1): "Tết Dương lịch",
    (4, 30): "Ngày Giải phóng miền Nam, thống nhất đất nước",
    (5, 1): "Ngày Quốc tế Lao động",
    (9, 1): "Quốc khánh",
    (9, 2): "Quốc khánh",
    (9, 3): "Quốc khánh",
    (11, 24): "Ngày Văn hóa Việt Nam",
}
_BY_LABEL = (  # a part of the library's label, in lower case → our name
    ("dương lịch", "Tết Dương lịch"),
    ("tết", "Tết Nguyên đán"),
    ("giỗ tổ", "Giỗ Tổ Hùng Vương"),
    ("chiến thắng", "Ngày Giải phóng miền Nam, thống nhất đất nước"),
    ("lao động", "Ngày Quốc tế Lao động"),
    ("quốc khánh", "Quốc khánh"),
    ("văn hóa", "Ngày Văn hóa Việt Nam"),
)


def name_of(day: date, label: str) -> str:
    """Return our name of a public holiday, whatever the library calls it.

    >>> name_of(date(2027, 2, 4), "29 Tết")
    'Tết Nguyên đán'
    """
    name = _FIXED.get((day.month, day.day)) or next(
        (ours for theirs, ours in _BY_LABEL if theirs in label.lower()),
        "Nghỉ hoán đổi",
    )
    return f"{name} (nghỉ bù)" if "nghỉ bù" in label else name


@lru_cache(maxsize=64)
def of_year(year: int) -> Mapping[date, PublicDay]:
    """Return the law's days off and made-up days of *year*, as the library knows them."""
    table = country_holidays("VN", years=year, language="vi", expand=False)
    off = (PublicDay(day=day, kind=Kind.OFF, name=name_of(day, label)) for day, label in table.items())
    made_up = (
        PublicDay(day=day, kind=Kind.WORK, name="Làm bù")
        for day in getattr(table, "weekend_workdays", ())
        if day.year == year
    )
    return {public.day: public for public in (*off, *made_up)}


def load_overrides(text: str, file: str = OVERRIDES_FILE.name) -> dict[date, Override]:
    """Read the override table. Raises SheetError with every defect, its line and its field."""
    sheet = open_sheet(text, file)
    found: dict[date, Override] = {}
    for part in sheet.parts("day"):
        override = Override(
            day=part.day("date"),
            kind=Kind(part.one_of("kind", [kind.value for kind in Kind])),
            reason=part.text("reason"),
            source=part.text("source"),
            checked_on=part.day("checked_on"),
        )
        part.finish()
        if override.day in found:
            part.note("date", f"ngày {override.day:%d/%m/%Y} có hai dòng; xóa bớt một dòng")
        found[override.day] = override
    sheet.finish()
    if sheet.problems:
        raise SheetError(sheet.problems)
    return found
