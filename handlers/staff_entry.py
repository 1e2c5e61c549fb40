"""Write down for a resident what came by telephone, at the counter or in the letter box.

Source → words → field → place → number → shown once more → taken; the code and the key are
read out to the person.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from feedback import intake
from feedback.intake import Report
from feedback.notices import LEVELS
from handlers.phrases import staff as phrases
from handlers.phrases import when
from handlers.staff_case import person_of, unknown
from handlers.talk import MAX_CHOICES, Choice, Reply, Turn
from handlers.words import NO
from knowledge import privacy
from knowledge.concerns import Level
from knowledge.desks import OTHER
from knowledge.fold import fold
from records.cases import Source, Staff

STEP = "staff:nhap_"
SOURCE, TEXT, CATEGORY, PLACE, PHONE, CONFIRM = "source", "text", "category", "place", "phone", "confirm"
QUESTIONS = (SOURCE, TEXT, CATEGORY, PLACE, PHONE)
SHORTEST, LONGEST = 5, 4000
_DROP = Choice("Bỏ", "/nhapho bo")
_SOURCES = dict(phrases.SOURCES)


@dataclass(kw_only=True)
class Entry:
    """What is written down so far; `done` are the questions that are answered or were passed over."""

    id: str = field(default_factory=lambda: f"entry:{secrets.token_hex(8)}")
    source: str = ""
    text: str = ""
    category: str = ""
    place: str = ""
    phone: str = ""
    done: list[str] = field(default_factory=list)


def _load(turn: Turn) -> Entry | None:
    notes: Mapping[str, Any] = turn.memory.data.get("entry") or {}
    known = {item.name for item in fields(Entry)}
    return Entry(**{name: value for name, value in notes.items() if name in known}) if notes else None


async def begin(turn: Turn) -> Reply:
    """Open an entry, or do what one of its buttons says: "/nhapho VERB ARGUMENT"."""
    person = await person_of(turn)
    if person is None or turn.incoming.group:
        return await unknown(turn)
    verb, _, argument = turn.argument.partition(" ")
    if not verb:
        return _go_on(turn, Entry())
    entry = _load(turn)
    if entry is None or not turn.memory.step.startswith(STEP):
        return Reply(text=phrases.NOTHING_TO_SEND)
    if verb == "bo":
        turn.memory.leave_step()
        return Reply(text=phrases.DROPPED)
    if verb == "gui":
        return await _take(turn, person, entry, argument)
    press = _BUTTONS.get(verb)
    if press is not None:
        press(turn, entry, argument)
    return _go_on(turn, entry)


async def heard(turn: Turn) -> Reply:
    """Take what was typed as the answer to the question asked last."""
    entry = _load(turn)
    if await person_of(turn) is None or entry is None:
        turn.memory.leave_step()
        return await unknown(turn)
    question = turn.memory.step.removeprefix(STEP)
    lead = _HEARD[question](turn, entry, turn.text.strip()) if question in _HEARD else ""
    return _go_on(turn, entry, lead)


def _go_on(turn: Turn, entry: Entry, lead: str = "") -> Reply:
    question = next((one for one in QUESTIONS if one not in entry.done), CONFIRM)
    if question == PLACE and not turn.concerns.of(entry.category).needs_place:
        entry.done.append(PLACE)
        return _go_on(turn, entry, lead)
    turn.memory.step, turn.memory.data = f"{STEP}{question}", {"entry": asdict(entry)}
    reply = _ASKED[question](turn, entry)
    return Reply(text=lead, choices=reply.choices) if lead else reply


# --- questions ---------------------------------------------------------------------------------


def _ask_source(_: Turn, __: Entry) -> Reply:
    choices = tuple(Choice(name, f"/nhapho nguon {code}") for code, name in phrases.SOURCES)
    return Reply(text=phrases.ENTRY_SOURCE, choices=(*choices, _DROP))


def _ask_text(_: Turn, __: Entry) -> Reply:
    return Reply(text=phrases.ENTRY_TEXT, choices=(_DROP,))


def _ask_category(turn: Turn, entry: Entry) -> Reply:
    guessed = [guess.category for guess in turn.concerns.guess(entry.text, MAX_CHOICES - 1)]
    offered = [one for one in guessed if one.code != OTHER]
    choices = tuple(Choice(one.name, f"/nhapho loai {one.code}", one.title) for one in offered)
    return Reply(text=phrases.ENTRY_CATEGORY, choices=(*choices, Choice("Khác", f"/nhapho loai {OTHER}")))


def _ask_place(_: Turn, __: Entry) -> Reply:
    return Reply(text=phrases.ENTRY_PLACE, choices=(Choice("Không rõ nơi", "/nhapho khong place"), _DROP))


def _ask_phone(_: Turn, __: Entry) -> Reply:
    return Reply(text=phrases.ENTRY_PHONE, choices=(Choice("Không để số", "/nhapho khong phone"), _DROP))


def _check(turn: Turn, entry: Entry) -> Reply:
    category = turn.concerns.of(entry.category)
    text = phrases.entry_check(
        source=_SOURCES[entry.source],
        text=entry.text,
        field=category.title,
        place=entry.place,
        phone=entry.phone,
        level=LEVELS[turn.concerns.level(entry.text, category)],
    )
    choices = (
        Choice("Gửi", f"/nhapho gui {entry.id}"),
        Choice("Sửa lời", "/nhapho sua text"),
        Choice("Sửa nơi", "/nhapho sua place"),
        Choice("Sửa số", "/nhapho sua phone"),
        _DROP,
    )
    return Reply(text=text, choices=choices, solemn=True)


_ASKED: Mapping[str, Callable[[Turn, Entry], Reply]] = {
    SOURCE: _ask_source,
    TEXT: _ask_text,
    CATEGORY: _ask_category,
    PLACE: _ask_place,
    PHONE: _ask_phone,
    CONFIRM: _check,
}

# --- answers -----------------------------------------------------------------------------------


def _choose_source(_: Turn, entry: Entry, code: str) -> None:
    if code in _SOURCES:
        entry.source = code
        entry.done.append(SOURCE)


def _choose_category(turn: Turn, entry: Entry, code: str) -> None:
    if code in {one.code for one in turn.concerns.categories}:
        entry.category = code
        entry.done.append(CATEGORY)


def _pass_over(_: Turn, entry: Entry, question: str) -> None:
    if question in (PLACE, PHONE):
        entry.done.append(question)


def _edit(_: Turn, entry: Entry, question: str) -> None:
    if question in (TEXT, PLACE, PHONE):
        setattr(entry, question, "")
        again = {question, CATEGORY} if question == TEXT else {question}
        entry.done = [one for one in entry.done if one not in again]


_BUTTONS: Mapping[str, Callable[[Turn, Entry, str], None]] = {
    "nguon": _choose_source,
    "loai": _choose_category,
    "khong": _pass_over,
    "sua": _edit,
}


def _hear_source(_: Turn, entry: Entry, said: str) -> str:
    code = next((code for code, name in phrases.SOURCES if fold(name) == fold(said)), "")
    _choose_source(_, entry, code)
    return ""


def _hear_text(_: Turn, entry: Entry, said: str) -> str:
    if len(said) >= SHORTEST:
        entry.text = said[:LONGEST]
        entry.done.append(TEXT)
    return ""


def _hear_category(turn: Turn, entry: Entry, said: str) -> str:
    guesses = turn.concerns.guess(said)
    _choose_category(turn, entry, guesses[0].category.code if guesses else OTHER)
    return ""


def _hear_place(_: Turn, entry: Entry, said: str) -> str:
    entry.place = said[:300]
    entry.done.append(PLACE)
    return ""


def _hear_phone(_: Turn, entry: Entry, said: str) -> str:
    number = privacy.phone_of(said)
    if number is None and fold(said) not in NO:
        return phrases.ENTRY_PHONE_WRONG
    entry.phone = number or ""
    entry.done.append(PHONE)
    return ""


_HEARD: Mapping[str, Callable[[Turn, Entry, str], str]] = {
    SOURCE: _hear_source,
    TEXT: _hear_text,
    CATEGORY: _hear_category,
    PLACE: _hear_place,
    PHONE: _hear_phone,
}


async def _take(turn: Turn, person: Staff, entry: Entry, draft: str) -> Reply:
    """Take the entry once; what stands under an older preview is shown anew."""
    if turn.memory.step != f"{STEP}{CONFIRM}" or draft != entry.id:
        return _go_on(turn, entry)
    category = turn.concerns.of(entry.category)
    place = turn.ward.places.understand(entry.place) if entry.place else None
    about = turn.ward.desks.named(entry.text) if entry.category == "staff_attitude" else []
    report = Report(
        draft=entry.id,
        text=entry.text,
        category=entry.category,
        level=Level(turn.concerns.level(entry.text, category)),
        source=Source(entry.source),
        place=entry.place,
        quarter=place.quarter if place else "",
        latitude=place.point.latitude if place and place.point else None,
        longitude=place.point.longitude if place and place.point else None,
        contact_phone=entry.phone,
        behalf=True,
        about_desk=about[0].code if about else "",
        entered_by=person.id,
    )
    taken = await intake.take(turn.work, report)
    turn.memory.leave_step()
    desk = turn.ward.desks.desk(taken.case.desk).name
    text = phrases.entered(taken.case.code, taken.key, desk, when.moment(taken.case.due_at))
    return Reply(text=text, solemn=True)


STEPS: dict[str, Callable[[Turn], Awaitable[Reply]]] = {
    f"{STEP}{question}": heard for question in (*QUESTIONS, CONFIRM)
}
