"""The ward's pages as they count now: the files of its folder, and above them what was published since."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from knowledge import contents
from knowledge.calendar import Calendar
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.ward import Ward, load_ward
from letters import rewording
from letters.template import BUNDLED, Templates
from letters.work import ward_templates

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class InForce:
    """What the pages say, ready to be used."""

    ward: Ward
    calendar: Calendar
    templates: Templates


def in_force(settings: Settings, published: Mapping[str, str]) -> InForce:
    """Read the folder and what was *published* above it. Raises the errors of the folder's own files.

    A published page that can be read no longer (by a later version of the software) is told in
    the log, and the folder's file counts in its place.
    """
    sound = {page: text for page, text in published.items() if _is_sound(page, text)}
    words = {contents.letter_name(page): text for page, text in sound.items() if contents.is_letter(page)}
    ward = load_ward(settings.ward_dir, sound)
    overrides = sound.get(contents.HOLIDAYS) or OVERRIDES_FILE.read_text("utf-8")
    return InForce(
        ward=ward,
        calendar=Calendar(ward.hours, load_overrides(overrides)),
        templates=ward_templates(settings.ward_dir, words),
    )


def original(settings: Settings, page: str) -> str:
    """Return the text of *page* as the folder, or the software, has it; "" where neither does."""
    if page == contents.HOLIDAYS:
        return OVERRIDES_FILE.read_text("utf-8")
    if page in contents.BY_FILE:
        return _text_of(settings.ward_dir / page)
    if not contents.is_letter(page):
        return ""
    file = f"{contents.letter_name(page)}{contents.ENDING}"
    own = _text_of(settings.ward_dir / "letters" / file)
    return own or _text_of(BUNDLED / file)


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _is_sound(page: str, text: str) -> bool:
    if contents.is_letter(page):
        problems = rewording.problems_of(contents.letter_name(page), text)
    else:
        problems = contents.problems_of(page, text)
    if problems:
        log.error("the published page %s has %d defects; the ward's file counts instead", page, len(problems))
    return not problems
