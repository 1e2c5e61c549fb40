"""Phrases: everyday words for official terms, topics that are no procedure, words with several senses."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from knowledge.fold import Syllable, fold, meant, spelled
from knowledge.tuning import Sense, tuning

VOCABULARY_FILE = Path(__file__).parent / "data" / "vocabulary.toml"
ELSEWHERE_FILE = Path(__file__).parent / "data" / "vocabulary_elsewhere.toml"

T = TypeVar("T")
_Phrase = tuple[int, list[str], list[str], T]  # size, folded syllables, their marks, the meaning


class Phrases(Generic[T]):
    """Phrases to be found in a line of syllables, each with what it stands for."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._by_first: dict[str, list[_Phrase[T]]] = {}
        for text, meaning in phrases:
            line = sensed(meant(text))
            if line:
                bare, marks = [bare for bare, _ in line], [marks for _, marks in line]
                self._by_first.setdefault(bare[0], []).append((len(bare), bare, marks, meaning))
        for lines in self._by_first.values():
            lines.sort(key=lambda phrase: -phrase[0])

    def within(self, line: Sequence[Syllable]) -> Iterator[tuple[int, int, T]]:
        """Yield (start, end, meaning) of the phrases in *line*; one inside another stays out."""
        reached = 0
        said = [bare for bare, _ in line]
        for start, first in enumerate(said):
            for size, bare, marks, meaning in self._by_first.get(first, ()):
                end = start + size
                if end > reached and said[start:end] == bare and _marks_allow(line[start:end], marks):
                    yield start, end, meaning
                    reached = end
                    break


def sensed(line: Sequence[Syllable]) -> list[Syllable]:
    """Return *line* with every word of several senses replaced by the one its neighbours show.

    >>> [word for word, _ in sensed([("bo", ""), ("em", ""), ("mat", "")])]
    ['bo', 'em', 'tu', 'tran']
    """
    if _senses().keys().isdisjoint(line):
        return [*line]
    found: list[Syllable] = []
    for place, syllable in enumerate(line):
        rules = _senses().get(syllable, ())
        sense = next((rule for rule in rules if _shown(rule, place, line)), None)
        found.extend(sense.stands_for if sense else [syllable])
    return found


@cache
def _senses() -> dict[Syllable, tuple[Sense, ...]]:
    """Return the senses of a word, found with and without its marks."""
    table: dict[Syllable, tuple[Sense, ...]] = {}
    for sense in tuning().senses:
        for key in (*spelled(sense.word), (fold(sense.word), "")):
            table[key] = (*table.get(key, ()), sense)
    return table


def _shown(sense: Sense, place: int, line: Sequence[Syllable]) -> bool:
    """Tell whether the neighbours of the word at *place* show *sense*."""
    if place + 1 < len(line) and line[place + 1][0] in sense.after:
        return True
    back = place - 1
    while back >= 0 and line[back][0] in sense.skip and line[back][0] not in sense.before:
        back -= 1
    return back >= 0 and line[back][0] in sense.before


@cache
def concepts() -> Phrases[tuple[tuple[Syllable, ...], ...]]:
    """Return the everyday phrases of the data file with their official terms."""
    table = tomllib.loads(VOCABULARY_FILE.read_text("utf-8"))
    return Phrases(
        (said, tuple(tuple(meant(term)) for term in concept["mean"]))
        for group in table["groups"]
        for concept in group["concepts"]
        for said in concept["say"]
    )


@cache
def elsewhere() -> tuple[str, ...]:
    """Return what people write that is no question about a procedure."""
    return _said("topics")


@cache
def signs() -> Phrases[None]:
    """Return the words that make a message a report, praise or blame, whatever else it names."""
    return Phrases((said, None) for said in _said("signs"))


def _said(kind: str) -> tuple[str, ...]:
    table = tomllib.loads(ELSEWHERE_FILE.read_text("utf-8"))
    return tuple(said for row in table[kind] for said in row["say"])


def _marks_allow(line: Sequence[Syllable], expected: Sequence[str]) -> bool:
    """Tell whether the marks typed in *line* are no others than the *expected* ones."""
    return all(
        not typed or not marks or typed == marks for (_, typed), marks in zip(line, expected, strict=True)
    )
