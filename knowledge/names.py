"""All names of a catalogue, taken apart, weighed and filed: what `match` looks questions up in."""

import re
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log

from knowledge.fold import Syllable, meant
from knowledge.procedure import Procedure
from knowledge.repair import Neighbours
from knowledge.tuning import tuning
from knowledge.vocabulary import Phrases, elsewhere, sensed

ELSEWHERE = -1  # the "procedure" of what is no procedure
Postings = Sequence[int]

PAIR = 1 << 20  # two tokens as one number: first * PAIR + second
_LISTED = re.compile(r"^(thủ tục )?[^,(]{2,30}, ", re.IGNORECASE)  # "Cấp, cấp đổi, cấp lại …"
CUT = "…"  # a short name that ends so is only the beginning of the official one


@dataclass(frozen=True, slots=True)
class Name:
    """One name: its tokens, the marks on them, what each weighs, which sibling words it has."""

    procedure: int
    text: str
    tokens: tuple[int, ...]
    marks: tuple[str, ...]
    weights: tuple[float, ...]
    total: float
    markers: int


class Names:
    """The names of a catalogue, and the words they are made of.

    A word weighs 1 when a single procedure has it and the less the more have it. *beside* are
    the names of what is no procedure and yet has an answer; they are numbered after the others.
    """

    def __init__(self, procedures: Sequence[Procedure], beside: Sequence[Procedure] = ()) -> None:
        everything = (*procedures, *beside)
        self.count = len(procedures)
        lines = [(number, text, official, line) for number, text, official, line in _lines(everything)]
        self.ids: dict[str, int] = {}
        for _, _, _, line in lines:
            for bare, _ in line:
                self.ids.setdefault(bare, len(self.ids))
        self.spelt = list(self.ids)
        self.forms = frozenset(syllable for _, _, _, line in lines for syllable in line)
        self.content = frozenset(
            bare
            for number, _, _, line in lines
            if number >= 0
            for bare, marks in line
            if _counts(bare, marks)
        )
        self.weights = self._weighed(lines)
        self.names = [self._name(*line) for line in lines]
        self.postings = self._filed()
        self.exact = self._by_tokens()
        self._having: dict[int, frozenset[int]] = {}
        self.pairs = frozenset(pair for name in self.names for pair in pairs_of(name.tokens))
        self.neighbours = Neighbours(self.ids)
        self.words_of, self.markers_of = self._gathered(len(everything))

    def _weighed(self, lines: Sequence[tuple[int, str, bool, list[Syllable]]]) -> list[float]:
        carriers: list[set[int]] = [set() for _ in self.ids]
        count = max(self.count, 1)
        for number, _, _, line in lines:
            if ELSEWHERE < number < count:
                for bare, _ in line:
                    carriers[self.ids[bare]].add(number)
        most = log(1 + count)
        return [log(1 + count / max(len(carriers[number]), 1)) / most for number in self.ids.values()]

    def _name(self, procedure: int, text: str, official: bool, line: list[Syllable]) -> Name:  # noqa: FBT001
        tokens = tuple(self.ids[bare] for bare, _ in line)
        tail = _tail(line) if official else len(line)
        share = tuning().weights.tail
        weights = tuple(
            self.weights[token] * _role_in_name(line[place]) * (1.0 if place < tail else share)
            for place, token in enumerate(tokens)
        )
        return Name(
            procedure,
            text,
            tokens,
            tuple(marks for _, marks in line),
            weights,
            sum(weights),
            _told(text, line),
        )

    def having(self, token: int) -> frozenset[int]:
        """Return the places of the names that have *token*, ready to be intersected."""
        found = self._having.get(token)
        if found is None:
            found = self._having[token] = frozenset(self.postings[token])
        return found

    def _filed(self) -> list[Postings]:
        postings = [array("l") for _ in self.ids]
        for place, name in enumerate(self.names):
            for token in set(name.tokens):
                postings[token].append(place)
        return [*postings]

    def _by_tokens(self) -> dict[tuple[int, ...], list[int]]:
        """Return the places of the names made of exactly these words."""
        table: dict[tuple[int, ...], list[int]] = {}
        for place, name in enumerate(self.names):
            table.setdefault(name.tokens, []).append(place)
        return table

    def _gathered(self, count: int) -> tuple[list[frozenset[int]], list[int]]:
        """Return for every procedure all words and all sibling words of its names."""
        found: dict[int, set[int]] = defaultdict(set)
        carried = [0] * count
        for name in self.names:
            if name.procedure != ELSEWHERE:
                found[name.procedure].update(name.tokens)
                carried[name.procedure] |= name.markers
        return [frozenset(found[number]) for number in range(count)], carried


def role(syllable: Syllable, *, content: bool = False) -> float:
    """Return the share of its weight a word keeps: little for words of speech.

    A word typed without marks may be one ("bạn") or not ("bán"): *content* tells whether some
    name has it as a word that counts.
    """
    numbers = tuning()
    bare, marks = syllable
    if syllable in numbers.fillers or (not marks and bare in numbers.fillers_bare):
        return numbers.weights.filler_or_not if content and not marks else numbers.weights.filler
    if syllable in numbers.light or (not marks and bare in numbers.light_bare) or bare.isdigit():
        return numbers.weights.light
    return 1.0


def _told(text: str, line: Sequence[Syllable]) -> int:
    """Return the sibling words of a name; none when it lists several, for all of them are meant."""
    found = markers(line)
    return 0 if found.bit_count() > 1 and _LISTED.search(text) else found


def _role_in_name(syllable: Syllable) -> float:
    """Return the share a word of a name keeps: the name was chosen with care, so more than said."""
    numbers, share = tuning().weights, role(syllable)
    return {numbers.filler: numbers.filler_name, numbers.light: numbers.light_name}.get(share, share)


def _counts(bare: str, marks: str) -> bool:
    return (bare, marks) not in tuning().fillers and (bool(marks) or bare not in tuning().fillers_bare)


def markers(line: Sequence[Syllable], but: Collection[int] = ()) -> int:
    """Return the sibling words in *line*, one bit each; not those at the places *but*."""
    found = 0
    for start, _, bit in _marker_phrases().within(line):
        found |= 0 if start in but else bit
    return found


def marker_words(found: int) -> tuple[str, ...]:
    """Return the sibling words of the bits in *found*."""
    return tuple(same[0] for number, same in enumerate(tuning().markers) if found >> number & 1)


def pairs_of(tokens: Sequence[int]) -> Iterator[int]:
    """Yield each two neighbours of *tokens* as one number."""
    for first, second in pairwise(tokens):
        yield first * PAIR + second


def _lines(procedures: Sequence[Procedure]) -> Iterator[tuple[int, str, bool, list[Syllable]]]:
    """Yield (procedure, text, official, syllables) of every name; the same words only once."""
    for number, item in enumerate(procedures):
        seen = set()
        for text in dict.fromkeys((item.name, item.name.split(";")[0], item.short_name, *item.aliases)):
            line = sensed(meant(bare_name(text)))
            key = tuple(bare for bare, _ in line)
            if line and key not in seen and not text.endswith(CUT):
                seen.add(key)
                yield number, text, item.name.startswith(text), line
    for text in elsewhere():
        yield ELSEWHERE, text, False, sensed(meant(text))


def bare_name(name: str) -> str:
    """Return *name* without its opening formula.

    >>> bare_name("Thủ tục đăng ký khai sinh")
    'đăng ký khai sinh'
    """
    return name[8:].lstrip() if name[:8].lower() == "thủ tục " else name


def _tail(line: Sequence[Syllable]) -> int:
    """Return where in an official name the part begins that only says whom it is for."""
    starts = (start for start, _, _ in _tail_phrases().within(line) if start > 1)
    return next(starts, len(line))


@cache
def _tail_phrases() -> Phrases[None]:
    return Phrases((said, None) for said in tuning().tails)


@cache
def _marker_phrases() -> Phrases[int]:
    return Phrases((said, 1 << number) for number, same in enumerate(tuning().markers) for said in same)
