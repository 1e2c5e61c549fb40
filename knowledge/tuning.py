"""The numbers and word lists of the matcher, read once from `data/matching.toml`."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.fold import Syllable, spelled, words

MATCHING_FILE = Path(__file__).parent / "data" / "matching.toml"


@dataclass(frozen=True, kw_only=True)
class Sense:
    """One meaning of a word with several: its neighbours, and the words it stands for."""

    word: str
    stands_for: tuple[Syllable, ...]
    before: frozenset[str]
    after: frozenset[str]
    skip: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much what counts; each is explained where it stands, in the data file."""

    filler: float
    filler_or_not: float
    filler_name: float
    light_name: float
    enough: float
    apart: float
    away: float
    there: float
    open: float
    light: float
    unknown: float
    missing_name: float
    missing_question: float
    elsewhere: float
    tail: float
    order: float
    other_marks: float
    no_marks: float
    repaired: float
    guessed: float
    hoped: float
    synonym: float
    marker_asked: float
    marker_extra: float
    sibling_word: float
    other_body: float
    outdated: float
    clause: float


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """The numbers of `data/matching.toml`, with the day they were calibrated."""

    calibrated_on: str
    sure: float
    margin: float
    near: float
    none: float
    weights: Weights
    fillers: frozenset[Syllable]
    light: frozenset[Syllable]
    fillers_bare: frozenset[str]
    light_bare: frozenset[str]
    joints: frozenset[str]
    asides: tuple[str, ...]
    about: tuple[str, ...]
    denials: tuple[str, ...]
    markers: tuple[tuple[str, ...], ...]
    tails: tuple[str, ...]
    senses: tuple[Sense, ...]


@cache
def tuning() -> Tuning:
    """Return the calibrated numbers and word lists."""
    table = tomllib.loads(MATCHING_FILE.read_text("utf-8"))
    return Tuning(
        calibrated_on=str(table["calibrated_on"]),
        **table["thresholds"],
        weights=Weights(**table["weights"]),
        fillers=frozenset(syllable for line in table["fillers"] for syllable in spelled(line)),
        light=frozenset(syllable for line in table["light"] for syllable in spelled(line)),
        fillers_bare=_bag(table["fillers"]),
        light_bare=_bag(table["light"]),
        denials=tuple(table["denials"]),
        joints=_bag(table["joints"]),
        asides=tuple(table["asides"]),
        about=tuple(table["about"]),
        markers=tuple(map(tuple, table["markers"])),
        tails=tuple(table["tails"]),
        senses=tuple(map(_sense, table["senses"])),
    )


def _sense(row: dict[str, str | list[str]]) -> Sense:
    return Sense(
        word=str(row["word"]),
        stands_for=tuple(spelled(str(row["as"]))),
        before=_bag(row.get("before", ())),
        after=_bag(row.get("after", ())),
        skip=_bag(row.get("skip", ())),
    )


def _bag(lines: Sequence[str]) -> frozenset[str]:
    return frozenset(word for line in lines for word in words(line))
