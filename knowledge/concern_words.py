"""Everyday phrases found in what residents write, with or without marks, with slips of the finger.

A phrase is written as one speaks: "đèn … tắt/hư". "…" leaves room for a few words, "/" offers
one word or another, "_" holds together one of several syllables ("khu_phố/tổ"). Words that
only fill ("bị", "đã", "rất") may stand between any two.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from knowledge.fold import Syllable, is_syllable, meant, spelled
from knowledge.repair import Neighbours

T = TypeVar("T")

GAP = "…"
ROOM = 4  # words "…" leaves room for
MARKED_ENOUGH = 0.4  # share of syllables with marks at which bare ones are no accident
SAME, SWAPPED, PARTLY, BARE, BARE_AMONG_MARKED = 1.0, 0.95, 0.75, 0.95, 0.65  # how well marks agree
REPAIRED = 0.75  # a word one slip away
LEAST_FIT = 0.55  # below this the words are others that look alike
_HOOK, _TILDE = "\u0309", "\u0303"

Reading = tuple[str, str, float]  # folded letters, marks typed, how likely


@dataclass(frozen=True, slots=True)
class Step:
    """One place of a phrase: what may stand there, and how many words may come before it."""

    ways: tuple[tuple[tuple[Syllable, ...], str], ...]
    room: int


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A phrase in a text: which words it took, as the phrase spells them, and how well they fit."""

    meaning: T
    places: tuple[int, ...]
    said: str
    fit: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A text made ready: what each of its words may be, and whether it was typed with marks."""

    line: tuple[Syllable, ...]
    readings: tuple[tuple[Reading, ...], ...]
    marked: bool


class Sayings(Generic[T]):
    """Phrases with what they stand for. Raises `ValueError` for one that says nothing."""

    def __init__(self, sayings: Iterable[tuple[str, T]], passed_over: Collection[str] = ()) -> None:
        self._passed_over = frozenset(passed_over)
        self._by_first: dict[str, list[tuple[tuple[Step, ...], T]]] = {}
        self.syllables: set[str] = set()
        for text, meaning in sayings:
            steps = parse(text)
            for first in {way[0][0] for way, _ in steps[0].ways}:
                self._by_first.setdefault(first, []).append((steps, meaning))
            self.syllables.update(bare for step in steps for way, _ in step.ways for bare, _ in way)

    def within(self, heard: Heard) -> Iterator[Found[T]]:
        """Yield every phrase in *heard*, those inside others too."""
        for start, readings in enumerate(heard.readings):
            for bare, _, _ in readings:
                for steps, meaning in self._by_first.get(bare, ()):
                    met = self._meet(steps, heard, start)
                    if met is not None:
                        places, said, fit = met
                        yield Found(meaning, places, said, fit)

    def _meet(
        self, steps: Sequence[Step], heard: Heard, start: int
    ) -> tuple[tuple[int, ...], str, float] | None:
        places: list[int] = []
        said: list[str] = []
        total, place = 0.0, start
        for step in steps:
            met = self._next(step, heard, place, first=not places)
            if met is None:
                return None
            at, size, text, fit = met
            places.extend(range(at, at + size))
            said.append(text)
            total += fit
            place = at + size
        fit = total / len(places)
        return (tuple(places), " ".join(said), fit) if fit >= LEAST_FIT else None

    def _next(
        self, step: Step, heard: Heard, place: int, *, first: bool
    ) -> tuple[int, int, str, float] | None:
        """Return where *step* is met from *place* on: start, size, spelling, summed fit."""
        room = 0 if first else step.room
        while place < len(heard.readings):
            for way, text in step.ways:
                fit = _fits(way, heard, place)
                if fit:
                    return place, len(way), text, fit
            if first or (room == 0 and heard.line[place][0] not in self._passed_over):
                return None
            if heard.line[place][0] not in self._passed_over:
                room -= 1
            place += 1
        return None


class Ear:
    """Hears texts for phrases whose *syllables* are known."""

    def __init__(self, syllables: Collection[str]) -> None:
        self._known = frozenset(syllables)
        self._neighbours = Neighbours(self._known)

    def hear(self, text: str) -> Heard:
        """Return *text* made ready to look for phrases in."""
        line = tuple(meant(text, self._known))
        marked = sum(1 for _, marks in line if marks) >= MARKED_ENOUGH * len(line)
        return Heard(line, tuple(self._readings(syllable) for syllable in line), marked)

    def _readings(self, syllable: Syllable) -> tuple[Reading, ...]:
        bare, marks = syllable
        if bare in self._known or is_syllable(bare):
            return ((bare, marks, 1.0),)
        near = self._neighbours.of(bare)
        return ((bare, marks, 1.0), *((other, "", REPAIRED) for other in near))


def parse(text: str) -> tuple[Step, ...]:
    """Return the steps of a phrase as it stands in the data file."""
    steps: list[Step] = []
    room = 0
    for word in unicodedata.normalize("NFC", text).split():
        if word == GAP:
            room = ROOM
            continue
        ways = [(tuple(spelled(part)), part.replace("_", " ")) for part in word.split("/")]
        if not all(way for way, _ in ways):
            raise ValueError(f"“{text}” có chỗ trống")
        steps.append(Step(tuple((_split(way), said) for way, said in ways), room))
        room = 0
    if not steps or room:
        raise ValueError(f"“{text}” không bắt đầu và kết thúc bằng một chữ")
    return tuple(steps)


def _split(way: tuple[Syllable, ...]) -> tuple[Syllable, ...]:
    return tuple((bare, marks.replace(_TILDE, _HOOK)) for bare, marks in way)


def _fits(way: Sequence[Syllable], heard: Heard, place: int) -> float:
    """Return how well the words from *place* on are *way*, summed over them; 0 when they are not."""
    if place + len(way) > len(heard.readings):
        return 0.0
    total = 0.0
    for step, (bare, expected) in enumerate(way):
        fit = max(
            (
                likely * (_marks(typed, expected, marked=heard.marked) if likely == SAME else 1.0)
                for reading, typed, likely in heard.readings[place + step]
                if reading == bare
            ),
            default=0.0,
        )
        if not fit:
            return 0.0
        total += fit
    return total


@lru_cache(maxsize=4096)
def _marks(typed: str, expected: str, *, marked: bool) -> float:
    """Return how well the marks *typed* agree with the *expected* ones.

    Hook and tilde are often mistaken for each other; a mark left out says less than a wrong one.
    """
    if typed == expected:
        return SAME
    if not typed:
        return BARE_AMONG_MARKED if marked else BARE
    if typed.replace(_TILDE, _HOOK) == expected:
        return SWAPPED
    return PARTLY if expected and set(typed) < set(expected) else 0.0
