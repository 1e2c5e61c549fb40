"""Find the procedure a resident means, and say how sure that is.

Every official name, short name and everyday name of a procedure is a bag of syllables and
of neighbouring pairs. A question is compared with all of them through an inverted index:
rare syllables weigh more, unknown ones are repaired to similar known ones, words that mark
a sibling ("lại", "nước ngoài") count against a card that does not carry them. Built once
when a catalogue is loaded; a question touches only the names that share a syllable with it.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import log
from pathlib import Path

from rapidfuzz import fuzz, process

from knowledge.fold import syllables, words
from knowledge.procedure import Procedure

MATCHING_FILE = Path(__file__).parent / "data" / "matching.toml"
SCALE = 100.0


@dataclass(frozen=True)
class Tuning:
    """The numbers of `data/matching.toml`, with the day they were calibrated."""

    calibrated_on: str
    sure: float
    margin: float
    none: float
    near: float
    missing_name: float
    missing_question: float
    pair: float
    filler: float
    similar: float
    sibling: float
    fillers: frozenset[str]
    markers: tuple[tuple[str, ...], ...]


@cache
def tuning() -> Tuning:
    """Return the calibrated numbers and word lists."""
    table = tomllib.loads(MATCHING_FILE.read_text("utf-8"))
    return Tuning(
        calibrated_on=str(table["calibrated_on"]),
        **table["thresholds"],
        **table["weights"],
        fillers=frozenset(word for line in table["fillers"] for word in words(line)),
        markers=tuple(tuple(words(line)) for line in table["markers"]),
    )


@dataclass(frozen=True)
class Match:
    """A procedure that may be meant: how well it fits (0..100) and the name that fitted."""

    procedure: Procedure
    score: float
    by: str


@dataclass(frozen=True)
class _Name:
    procedure: int
    text: str
    features: dict[str, float]
    total: float


class Index:
    """All names of a catalogue, ready to be asked."""

    def __init__(self, procedures: Sequence[Procedure]) -> None:
        self.procedures = tuple(procedures)
        spelled = [(number, name, syllables(name)) for number, name in self._names()]
        self._weigh(spelled)
        self._file(spelled)

    @cached_property
    def by_code(self) -> dict[str, Procedure]:
        """Return the procedures by their code and by the codes that replace it."""
        table = {code: item for item in self.procedures for code in item.successors}
        return table | {item.code: item for item in self.procedures}

    def find(self, question: str, limit: int = 5) -> list[Match]:
        """Return the *limit* best procedures for *question*, best first; none if nothing fits."""
        exact = self.by_code.get(question.strip())
        if exact is not None:
            return [Match(exact, SCALE, exact.code)]
        asked = self._repaired(syllables(question, self._known))
        best = self._scored(asked)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
        return [
            Match(self.procedures[number], round(score, 1), name)
            for number, (score, name) in ranked
            if score >= tuning().none
        ]

    def _names(self) -> list[tuple[int, str]]:
        return [
            (number, name)
            for number, item in enumerate(self.procedures)
            for name in dict.fromkeys((item.short_name, _without_prefix(item.name), *item.aliases))
        ]

    def _weigh(self, spelled: Sequence[tuple[int, str, list[str]]]) -> None:
        """Give every syllable its weight: the fewer procedures carry it, the heavier."""
        carriers: dict[str, set[int]] = defaultdict(set)
        for number, _, parts in spelled:
            for part in parts:
                carriers[part].add(number)
        count = max(len(self.procedures), 1)
        self._known = frozenset(carriers)
        self._weight = {part: log(1 + count / len(found)) for part, found in carriers.items()}
        self._choices = [part for part in carriers if len(part) > 1]

    def _file(self, spelled: Sequence[tuple[int, str, list[str]]]) -> None:
        """Put every name under each of its features."""
        self._entries = [
            _Name(number, name, features := self._features(parts), sum(features.values()))
            for number, name, parts in spelled
        ]
        self._postings: dict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(self._entries):
            for feature in entry.features:
                self._postings[feature].append(place)

    def _features(self, parts: Sequence[str]) -> dict[str, float]:
        """Return the features of a name or question with their weights."""
        numbers = tuning()
        found = {
            part: self._weight.get(part, 1.0) * (numbers.filler if part in numbers.fillers else 1.0)
            for part in parts
        }
        for first, second in zip(parts, parts[1:], strict=False):
            found[f"{first} {second}"] = numbers.pair * (found[first] + found[second]) / 2
        return found

    def _repaired(self, parts: list[str]) -> list[str]:
        """Replace syllables no name carries by the most similar ones that exist."""
        fillers = tuning().fillers
        return [part if part in self._known or part in fillers else self._similar(part) for part in parts]

    def _similar(self, part: str) -> str:
        if len(part) < 3 or part.isdigit():  # noqa: PLR2004  two letters resemble everything
            return part
        found = process.extractOne(part, self._choices, scorer=fuzz.ratio, score_cutoff=tuning().similar)
        return found[0] if found else part

    def _scored(self, asked: list[str]) -> dict[int, tuple[float, str]]:
        """Return for every procedure touched its best score and the name that earned it."""
        features = self._features(asked)
        shared: Counter[int] = Counter()
        for feature, weight in features.items():
            for place in self._postings.get(feature, ()):
                shared[place] += weight  # type: ignore[assignment]  # counts of weight, not of things
        total = sum(features.values())
        marked = [marker for marker in tuning().markers if _holds(asked, marker)]
        best: dict[int, tuple[float, str]] = {}
        for place, weight in shared.items():
            entry = self._entries[place]
            score = _likeness(weight, total, entry.total) * self._sibling(entry, marked)
            if score > best.get(entry.procedure, (0.0, ""))[0]:
                best[entry.procedure] = (score, entry.text)
        return best

    def _sibling(self, entry: _Name, marked: Sequence[tuple[str, ...]]) -> float:
        """Return the share that is left when question and name disagree about a marker."""
        carried = entry.features
        wanted = sum(1 for marker in marked if not all(part in carried for part in marker))
        extra = sum(
            1
            for marker in tuning().markers
            if marker not in marked and all(part in carried for part in marker)
        )
        return tuning().sibling ** (wanted + extra)


def verdict(matches: Sequence[Match]) -> str:
    """Return `sure`, `choice` or `none` for what `Index.find` gave."""
    numbers = tuning()
    if not matches:
        return "none"
    second = matches[1].score if len(matches) > 1 else 0.0
    if matches[0].score >= numbers.sure and matches[0].score - second >= numbers.margin:
        return "sure"
    return "choice" if matches[0].score >= numbers.near else "none"


def is_sure(matches: Sequence[Match]) -> bool:
    """Tell whether the first of *matches* may be given as the answer."""
    return verdict(matches) == "sure"


def _likeness(shared: float, question: float, name: float) -> float:
    numbers = tuning()
    missing = numbers.missing_question * (question - shared) + numbers.missing_name * (name - shared)
    return SCALE * shared / (shared + max(missing, 0.0) + 1e-9)


def _holds(parts: Sequence[str], marker: Sequence[str]) -> bool:
    size = len(marker)
    return any(tuple(parts[start : start + size]) == tuple(marker) for start in range(len(parts) - size + 1))


def _without_prefix(name: str) -> str:
    for prefix in ("Thủ tục ", "thủ tục "):
        name = name.removeprefix(prefix)
    return name
