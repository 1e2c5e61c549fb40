"""What an importer hands on: rows that can be believed, refusals that say what to do.

FileRefused   the whole file cannot be trusted → nothing is imported, a person mends the file
Refusal       one row cannot be trusted        → the others are imported, this one is listed
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Fact = str | int | date | None

SHORT = 40  # letters of a cell that are shown back
_DIGITS = re.compile(r"\d(?:[\d .\-]*\d)?")
_PERSONAL = 7  # digits; a date written out has eight but keeps its slashes
_KEPT = 3


class Kind(StrEnum):
    """The registers a ward keeps and we can read."""

    MARRIAGES = "marriages"
    BIRTHS = "births"
    DEATHS = "deaths"
    DEATH_REPORTS = "death_reports"
    DOSSIERS = "dossiers"
    CONTRIBUTIONS = "contributions"
    RESIDENTS = "residents"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One event of the register; every fact stood in one and the same row of the sheet.

    `number` counts the sheet's rows from 1, as the clerk sees them. `key` says which event it
    is: the same event in another file has the same key. It holds no name and no phone.
    """

    number: int
    key: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A row that was not taken: where, what stood there (shortened, numbers masked), why, what to do."""

    row: int
    column: str
    found: str
    why: str
    todo: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A sheet as it was understood: `columns` says for each field under which title it was found."""

    kind: Kind
    sheet: str
    header_row: int
    columns: Mapping[str, str]
    rows: tuple[Row, ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]


class FileRefused(Exception):
    """The whole file cannot be trusted; `why` and `todo` are sentences for the clerk.

    `preview` shows a few things found, shortened and masked, when that helps to decide.
    """

    def __init__(self, why: str, todo: str, preview: tuple[str, ...] = ()) -> None:
        super().__init__(f"{why} {todo}")
        self.why, self.todo, self.preview = why, todo, preview


def shown(value: object) -> str:
    """Return *value* as it may be shown back: short, on one line, personal numbers masked.

    >>> shown("điện thoại 0900000123")
    'điện thoại •••123'
    """
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value if value is not None else "")[: 4 * SHORT].split())
    masked = _DIGITS.sub(_mask, text)
    return masked if len(masked) <= SHORT else masked[: SHORT - 1] + "…"


def _mask(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return found[0] if len(digits) < _PERSONAL else "•••" + digits[-_KEPT:]
