"""All names of a catalogue, taken apart, weighed and filed: what `match` looks questions up in."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count, pairwise
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
    What a question needs of a handful of names only is made when it is first needed, so that
    sixty thousand names are ready in about a second.
    """

    def __init__(self, procedures: Sequence[Procedure], beside: Sequence[Procedure] = ()) -> None:
        self.count = len(procedures)
        numbered: dict[Syllable, int] = defaultdict(count().__next__)
        own = [_Line(*line, numbered) for line in _lines((*procedures, *beside))]
        self.content = frozenset(bare for bare, marks in numbered if _counts(bare, marks))
        self._lines = [*own, *(_Line(*line, numbered) for line in _talk())]
        self._forms = [*numbered]
        self.forms = frozenset(self._forms)
        self.ids: dict[str, int] = defaultdict(count().__next__)
        token_of = [self.ids[bare] for bare, _ in self._forms]
        self.ids = dict(self.ids)
        self.spelt = [*self.ids]
        self._own = len(own)
        self._owners = array("l", (line.procedure for line in self._lines))
        self._tokens = [tuple(map(token_of.__getitem__, line.forms)) for line in self._lines]
        self.weights = self._weighed()
        self.totals, self._tails = self._totalled(token_of)
        self.postings = self._filed()
        self.exact = self._by_tokens()
        self.pairs = {pair for tokens in self._tokens for pair in pairs_of(tokens)}
        self.neighbours = Neighbours(self.ids)
        self._made: dict[int, Name] = {}
        self._having: dict[int, frozenset[int]] = {}
        self._words: dict[int, frozenset[int]] = {}
        self._markers: dict[int, int] = {}

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._lines)

    def name(self, place: int) -> Name:
        """Return the name at *place*, taken apart."""
        made = self._made.get(place)
        if made is None:
            made = self._made[place] = self._name(place)
        return made

    def having(self, token: int) -> frozenset[int]:
        """Return the places of the names that have *token*, ready to be intersected."""
        found = self._having.get(token)
        if found is None:
            found = self._having[token] = frozenset(self.postings[token])
        return found

    def words_of(self, procedure: int) -> frozenset[int]:
        """Return all words of the names of *procedure*."""
        found = self._words.get(procedure)
        if found is None:
            tokens = (self._tokens[place] for place in self._places(procedure))
            found = self._words[procedure] = frozenset().union(*tokens)
        return found

    def markers_of(self, procedure: int) -> int:
        """Return all sibling words of the names of *procedure*."""
        found = self._markers.get(procedure)
        if found is None:
            found = 0
            for place in self._places(procedure):
                found |= self.name(place).markers
            self._markers[procedure] = found
        return found

    def _places(self, procedure: int) -> range:
        first = bisect_left(self._owners, procedure, 0, self._own)
        return range(first, bisect_right(self._owners, procedure, first, self._own))

    def _weighed(self) -> list[float]:
        carriers = Counter[int]()
        seen: set[int] = set()
        before = ELSEWHERE
        for number, tokens in zip(self._owners, self._tokens, strict=True):
            if number != before:
                carriers.update(seen)
                seen, before = set(), number
            if ELSEWHERE < number < max(self.count, 1):
                seen.update(tokens)
        carriers.update(seen)
        many = max(self.count, 1)
        most = log(1 + many)
        return [log(1 + many / max(carriers[number], 1)) / most for number in self.ids.values()]

    def _totalled(self, token_of: Sequence[int]) -> tuple[Sequence[float], Sequence[int]]:
        """Return what each name weighs, and where its tail begins."""
        weights = [
            self.weights[token] * _role_in_name(form)
            for form, token in zip(self._forms, token_of, strict=True)
        ]
        share = tuning().weights.tail
        totals, tails = array("d"), array("l")
        for line in self._lines:
            own = [weights[form] for form in line.forms]
            tail = _tail(self._syllables(line)) if line.official else len(own)
            totals.append(sum(own[:tail]) + share * sum(own[tail:]))
            tails.append(tail)
        return totals, tails

    def _syllables(self, line: "_Line") -> list[Syllable]:
        return [self._forms[form] for form in line.forms]

    def _name(self, place: int) -> Name:
        line, tokens, tail = self._lines[place], self._tokens[place], self._tails[place]
        said, share = self._syllables(line), tuning().weights.tail
        weights = tuple(
            self.weights[token] * _role_in_name(said[at]) * (1.0 if at < tail else share)
            for at, token in enumerate(tokens)
        )
        marks = tuple(marks for _, marks in said)
        return Name(
            line.procedure, line.text, tokens, marks, weights, self.totals[place], _told(line.text, said)
        )

    def _filed(self) -> list[Postings]:
        postings = [array("l") for _ in self.ids]
        for place, tokens in enumerate(self._tokens):
            for token in set(tokens):
                postings[token].append(place)
        return [*postings]

    def _by_tokens(self) -> dict[tuple[int, ...], list[int]]:
        """Return the places of the names made of exactly these words."""
        table: dict[tuple[int, ...], list[int]] = {}
        for place, tokens in enumerate(self._tokens):
            table.setdefault(tokens, []).append(place)
        return table


class _Line:
    """One name as it stands in the catalogue: whose it is, and its syllables as numbers."""

    __slots__ = ("forms", "official", "procedure", "text")

    def __init__(
        self,
        procedure: int,
        text: str,
        official: bool,  # noqa: FBT001  always passed on from `_lines`
        line: Sequence[Syllable],
        numbered: dict[Syllable, int],
    ) -> None:
        self.procedure, self.text, self.official = procedure, text, official
        self.forms = tuple(map(numbered.__getitem__, line))


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
            key = " ".join([bare for bare, _ in line])
            if line and key not in seen and not text.endswith(CUT):
                seen.add(key)
                yield number, text, item.name.startswith(text), line


def _talk() -> Iterator[tuple[int, str, bool, list[Syllable]]]:
    """Yield what is said of no procedure, in the shape of `_lines`."""
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
