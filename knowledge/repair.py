"""Misspelt syllables: which known ones are one slip of the finger away."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA

SHORTEST = 3  # two letters resemble everything
LONGEST = 12
MOST = 6  # readings of one syllable


class Neighbours:
    """Known syllables, filed under what is left when one letter is dropped.

    Two syllables one insertion, deletion, replacement or swap apart share such a rest, so a
    handful of look-ups finds them, however many syllables are known.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._filed: dict[str, list[str]] = defaultdict(list)
        for syllable in known:
            if len(syllable) >= SHORTEST - 1 and not syllable.isdigit():
                for rest in _rests(syllable):
                    self._filed[rest].append(syllable)
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, syllable: str) -> tuple[str, ...]:
        """Return the known syllables one slip away from *syllable*, those alike in sound first."""
        if not SHORTEST <= len(syllable) <= LONGEST or syllable.isdigit():
            return ()
        found = {other for rest in _rests(syllable) for other in self._filed.get(rest, ())} - {syllable}
        near = [other for other in found if OSA.distance(syllable, other, score_cutoff=1) <= 1]
        return tuple(sorted(near, key=lambda other: (_sound(other) != _sound(syllable), other)))[:MOST]


def _rests(syllable: str) -> Iterator[str]:
    yield syllable
    for place in range(len(syllable)):
        yield syllable[:place] + syllable[place + 1 :]


@lru_cache(maxsize=20_000)
def _sound(syllable: str) -> str:
    """Return how *syllable* sounds where people mix up tr/ch, s/x, d/gi/r, l/n, n/ng, c/t."""
    for written, heard in (("tr", "ch"), ("gi", "d"), ("r", "d"), ("x", "s"), ("n", "l")):
        if syllable.startswith(written) and not syllable.startswith(("ng", "nh")):
            syllable = heard + syllable.removeprefix(written)
    if syllable.endswith(("ng", "nh")):
        return syllable[:-1]
    return syllable[:-1] + "t" if syllable.endswith("c") else syllable
