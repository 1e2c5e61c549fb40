"""A report that is being written: what is known of it, and what is asked next.

It lives in the notes of the conversation, so it survives days and restarts; what was given
once, in whatever order, is not asked again.
"""

import re
import secrets
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from feedback.intake import MAX_PHOTOS
from handlers.memory import Memory
from handlers.talk import Place, Turn
from handlers.words import FOR_SOMEBODY
from knowledge import concerns, privacy
from knowledge.concerns import Level
from knowledge.fold import fold
from knowledge.places import Found, Point
from records import people
from records.tables import Address

_ALLEY = re.compile(
    r"^đường (?=(?:hẻm|ngõ|ngách|kiệt)\b)", re.IGNORECASE
)  # "đèn đường hẻm 42" names no street
LIVES = timedelta(days=7)
LONGEST = 4000  # characters of one report
CERTAIN_CATEGORY = 50  # score from which the guessed category is not asked about: it stands in the summary
LEAD = 20  # and by which it must stand before the next one
WHAT, WHERE, PHOTOS, CONTACT, CONFIRM = "what", "where", "photos", "contact", "confirm"
CATEGORY, SIMILAR, DANGER = "category", "similar", "danger"


@dataclass(kw_only=True)
class Draft:
    """What is known of a report so far. Everything has a default, so old drafts stay readable.

    `group` is the first-level button that was pressed. `settled` holds the questions that are answered or were passed over,
    `asked` those that were put, to say how far we are.
    """

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    started_at: str = ""
    text: str = ""
    category: str = ""
    level: str = ""
    group: str = ""
    place: str = ""
    quarter: str = ""
    latitude: float | None = None
    longitude: float | None = None
    photos: list[str] = field(default_factory=list)
    voice: list[str] = field(default_factory=list)
    hide_photos: bool = False
    phone: str = ""
    callback: str = ""
    behalf: bool = False
    about_desk: str = ""
    settled: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def settle(self, question: str) -> None:
        """Do not ask *question* (again)."""
        if question not in self.settled:
            self.settled.append(question)

    def unsettle(self, question: str) -> None:
        """Ask *question* anew."""
        self.settled = [one for one in self.settled if one != question]


def load(turn: Turn) -> Draft | None:
    """Return the draft of this conversation; None when there is none, or it is too old."""
    notes = turn.memory.draft
    if not notes:
        return None
    known = {item.name for item in fields(Draft)}
    draft = Draft(**{name: value for name, value in notes.items() if name in known})
    if draft.started_at and turn.now - datetime.fromisoformat(draft.started_at) > LIVES:
        turn.memory.draft = {}
        return None
    return draft


def save(turn: Turn, draft: Draft) -> None:
    """Keep *draft* with the conversation."""
    turn.memory.draft = asdict(draft)


def begin(turn: Turn) -> Draft:
    """Return a fresh draft."""
    return Draft(started_at=turn.now.isoformat())


def hear(turn: Turn, draft: Draft, text: str) -> None:
    """Take from *text* everything that tells of a report: the thing, the place, a number, for whom."""
    draft.text = f"{draft.text}\n{text}".strip()[:LONGEST]
    if not draft.category:
        _guess(turn, draft)
    draft.level = _level(turn, draft)
    if WHERE not in draft.settled:
        words = turn.ward.places.in_text(text)
        found = turn.ward.places.understand(words) if words else None
        if found is not None and found.exact and found.street:  # a landmark alone would leave staff searching
            put(turn, draft, found)
    if not draft.phone:
        draft.phone = privacy.phone_of(text) or ""
    draft.behalf = draft.behalf or any(f" {fold(words)} " in f" {fold(text)} " for words in FOR_SOMEBODY)
    _notice_desk(turn, draft, text)


def choose(turn: Turn, draft: Draft, code: str) -> None:
    """Take *code* for the category; the words decide how pressing it is."""
    draft.category = code
    draft.settle(CATEGORY)
    draft.level = _level(turn, draft)
    _notice_desk(turn, draft, draft.text)


def put(turn: Turn, draft: Draft, found: Found) -> None:
    """Take *found* for the place; its quarter is named with it."""
    draft.place, draft.quarter = _ALLEY.sub("", found.text), found.quarter
    name = next((one.name for one in turn.ward.places.quarters if one.code == found.quarter), "")
    if name and fold(name) not in fold(draft.place):
        draft.place = f"{draft.place}, {name[:1].lower()}{name[1:]}"
    if found.point is not None:
        draft.latitude, draft.longitude = found.point.latitude, found.point.longitude


def pin(draft: Draft, place: Place, found: Found | None) -> None:
    """Take a shared point for the place."""
    draft.latitude, draft.longitude = place.latitude, place.longitude
    if found is not None:
        draft.place, draft.quarter = found.text, found.quarter


def add_photos(draft: Draft, refs: tuple[str, ...]) -> int:
    """Keep as many of *refs* as a report may have; return how many were left out."""
    room = MAX_PHOTOS - len(draft.photos)
    draft.photos.extend(refs[:room])
    return max(0, len(refs) - room)


async def leave_out(db: AsyncSession, who: Address, ref: str, now: datetime) -> None:
    """Take a file that was refused out of the report (or the question) *who* is writing."""
    memory = Memory.load(*await people.conversation(db, who))
    lists = [memory.photos, memory.draft.get("photos", []), memory.draft.get("voice", [])]
    holding = [refs for refs in lists if ref in refs]
    for refs in holding:
        refs.remove(ref)
    if holding:
        await people.remember(db, who, memory.step, memory.dump(), now)


def next_question(turn: Turn, draft: Draft) -> str:
    """Return what is asked next: thing, place, photo, contact, and at last whether it may go."""
    return open_questions(turn, draft)[0]


def open_questions(turn: Turn, draft: Draft) -> list[str]:
    """Return every question that is still open, in the order they are asked."""
    left = []
    if not draft.text and not draft.voice:
        left.append(WHAT)
    if not draft.category:
        left.append(CATEGORY)
    if _needs_place(turn, draft) and not draft.place and WHERE not in draft.settled:
        left.append(WHERE)
    if not draft.photos and not draft.voice and PHOTOS not in draft.settled and _needs_place(turn, draft):
        left.append(PHOTOS)
    if not draft.phone and CONTACT not in draft.settled:
        left.append(CONTACT)
    return [*left, CONFIRM]


def point_of(draft: Draft) -> Point | None:
    """Return the point of the draft, if it has one."""
    if draft.latitude is None or draft.longitude is None:
        return None
    return Point(draft.latitude, draft.longitude)


def title(turn: Turn, draft: Draft) -> str:
    """Return a short title, in the resident's own words where there are some."""
    return concerns.title_of(privacy.mask(draft.text)) or (
        turn.concerns.of(draft.category).title if draft.category else ""
    )


def _guess(turn: Turn, draft: Draft) -> None:
    guesses = turn.concerns.guess(draft.text)
    if draft.group:
        codes = turn.concerns.group()[draft.group]
        guesses = [guess for guess in guesses if guess.category.code in codes] or guesses
    best, second = (*(guess.score for guess in guesses[:2]), 0.0, 0.0)[:2]
    if best >= CERTAIN_CATEGORY and best - second >= LEAD:
        draft.category = guesses[0].category.code


def _level(turn: Turn, draft: Draft) -> str:
    if not draft.category:
        return Level.NORMAL
    return str(turn.concerns.level(draft.text, turn.concerns.of(draft.category)))


def _needs_place(turn: Turn, draft: Draft) -> bool:
    return not draft.category or turn.concerns.of(draft.category).needs_place


def _notice_desk(turn: Turn, draft: Draft, text: str) -> None:
    """A complaint about how somebody was served names a unit: it must not land there."""
    if draft.category != "staff_attitude" or draft.about_desk:
        return
    named = turn.ward.desks.named(text)
    draft.about_desk = named[0].code if named else ""
