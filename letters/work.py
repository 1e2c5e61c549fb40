"""What every act on a letter works with: one transaction, and the ward's shelf of letters.

The shelf travels in `Database.info`, as the seal of the history does: a conversation about a
letter then needs nothing but its session.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.calendar import Calendar, here
from knowledge.greetings import GREETINGS_FILE, Greetings, load_greetings
from knowledge.sheet import SheetError
from knowledge.ward import Ward
from letters.enclosures import Enclosure, load_enclosures
from letters.paper import Letterhead, Sender, Signatory
from letters.policy import Policy, load_policy
from letters.press import Press
from letters.rules import RULES, Kind
from letters.template import BUNDLED, Templates, load_templates
from records.media import MediaStore

ON_THE_SHELF: Final = "letters"  # the word in a session's `info`
# Nothing is enclosed with a condolence: what the family should know is for the funeral committee (domain.md §2.2).
_WITH_A_SHEET: Final = tuple(rule.template for rule in RULES if rule.kind is not Kind.SOLEMN)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """What letters are made of; one a process."""

    ward: Ward
    calendar: Calendar
    templates: Templates
    greetings: Greetings
    policy: Policy
    press: Press
    media: MediaStore
    enclosures: Mapping[str, Enclosure] = field(default_factory=dict)  # by template


@dataclass(frozen=True, kw_only=True)
class Work:
    """One transaction, and what the ward's letters are made of. `now` is the moment of the act."""

    db: AsyncSession
    shelf: Shelf
    now: datetime

    @property
    def today(self) -> date:
        """Return the day on the ward's wall."""
        return here(self.now).date()

    @property
    def head(self) -> Letterhead:
        """Return the head of the ward's sheets."""
        return Letterhead.of(self.shelf.ward.office)

    def sender(self, signatory: Signatory) -> Sender:
        """Return what the ward says of itself above this signature."""
        return Sender.of(self.shelf.ward.office, signatory)


def shelf_of(
    ward: Ward,
    calendar: Calendar,
    *,
    ward_dir: Path,
    media: MediaStore,
    font_dir: Path | None = None,
) -> Shelf:
    """Load templates, greetings, the ward's rules and the press. Raises their errors.

    Templates in the folder `letters` of the ward's own pages replace their namesakes; sheets
    the ward encloses lie there too.
    """
    templates = ward_templates(ward_dir)
    return Shelf(
        ward=ward,
        calendar=calendar,
        templates=templates,
        greetings=_greetings(templates),
        enclosures=load_enclosures(ward_dir / "letters", _WITH_A_SHEET),
        policy=load_policy(ward_dir),
        press=Press(font_dir),
        media=media,
    )


def ward_templates(ward_dir: Path, overrides: Mapping[str, str] = MappingProxyType({})) -> Templates:
    """Load the words of all letters: ours, above them the ward's, above them *overrides*. Raises TemplateError."""
    own = ward_dir / "letters"
    has_sheets_only = own.is_dir() and any(own.glob("*.toml")) and not any(own.glob("*.txt"))
    folders = [own] if own.is_dir() and not has_sheets_only else []
    return load_templates(BUNDLED, *folders, overrides=overrides)


def _greetings(templates: Templates) -> Greetings:
    """Return the days of greetings. Raises SheetError where one has no words to greet with."""
    greetings = load_greetings(GREETINGS_FILE.read_text("utf-8"))
    problems = [
        f"{GREETINGS_FILE.name}: lời chúc {one.code} ({one.name}) dùng mẫu {one.template}, mà không có mẫu ấy; "
        f"thêm tệp {one.template}.txt hoặc ghi tên mẫu khác"
        for one in greetings.greetings
        if one.template not in templates.by_name
    ]
    if problems:
        raise SheetError(problems)
    return greetings


def on_duty(db: AsyncSession, now: datetime) -> Work:
    """Return the work of this session. Raises LookupError where no letters are kept."""
    work = at_hand(db, now)
    if work is None:
        raise LookupError("this database was opened without the shelf of letters")
    return work


def at_hand(db: AsyncSession, now: datetime) -> Work | None:
    """Return the work of this session; None where no letters are kept."""
    shelf = db.info.get(ON_THE_SHELF)
    return Work(db=db, shelf=shelf, now=now) if isinstance(shelf, Shelf) else None
