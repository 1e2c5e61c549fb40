"""What a ward decides about its letters, from `letters.toml` beside its other pages; without it the strict defaults."""

from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final

from knowledge.sending import LETTERS, WAKING, SendingHours
from knowledge.sheet import Sheet, SheetError, open_sheet
from letters.forms import Form, read_forms

FILE: Final = "letters.toml"
MOURNING_DAYS: Final = 49  # the custom of forty-nine days (domain.md §2.1)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The ward's own rules. `trial`: templates nobody has approved may be signed, as in the demo ward.

    `forms` are what Zalo approved for whoever is outside its free window; none by default.
    """

    symbol: str = "TC-UBND"
    mourning_days: int = MOURNING_DAYS
    hours: SendingHours = LETTERS
    trial: bool = False
    forms: tuple[Form, ...] = ()


def load_policy(folder: Path) -> Policy:
    """Read the file in *folder*. Raises SheetError with every defect."""
    path = folder / FILE
    if not path.exists():
        return Policy()
    sheet = open_sheet(path.read_text("utf-8"), FILE)
    sheet.text("responsible")
    sheet.day("checked_on")
    policy = Policy(
        symbol=sheet.text("symbol"),
        mourning_days=sheet.number("mourning_days", 1, 1100),
        hours=_hours(sheet),
        trial=sheet.yes("trial"),
        forms=read_forms(sheet),
    )
    sheet.finish()
    if sheet.problems:
        raise SheetError(sheet.problems)
    return policy


def _hours(sheet: Sheet) -> SendingHours:
    """Read the ward's hours; the quiet hours stay quiet whatever it writes."""
    opens, closes = _clock(sheet, "opens", LETTERS.opens), _clock(sheet, "closes", LETTERS.closes)
    if max(opens, WAKING.opens) >= min(closes, WAKING.closes):
        sheet.note("closes", "phải sau giờ mở (opens), trong khoảng 7:00 đến 21:00")
        return LETTERS
    return SendingHours(opens=opens, closes=closes).within(WAKING)


def _clock(sheet: Sheet, key: str, default: time) -> time:
    return sheet.clock(key) if sheet.has(key) else default
