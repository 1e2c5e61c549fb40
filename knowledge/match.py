"""Find the procedure a resident means, and say how sure that is.

`fold` reads the spelling, `vocabulary` the everyday words, `names` holds every name of the
catalogue, `asking` makes a question ready. Here the two are compared: rare words weigh more,
sibling words ("lại", "nước ngoài") decide between siblings, and what resembles small talk or
another office's matter more than any procedure is answered with none. Built once when a
catalogue is loaded; a question touches only the names that share a word with it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from heapq import nlargest

from knowledge.asking import Asked, gist, prepare, prepare_line
from knowledge.fold import fold, opening
from knowledge.names import ELSEWHERE, Name, Names, marker_words
from knowledge.often import subjects
from knowledge.procedure import Body, Procedure
from knowledge.scoring import SCALE, candidates, compared, exactly, likeness, weighed
from knowledge.tuning import tuning
from knowledge.vocabulary import Phrases, signs

__all__ = ["Index", "Match", "Reason", "is_sure", "tuning", "verdict"]

BESIDE = 2  # matters of others that are looked at: the one meant, and the one nearly meant
LONG = 8  # syllables from which a question may hold several
SHORTEST_PART = 2
MOST_PARTS = 6
OUTDATED = timedelta(days=540)  # since the newest card of the catalogue was checked
EVEN = 0.7  # share of the words met at which two names meet the question alike
MORE = 1.6  # times as many words not asked as the best name has
CLOSER = 0.3  # share of the gap that is left then
WELL = 0.75  # share of the question met from which it is one question
PLACED = 8  # procedures looked at for words that mean another card
LEAST = 0.1  # a question that weighs less says nothing
DOUBT_NAMED = 0.6  # ... and yet is word by word the name of one: to be offered, not given
DOUBT = 0.4  # share left when the message resembles no procedure
NOTABLE = 0.1  # weight from which a word is worth naming
HALF = 0.5
OPEN = 90.0  # score of everything that is offered for a word as general as "xác nhận"
THERE = 66.0  # score from which another office's matter speaks against procedures; less is a likeness
_CODE = re.compile(r"(?<![\d.])\d\.\d{6}(?:\.[A-Z0-9]+)?")


@dataclass(frozen=True)
class Match:
    """A procedure that may be meant: how well it fits (0..100) and the name that fitted."""

    procedure: Procedure
    score: float
    by: str


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a procedure was found: which words of the question its name answers and which not."""

    match: Match
    answered: tuple[str, ...]
    unanswered: tuple[str, ...]
    not_asked: tuple[str, ...]
    siblings: tuple[str, ...]


class Index:
    """All names of a catalogue, ready to be asked.

    *elsewhere* and *events* are names of what is no procedure of it and yet has an answer: other
    offices' matters, which speak against all procedures, and life events, which do not.
    """

    def __init__(
        self,
        procedures: Sequence[Procedure],
        elsewhere: Sequence[Procedure] = (),
        events: Sequence[Procedure] = (),
    ) -> None:
        self.procedures = tuple(procedures)
        self._everything = (*procedures, *elsewhere, *events)
        self._away = range(len(self.procedures), len(self.procedures) + len(elsewhere))
        self._names = Names(self.procedures, (*elsewhere, *events))
        self._others = {
            number: Phrases((said, None) for said in item.sibling_words)
            for number, item in enumerate(self.procedures)
            if item.sibling_words
        }

    @cached_property
    def _standing(self) -> list[float]:
        """Return what share of its score a procedure keeps: less handled elsewhere, less when outdated."""
        numbers = tuning().weights
        newest = max((item.checked_on for item in self.procedures), default=date.min)
        return [
            (numbers.other_body if item.handler is Body.OTHER else 1.0)
            * (numbers.outdated if newest - item.checked_on > OUTDATED else 1.0)
            for item in self.procedures
        ]

    @cached_property
    def by_code(self) -> dict[str, Procedure]:
        """Return the procedures by their code and by the codes that replace it."""
        table = {code: item for item in self.procedures for code in item.successors}
        return table | {item.code: item for item in self.procedures}

    def find(self, question: str, limit: int = 5) -> list[Match]:
        """Return the *limit* best procedures for *question*, best first; none if nothing fits."""
        return self.look(question, limit)[0]

    def look(self, question: str, limit: int = 5) -> tuple[list[Match], list[Match]]:
        """Return what `find` returns, and what fits among matters of other offices and life events."""
        text = opening(question)
        coded = [self.by_code[code] for code in _CODE.findall(text) if code in self.by_code]
        if coded:
            return [Match(item, SCALE, item.code) for item in dict.fromkeys(coded)][:limit], []
        asked = prepare(text, self._names)
        procedures, others = self._found(asked)
        open_to = [] if self._happening(others) else self._open(asked)
        if open_to:
            return open_to[:limit], []
        return self._ranked(procedures, limit), self._ranked(others, BESIDE)

    def _happening(self, others: dict[int, tuple[float, int]]) -> bool:
        """Tell whether a life event, or another office's matter word for word, is what was said."""
        return any(
            score >= (SCALE if number in self._away else tuning().sure)
            for number, (score, _) in others.items()
        )

    def _open(self, asked: Asked) -> list[Match]:
        """Return what a general word may mean; none when the question says more or is some card's name."""
        found = self._subjects.get(gist(asked), [])
        owners = (self._names.name(place).procedure for place in exactly(asked, self._names)) if found else ()
        return [] if any(owner in range(len(self.procedures)) for owner in owners) else found

    @cached_property
    def _subjects(self) -> dict[frozenset[str], list[Match]]:
        """Return for every general word, typed with or without marks, what it may mean here."""
        table: dict[frozenset[str], list[Match]] = {}
        for sayings, codes in subjects():
            cards = [self.by_code[code] for code in codes if code in self.by_code]
            if len(cards) > 1:
                for said in (*sayings, *map(fold, sayings)):
                    words = gist(prepare(said, self._names))
                    table.setdefault(words, [Match(card, OPEN, said) for card in cards])
        table.pop(frozenset(), None)
        return table

    def _ranked(self, found: dict[int, tuple[float, int]], limit: int) -> list[Match]:
        ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
        return [
            Match(self._everything[number], round(score, 1), self._names.name(place).text)
            for number, (score, place) in ranked
            if score >= tuning().none
        ]

    def explain(self, question: str, limit: int = 5) -> list[Reason]:
        """Return what `find` returns, each with the words that spoke for and against it."""
        asked = prepare(opening(question), self._names)
        best, _ = self._found(asked)
        places = {self._names.name(place).text: place for _, place in best.values()}
        return [
            self._reason(match, asked, self._names.name(places[match.by]))
            if match.by in places
            else Reason(match=match, answered=(match.by,), unanswered=(), not_asked=(), siblings=())
            for match in self.find(question, limit)
        ]

    def _reason(self, match: Match, asked: Asked, name: Name) -> Reason:
        quality, _, _ = compared(name, asked, self._names, tuning().weights)
        weighty = [
            (bare, share)
            for (bare, _), weight, share in zip(asked.line, asked.weights, quality, strict=True)
            if weight >= NOTABLE
        ]
        spelt = self._names.spelt
        return Reason(
            match=match,
            answered=tuple(bare for bare, share in weighty if share >= HALF),
            unanswered=tuple(bare for bare, share in weighty if share < HALF),
            not_asked=tuple(
                spelt[token]
                for token in name.tokens
                if token not in asked.readings and token not in asked.terms
            ),
            siblings=marker_words(name.markers ^ asked.markers),
        )

    def _found(self, asked: Asked) -> tuple[dict[int, tuple[float, int]], dict[int, tuple[float, int]]]:
        """Return for every procedure that may be meant its score and the name that earned it; the same beside."""
        whole = self._scored(asked)
        signed = next(signs().within(asked.line), None) is not None
        if signed or len(asked.line) < LONG or self._answered(whole, asked):
            parts = []  # a report is no question, nor several
        else:
            parts = [_lessened(self._scored(part), part.total / asked.total) for part in self._parts(asked)]
        found = _merged([self._doubted(part, signed=signed) for part in (whole, *parts)])
        beside = {number: found.pop(number) for number in [*found] if number >= len(self.procedures)}
        return self._evened(found, asked), beside

    def _answered(self, found: dict[int, tuple[float, int]], asked: Asked) -> bool:
        """Tell whether one name answers nearly all of the question, so that nothing else is asked."""
        score, place = max(found.values(), default=(0.0, 0))
        met = weighed(self._names.name(place), asked, self._names)[0] if found else 0.0
        return score >= tuning().sure and met >= WELL * asked.total

    def _evened(self, found: dict[int, tuple[float, int]], asked: Asked) -> dict[int, tuple[float, int]]:
        """Bring those close together between which the question leaves the choice open.

        It does when it only names a subject ("hỏi về …"), or when the best name says more than
        was asked and another one answers the same words without saying more still.
        """
        if not found:
            return found
        top = max(found, key=lambda number: found[number][0])
        score, place = found[top]
        met, open_ = weighed(self._names.name(place), asked, self._names)
        left_open = open_ > tuning().weights.open * met
        for number in nlargest(PLACED, found, key=found.__getitem__):
            other, at = found[number]
            if number == top or other < score / 2:
                continue
            if not asked.about:
                its_met, its_open = weighed(self._names.name(at), asked, self._names)
                if not left_open or its_met < EVEN * met or its_open > open_ * MORE:
                    continue
            found[number] = score - (score - other) * CLOSER, at
        return found

    def _scored(self, asked: Asked) -> dict[int, tuple[float, int]]:
        best: dict[int, tuple[float, int]] = {}
        if asked.total < LEAST:
            return best
        for place in candidates(asked, self._names):
            name = self._names.name(place)
            score = likeness(name, asked, self._names)
            if score > best.get(name.procedure, (0.0, 0))[0]:
                best[name.procedure] = score, place
        for number in nlargest(PLACED, best, key=best.__getitem__):
            score, place = best[number]
            best[number] = self._placed(number, score, asked), place
        for place in exactly(asked, self._names):
            best[self._names.name(place).procedure] = SCALE, place
        return best

    def _placed(self, number: int, score: float, asked: Asked) -> float:
        """Return *score* less what speaks for another card than this."""
        if not 0 <= number < len(self.procedures):
            return score
        numbers = tuning().weights
        score *= self._standing[number]
        words = None if asked.about else self._others.get(number)
        others = sum(1 for _ in words.within(asked.line)) if words else 0
        return score * numbers.sibling_word ** min(others, 2)

    def _doubted(self, found: dict[int, tuple[float, int]], *, signed: bool) -> dict[int, tuple[float, int]]:
        """Lower all scores when the message resembles something else more, or is *signed* as a report."""
        numbers = tuning().weights
        talk = found.pop(ELSEWHERE, (0.0, 0))[0] * numbers.away
        there = max((found[number][0] for number in found if number in self._away), default=0.0)
        best = max((found[number][0] for number in found if number < len(self.procedures)), default=0.0)
        against = max(talk, there * numbers.there if there >= THERE else 0.0, SCALE if signed else 0.0)
        return {
            number: (_in_doubt(score), place)
            if (talk >= score if number >= len(self.procedures) else against >= best)
            else (score, place)
            for number, (score, place) in found.items()
        }

    def _parts(self, asked: Asked) -> Iterator[Asked]:
        """Yield the parts of a long question that may each ask for something."""
        start, parts = 0, 0
        for place, (bare, _) in enumerate([*asked.line, ("", "")]):
            if bare and bare not in tuning().joints:
                continue
            if place - start >= SHORTEST_PART and parts < MOST_PARTS:
                parts += 1
                yield prepare_line(asked.line[start:place], self._names)
            start = place + 1


def verdict(matches: Sequence[Match]) -> str:
    """Return `sure`, `choice` or `none` for what `Index.find` gave."""
    numbers = tuning()
    if not matches:
        return "none"
    second = matches[1].score if len(matches) > 1 else 0.0
    if matches[0].score >= numbers.sure and matches[0].score - second >= numbers.margin:
        return "sure"
    if _named(matches[0]) and second < SCALE:
        return "sure"
    return "choice" if matches[0].score >= numbers.near else "none"


def _named(match: Match) -> bool:
    """Tell whether the question was a procedure's own name, word by word, not an everyday one."""
    return match.score >= SCALE and match.by in (match.procedure.short_name, match.procedure.name)


def is_sure(matches: Sequence[Match]) -> bool:
    """Tell whether the first of *matches* may be given as the answer."""
    return verdict(matches) == "sure"


def _lessened(found: dict[int, tuple[float, int]], share: float) -> dict[int, tuple[float, int]]:
    """Lower the scores of a part that is only this *share* of its question."""
    numbers = tuning().weights
    left = numbers.clause + (1 - numbers.clause) * min(2 * share, 1.0)
    return {number: (score * left, place) for number, (score, place) in found.items()}


def _merged(parts: Sequence[dict[int, tuple[float, int]]]) -> dict[int, tuple[float, int]]:
    """Return the best score of every procedure, in the whole question or in a part of it."""
    found: dict[int, tuple[float, int]] = {}
    for part in parts:
        for number, (score, place) in part.items():
            if score > found.get(number, (0.0, 0))[0]:
                found[number] = score, place
    return found


def _in_doubt(score: float) -> float:
    return score * (DOUBT if score < SCALE else DOUBT_NAMED)
