"""What hangs on the ward's notice board: addresses, people, days. `ward` reads it from files."""

import unicodedata
from dataclasses import dataclass
from datetime import date, time, timedelta

from knowledge.fold import spelling, words
from knowledge.hours import OfficeHours, Span


def key_of(text: str) -> str:
    """Return *text* as it is compared: folded, abbreviations spelt out, no punctuation.

    >>> key_of("SĐT Chủ tịch?")
    'so dien thoai chu tich'
    """
    return " ".join(part for raw in text.split() for word in words(raw) for part in _spelt_out(word, raw))


def _spelt_out(word: str, raw: str) -> tuple[str, ...]:
    """Return what an abbreviation means; a single letter and a word with marks ("cá") are none."""
    marked = any(unicodedata.combining(letter) for letter in unicodedata.normalize("NFD", raw))
    return (word,) if marked or len(word) == 1 else spelling().get(word, (word,))


def says(query: str, phrase: str) -> bool:
    """Tell whether *phrase* stands in *query* as whole words; both are `key_of` something."""
    return bool(phrase) and f" {phrase} " in f" {query} "


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Who answers for a file, and the day it was last compared with the truth."""

    responsible: str
    checked_on: date


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place people come to; `directions` say how to find it."""

    name: str
    address: str
    directions: str = ""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page elsewhere."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class NoAppointment:
    """The weekday (0 is Monday) on which `results` are handed back the same day, if in by `last_hour`."""

    weekday: int
    results: tuple[str, ...]
    last_hour: time
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Office:
    """office.toml: where the ward is and when it is open."""

    name: str
    committee: str
    province: str
    seat: Spot
    centre: Spot
    phone: str
    hotline: str
    hotline_note: str
    email: str
    website: str
    map_url: str
    hours: OfficeHours
    no_appointment: NoAppointment | None
    facilities: tuple[str, ...]
    links: tuple[Link, ...]
    checked: Checked


@dataclass(frozen=True, kw_only=True)
class Officer:
    """One person of the ward. `words` are what people call the post; the first stands on a button."""

    name: str
    title: str
    desk: str
    phone: str
    email: str
    answers_for: tuple[str, ...]
    words: tuple[str, ...]
    when_to_call: str
    leader: bool

    def fit(self, query: str) -> int:
        """Return how long a piece of *query* (a `key_of`) names this person or post; 0 is not at all."""
        keys = (key_of(name) for name in (*self.words, *self.answers_for, self.title, self.name))
        return max((len(key) for key in keys if says(query, key)), default=0)


@dataclass(frozen=True, kw_only=True)
class Directory:
    """directory.toml: whom to call about what."""

    people: tuple[Officer, ...]
    checked: Checked

    def find(self, question: str) -> tuple[Officer, ...]:
        """Return the people *question* names most exactly: "phó chủ tịch" is not "chủ tịch"."""
        query = key_of(question)
        fits = [(officer.fit(query), officer) for officer in self.people]
        best = max((fit for fit, _ in fits), default=0)
        return tuple(officer for fit, officer in fits if fit == best) if best else ()


@dataclass(frozen=True, kw_only=True)
class Session:
    """One meeting with citizens; `chair` when the chairperson receives in person."""

    day: date
    hours: Span
    host: str
    chair: bool
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Reception:
    """reception.toml: where, when and how citizens are received; sessions in order of time."""

    place: str
    published_on: date
    sessions: tuple[Session, ...]
    rules: tuple[str, ...]
    papers: tuple[str, ...]
    note: str
    checked: Checked

    def from_day(self, day: date) -> tuple[Session, ...]:
        """Return the sessions on *day* and later."""
        return tuple(session for session in self.sessions if session.day >= day)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing the committee does; without `at` it fills the day."""

    day: date
    at: time | None
    what: str
    host: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Week:
    """The work of one week, from Monday `starts_on`; entries in order of time."""

    starts_on: date
    published_on: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """week.toml: the weeks that were posted."""

    weeks: tuple[Week, ...]
    checked: Checked

    def week_of(self, day: date) -> Week | None:
        """Return the posted week *day* lies in, or None."""
        monday = day - timedelta(days=day.weekday())
        return next((week for week in self.weeks if week.starts_on == monday), None)


@dataclass(frozen=True, kw_only=True)
class OldWard:
    """A unit that ceased on `since`, and the ward its people belong to now."""

    name: str
    aliases: tuple[str, ...]
    became: str
    since: date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """The ward next door."""

    name: str
    aliases: tuple[str, ...]
    address: str
    phone: str
    website: str


@dataclass(frozen=True, kw_only=True)
class OldWards:
    """old_wards.toml: names people still use, and the wards around us."""

    old: tuple[OldWard, ...]
    neighbours: tuple[Neighbour, ...]
    checked: Checked

    def find(self, question: str) -> tuple[OldWard, ...]:
        """Return the former units *question* names."""
        query = key_of(question)
        return tuple(old for old in self.old if _named(query, old.name, *old.aliases))

    def neighbour(self, question: str) -> Neighbour | None:
        """Return the neighbouring ward *question* names, or None."""
        query = key_of(question)
        return next((near for near in self.neighbours if _named(query, near.name, *near.aliases)), None)


@dataclass(frozen=True, kw_only=True)
class PetitionPlace:
    """A body that receives complaints and denunciations."""

    name: str
    where: str
    when: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Petition:
    """petition.toml: where complaints and denunciations go, and what a letter of one must hold."""

    places: tuple[PetitionPlace, ...]
    contents: tuple[str, ...]
    form_url: str
    checked: Checked


def _named(query: str, *names: str) -> bool:
    return any(says(query, key_of(name)) for name in names)
