"""A question, made ready to be compared with names: what each word may mean and what it weighs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from knowledge.fold import Syllable, meant
from knowledge.names import PAIR, Names, markers, pairs_of, role
from knowledge.tuning import tuning
from knowledge.vocabulary import Phrases, concepts, sensed

LONGEST_DENIAL = 6  # syllables
MARKED_ENOUGH = 0.4  # share of syllables with marks at which bare ones are no accident


@dataclass(slots=True)
class Span:
    """Words start..end of the question, read as the official term of these tokens."""

    start: int
    end: int
    tokens: tuple[int, ...]
    total: float


@dataclass(slots=True)
class Asked:
    """A question's words with their weights, and what they may stand for.

    `readings` tell for each token of the catalogue which words may be it: (place, how likely,
    marks typed). `terms` tell for each token which of the `spans` have it in their official term.
    The words at the places `aside` are said of any procedure.
    """

    line: list[Syllable]
    weights: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    readings: dict[int, list[tuple[int, float, str]]] = field(default_factory=dict)
    terms: dict[int, list[int]] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    pairs: set[int] = field(default_factory=set)
    total: float = 0.0
    markers: int = 0
    implied: int = 0
    aside: set[int] = field(default_factory=set)
    about: bool = False
    marked: bool = False


def prepare(text: str, names: Names) -> Asked:
    """Return *text* as a question to *names*."""
    line = sensed(meant(text, names.ids))
    if tuple(names.ids.get(bare, -1) for bare, _ in line) not in names.exact:
        line = _affirmed(line)
    return prepare_line(line, names)


def prepare_line(line: list[Syllable], names: Names) -> Asked:
    """Return a *line* of syllables as a question to *names*."""
    asked = Asked(line)
    asked.marked = sum(1 for _, marks in line if marks) >= MARKED_ENOUGH * len(line)
    for place in range(len(line)):
        _read(asked, place, names)
    _set_aside(asked)
    for start, end, means in concepts().within(line):
        _understand(asked, start, end, means, names)
    asked.pairs.update(_pairs(asked))
    asked.total = sum(asked.weights)
    covered = {place for span in asked.spans for place in range(span.start, span.end)}
    asked.markers = markers(line, covered)
    asked.about = next(_about().within(line), None) is not None
    return asked


def gist(asked: Asked) -> frozenset[str]:
    """Return the words left without words of speech and what is said of any procedure."""
    numbers = tuning()
    return frozenset(
        bare
        for place, (bare, marks) in enumerate(asked.line)
        if place not in asked.aside
        and (bare, marks) not in numbers.fillers
        and (marks or bare not in numbers.fillers_bare)
    )


def _affirmed(line: list[Syllable]) -> list[Syllable]:
    """Return *line* without what it says is not meant ("không phải loại …")."""
    for start, end, _ in _denials().within(line):
        stop = next(
            (place for place in range(end, len(line)) if line[place][0] in tuning().joints), len(line)
        )
        stop = min(stop, end + LONGEST_DENIAL)
        rest = line[:start] + line[stop:]
        return rest if len(rest) > 1 else line
    return line


def _read(asked: Asked, place: int, names: Names) -> None:
    """Note which tokens the word at *place* may stand for, and its weight."""
    bare, marks = asked.line[place]
    token = names.ids.get(bare)
    weight = names.weights[token] if token is not None else tuning().weights.unknown
    if marks and token is not None and asked.line[place] not in names.forms:
        weight = max(
            weight, tuning().weights.unknown
        )  # "sấu" is as unknown as a word can be, whatever "sau" is
    weight *= role(asked.line[place], content=bare in names.content)
    if token is not None:
        asked.readings.setdefault(token, []).append((place, 1.0, marks))
    for other, share in _slips(asked.line, place, names):
        asked.readings.setdefault(other, []).append((place, share, marks))
        if token is None:
            weight = min(weight, max(names.weights[other], weight / 2))
    asked.weights.append(weight)
    asked.tokens.append(-1 if token is None else token)


def _slips(line: Sequence[Syllable], place: int, names: Names) -> Iterator[tuple[int, float]]:
    """Yield the tokens the word at *place* may be a misspelling of, and how likely each is."""
    bare = line[place][0]
    known = bare in names.ids
    if role(line[place]) < 1 or (known and _at_home(line, place, bare, names)):
        return
    numbers = tuning().weights
    for near in names.neighbours.of(bare):
        fits = _at_home(line, place, near, names)
        if fits or not known:
            share = numbers.guessed if known else numbers.repaired
            yield names.ids[near], share if fits else numbers.hoped


def _at_home(line: Sequence[Syllable], place: int, bare: str, names: Names) -> bool:
    """Tell whether some name has *bare* next to one of the neighbours of *place*."""
    token = names.ids[bare]
    before = names.ids.get(line[place - 1][0], -1) if place else -1
    after = names.ids.get(line[place + 1][0], -1) if place + 1 < len(line) else -1
    return (before >= 0 and before * PAIR + token in names.pairs) or (
        after >= 0 and token * PAIR + after in names.pairs
    )


def _set_aside(asked: Asked) -> None:
    """Take the weight from what is said about any procedure: how long, how much, where."""
    for start, end, _ in _asides().within(asked.line):
        asked.aside.update(range(start, end))
        for place in range(start, end):
            asked.weights[place] *= tuning().weights.filler


def _understand(
    asked: Asked, start: int, end: int, means: Sequence[Sequence[Syllable]], names: Names
) -> None:
    """Note the official terms the words *start*..*end* may stand for."""
    least = []
    for term in means:
        tokens = tuple(names.ids[bare] for bare, _ in term if bare in names.ids)
        total = sum(names.weights[token] for token in tokens)
        if not tokens or len(tokens) * 2 < len(term):
            continue
        for token in tokens:
            asked.terms.setdefault(token, []).append(len(asked.spans))
        asked.spans.append(Span(start, end, tokens, total or 1e-9))
        asked.pairs.update(pairs_of(tokens))
        asked.implied |= markers(term)
        least.append(total)
    own = sum(asked.weights[start:end])
    if least and own < min(least):
        for place in range(start, end):
            asked.weights[place] = min(least) / (end - start)


def _pairs(asked: Asked) -> Iterator[int]:
    """Yield the neighbouring tokens of the question, in every reading."""
    at: list[list[int]] = [[] for _ in asked.line]
    for token, places in asked.readings.items():
        for place, _, _ in places:
            at[place].append(token)
    for firsts, seconds in pairwise(at):
        for first in firsts:
            for second in seconds:
                yield first * PAIR + second


@cache
def _asides() -> Phrases[None]:
    return Phrases((said, None) for said in tuning().asides)


@cache
def _denials() -> Phrases[None]:
    return Phrases((said, None) for said in tuning().denials)


@cache
def _about() -> Phrases[None]:
    return Phrases((said, None) for said in tuning().about)
