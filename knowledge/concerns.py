"""What residents report: the categories, guessed from their own words.

`load_concerns` reads the file; `Concerns` answers which category a text may mean, whether it
is a report at all, and how pressing it is. A guess only orders the buttons a resident
chooses from; a person at the desk may always file the report elsewhere.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from knowledge import concern_rows
from knowledge.concern_rows import CategoryRow, File
from knowledge.concern_title import title_of
from knowledge.concern_words import Ear, Found, Heard, Sayings
from knowledge.fold import words
from knowledge.rows import CatalogueError

__all__ = ["Category", "Concerns", "ConcernsError", "Guess", "Level", "Term", "load_concerns", "title_of"]

CONCERNS_FILE = Path(__file__).parent / "data" / "concerns.toml"
OTHER = "other"
REST = "Khác"  # the last of the first buttons

# Calibrated on benchmarks/concerns.toml.
SYLLABLES_WEIGH = (0.0, 1.2, 2.0, 2.6, 3.0)  # a phrase of so many words; longer ones no more
HINTS = 0.45  # share of a word that only hints
ALONE = 0.5  # share of a single word typed without its marks: it may be many another
INSIDE = 0.5  # share of a phrase that stands inside a longer one of another category
AGAINST = 0.3  # share left when a word speaks against the category
HALFWAY = 2.5  # weight at which a guess scores 63
CERTAIN = 4.0  # words tell no more than this that a text is a report
TOLD = 3.0  # ... and cues for a report no more than this
REPORT = 1.6  # from here on a text is a report
NEGATIONS = frozenset({"khong", "chua", "chang"})
BETWEEN = frozenset({"co", "ai", "nguoi", "bi", "he"})  # ... and what may follow: "chưa có người bị …"


class Level(StrEnum):
    """How pressing a report is (mức khẩn)."""

    URGENT = "urgent"
    NORMAL = "normal"
    COMPLEX = "complex"


class ConcernsError(CatalogueError):
    """The file of concerns has defects; nothing of it is used."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """Within what time the resident gets an answer, from `since` on.

    `minutes` are working minutes and stand for urgent reports only; others count `working_days`.
    """

    minutes: int | None
    working_days: int | None
    source: str
    since: date


@dataclass(frozen=True, kw_only=True)
class Category:
    """One category of reports (lĩnh vực).

    `name` fits a button, `title` a sentence. `kind` is "report", "suggestion", "opinion" or
    "compliment". `emergency` is the number to call first when urgent, or "". What is `discreet`
    is never shown publicly, nor as text in a group. `words` are phrases (see `concern_words`)
    that tell of such a matter, `hints` only point to it, `not_words` speak against it.
    """

    code: str
    name: str
    title: str
    kind: str
    example: str
    words: tuple[str, ...]
    hints: tuple[str, ...] = ()
    not_words: tuple[str, ...]
    urgent_words: tuple[str, ...]
    complex_words: tuple[str, ...]
    level: Level
    emergency: str
    discreet: bool
    needs_place: bool
    terms: Mapping[Level, tuple[Term, ...]] = field(hash=False)

    def term(self, level: Level, on: date) -> Term:
        """Return the term for *level* on that day: the latest begun, else the first there is."""
        begun = [term for term in self.terms[level] if term.since <= on]
        return begun[-1] if begun else self.terms[level][0]


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A category a text may mean; `score` is 0..100, `because` are the words that spoke for it."""

    category: Category
    score: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a phrase stands for: a list (`role`) of a category ("" when of all), or a cue of some weight."""

    role: str
    code: str = ""
    weight: float = 0.0


@dataclass(frozen=True)
class Concerns:
    """All categories, in the order of the file."""

    categories: tuple[Category, ...]
    cues: tuple[tuple[float, tuple[str, ...]], ...] = ()
    urgent_words: tuple[str, ...] = ()
    complex_words: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    passed_over: tuple[str, ...] = ()

    def of(self, code: str) -> Category:
        """Return the category. Raises `KeyError`."""
        return self._by_code[code]

    def guess(self, text: str, limit: int = 4) -> list[Guess]:
        """Return what *text* may be about, best first; nothing when no word speaks for any."""
        guesses = [
            Guess(category=self.of(code), score=_score(weight), because=because)
            for code, (weight, because) in _weighed(self._found(text), ("word", "hint")).items()
        ]
        return sorted(guesses, key=lambda guess: -guess.score)[:limit]

    def is_report(self, text: str) -> bool:
        """Tell whether somebody tells of a nuisance or a wish, and does not ask about a procedure."""
        found = self._found(text)
        strongest = max((weight for weight, _ in _weighed(found, ("word",)).values()), default=0.0)
        told, asked = _cues(found)
        return min(strongest, CERTAIN) + min(told, TOLD) + asked >= REPORT

    def level(self, text: str, category: Category) -> Level:
        """Return how pressing *text* is as a report of *category*."""
        if category.kind in ("suggestion", "compliment"):
            return category.level
        codes = {category.code, ""} if category.needs_place or category.code == OTHER else {category.code}
        heard = self._ear.hear(text)
        roles = {
            item.meaning.role
            for item in self._sayings.within(heard)
            if item.meaning.code in codes and not _denied(item, heard)
        }
        if "urgent" in roles:
            return Level.URGENT
        if "complex" in roles and category.level is not Level.URGENT:
            return Level.COMPLEX
        return category.level

    def group(self) -> Mapping[str, tuple[str, ...]]:
        """Return the first buttons with the codes each leads to; the last one has all the rest."""
        named = {code for _, codes in self.groups for code in codes}
        rest = tuple(item.code for item in self.categories if item.code not in named)
        return MappingProxyType({**dict(self.groups), REST: rest})

    def _found(self, text: str) -> list[Found[_Mark]]:
        return list(self._sayings.within(self._ear.hear(text)))

    @cached_property
    def _by_code(self) -> Mapping[str, Category]:
        return {category.code: category for category in self.categories}

    @cached_property
    def _sayings(self) -> Sayings[_Mark]:
        return Sayings(self._phrases(), self.passed_over)

    @cached_property
    def _ear(self) -> Ear:
        return Ear(self._sayings.syllables | set(self.passed_over))

    def _phrases(self) -> Iterator[tuple[str, _Mark]]:
        lists = {"urgent": self.urgent_words, "complex": self.complex_words}
        yield from _marked("", lists)
        for weight, said in self.cues:
            yield from ((phrase, _Mark("cue", weight=weight)) for phrase in said)
        for item in self.categories:
            lists = {"word": item.words, "hint": item.hints, "not": item.not_words}
            yield from _marked(
                item.code, {**lists, "urgent": item.urgent_words, "complex": item.complex_words}
            )


def load_concerns(path: Path | None = None) -> Concerns:
    """Read the file, or the one that comes with the software.

    Raises `ConcernsError` with every defect at once, or `OSError`.
    """
    file, defects = concern_rows.read(path or CONCERNS_FILE)
    if file is None:
        raise ConcernsError(defects)
    concerns = Concerns(
        categories=tuple(_category(row, file) for row in file.category),
        cues=tuple((row.weight, tuple(row.words)) for row in file.cues),
        urgent_words=tuple(file.urgent.words),
        complex_words=tuple(file.complex.words),
        groups=tuple((row.name, tuple(row.codes)) for row in file.groups),
        passed_over=tuple(words(file.passed_over)),
    )
    concerns.guess("")  # prepares its phrases, so that the first resident does not wait
    return concerns


def _category(row: CategoryRow, file: File) -> Category:
    return Category(
        code=row.code,
        name=row.name,
        title=row.title,
        kind=row.kind,
        example=row.example,
        words=tuple(row.words),
        hints=tuple(row.hints),
        not_words=tuple(row.not_words),
        urgent_words=tuple(row.urgent_words),
        complex_words=tuple(row.complex_words),
        level=Level(row.level),
        emergency=row.emergency,
        discreet=row.discreet,
        needs_place=row.needs_place,
        terms=MappingProxyType({level: _terms(row, file, level) for level in Level}),
    )


def _terms(row: CategoryRow, file: File, level: Level) -> tuple[Term, ...]:
    days = {Level.NORMAL: row.normal_days, Level.COMPLEX: row.complex_days}
    minutes = row.urgent_minutes if level is Level.URGENT else None
    first = Term(minutes=minutes, working_days=days.get(level), source=file.source, since=file.since)
    later = (
        Term(minutes=term.minutes, working_days=term.working_days, source=term.source, since=term.since)
        for term in row.terms
        if term.level == level
    )
    return tuple(sorted((first, *later), key=lambda term: term.since))


def _marked(code: str, lists: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, _Mark]]:
    for role, phrases in lists.items():
        yield from ((phrase, _Mark(role, code)) for phrase in phrases)


def _weighed(
    found: Sequence[Found[_Mark]], roles: Collection[str]
) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Return for each category spoken for its weight and the words that count, heaviest first."""
    against = {item.meaning.code for item in found if item.meaning.role == "not"}
    spoken: dict[str, list[tuple[float, Found[_Mark]]]] = {}
    for item in found:
        if item.meaning.role in roles:
            weight = _weight(item) * (INSIDE if _is_inside(item, found) else 1.0)
            spoken.setdefault(item.meaning.code, []).append((weight, item))
    weighed = {}
    for code, items in spoken.items():
        weight, because = _covered(items)
        weighed[code] = (weight * (AGAINST if code in against else 1.0), because)
    return weighed


def _weight(item: Found[_Mark]) -> float:
    size = min(len(item.places), len(SYLLABLES_WEIGH) - 1)
    share = HINTS if item.meaning.role == "hint" else 1.0
    if size == 1 and item.fit < 1:
        share *= ALONE
    return SYLLABLES_WEIGH[size] * item.fit * share


def _is_inside(item: Found[_Mark], found: Iterable[Found[_Mark]]) -> bool:
    """Tell whether a longer phrase of another category has all words of *item*."""
    own = set(item.places)
    return any(
        other.meaning.role == "word"
        and other.meaning.code != item.meaning.code
        and len(other.places) > len(own)
        and own < set(other.places)
        for other in found
    )


def _covered(items: list[tuple[float, Found[_Mark]]]) -> tuple[float, tuple[str, ...]]:
    """Return the weight of phrases that may overlap: each word of the text counts once."""
    taken: set[int] = set()
    total, because = 0.0, []
    for weight, item in sorted(items, key=lambda pair: -pair[0]):
        fresh = set(item.places) - taken
        if fresh:
            total += weight * len(fresh) / len(item.places)
            because.append(item.said)
            taken |= fresh
    return total, tuple(because)


def _cues(found: Sequence[Found[_Mark]]) -> tuple[float, float]:
    """Return what speaks for a report and, below zero, what speaks for a question."""
    told, asked = 0.0, 0.0
    taken: set[int] = set()
    cues = [item for item in found if item.meaning.role == "cue" and not _is_inside(item, found)]
    for item in sorted(cues, key=lambda cue: (-len(cue.places), -abs(cue.meaning.weight))):
        if taken.isdisjoint(item.places):
            taken.update(item.places)
            told += max(item.meaning.weight, 0.0) * item.fit
            asked += min(item.meaning.weight, 0.0) * item.fit
    return told, asked


def _denied(item: Found[_Mark], heard: Heard) -> bool:
    """Tell whether the phrase is said not to be so ("chưa có người bị thương")."""
    place = item.places[0] - 1
    while place >= 0 and heard.line[place][0] in BETWEEN:
        place -= 1
    return place >= 0 and heard.line[place][0] in NEGATIONS


def _score(weight: float) -> float:
    return 100.0 * (1.0 - math.exp(-weight / HALFWAY))
