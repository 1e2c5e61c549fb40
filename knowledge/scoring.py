"""How well one name answers one question: what both share against what either lacks."""

from collections.abc import Sequence
from heapq import nlargest
from math import sqrt

from knowledge.asking import Asked
from knowledge.names import ELSEWHERE, PAIR, Name, Names, role
from knowledge.tuning import Weights, tuning

SCALE = 100.0
IDLE = 0.02  # weight below which a word is only polite
CANDIDATES = 28  # names compared in full
PLENTY = 2500  # names met by the rarer words, from which the commoner ones bring no further ones
WORTH = 0.4  # share of the best overlap below which a name is not compared


def candidates(asked: Asked, names: Names) -> list[int]:
    """Return the places of the names that share the most with the question."""
    shared = _shared(sorted(_worth(asked, names).items(), key=lambda item: -item[1]), names)
    if not shared:
        return []
    least = WORTH * max(shared.values())
    total, totals = asked.total, names.totals
    return nlargest(
        CANDIDATES,
        [place for place, weight in shared.items() if weight >= least],
        key=lambda place: shared[place] / (totals[place] + total),
    )


def _shared(worth: Sequence[tuple[int, float]], names: Names) -> dict[int, float]:
    """Return for every name worth a look what it shares with the question.

    Rare words come first. When the words left could not lift a name not yet met to a good
    place, they only rank those already met: the commonest words have the longest lists.
    """
    shared: dict[int, float] = {}
    left, least = sum(weight for _, weight in worth), 0.0
    for token, weight in worth:
        if shared and (left < least or len(shared) > PLENTY):
            for place in names.having(token).intersection(shared):  # walks what is met, not the long list
                shared[place] += weight
        else:
            for place in names.postings[token]:
                shared[place] = shared.get(place, 0.0) + weight
            least = WORTH * max(shared.values(), default=0.0)
        left -= weight
    return shared


def _worth(asked: Asked, names: Names) -> dict[int, float]:
    """Return for every token the question may mean what sharing it is worth."""
    worth: dict[int, float] = {}
    for token, places in asked.readings.items():
        worth[token] = max(asked.weights[place] * share for place, share, _ in places)
    for span in asked.spans:
        weight = tuning().weights.synonym * sum(asked.weights[span.start : span.end]) / span.total
        for token in span.tokens:
            worth[token] = max(worth.get(token, 0.0), min(weight, 1.0) * names.weights[token])
    return worth


def exactly(asked: Asked, names: Names) -> list[int]:
    """Return the places of the names that are the question, word by word, but for polite words around."""
    tokens, weights = asked.tokens, asked.weights
    found = names.exact.get(tuple(tokens))
    if found:
        return found
    start, end = 0, len(tokens)
    while start < end and weights[start] < IDLE:
        start += 1
    while end > start and weights[end - 1] < IDLE:
        end -= 1
    return names.exact.get(tuple(tokens[start:end]), [])


def likeness(name: Name, asked: Asked, names: Names) -> float:
    """Return how well *name* answers the question, from 0 to 100."""
    numbers = tuning().weights
    quality, hits, order = compared(name, asked, names, numbers)
    shared = lacking = 0.0
    said = names.words_of(name.procedure) if name.procedure != ELSEWHERE else frozenset()
    for weight, share, token in zip(asked.weights, quality, asked.tokens, strict=True):
        shared += weight * share
        lack = weight * (1 - share)
        lacking += lack * numbers.elsewhere if token in said else lack
    common = (shared + hits) / 2
    if common <= 0:
        return 0.0
    against = numbers.missing_question * lacking + numbers.missing_name * max(name.total - hits, 0.0)
    order *= sqrt(min(1.0, common / numbers.enough))
    apart = lacking / (lacking + shared) * max(name.total - hits, 0.0) / (name.total or 1.0)
    order *= 1 - numbers.apart * apart
    return SCALE * order * common / (common + against) * siblings(name, asked, names, numbers)


def weighed(name: Name, asked: Asked, names: Names) -> tuple[float, float]:
    """Return the weight of the words of the question that *name* meets, and of its own not asked."""
    quality, _, _ = compared(name, asked, names, tuning().weights)
    met = sum(weight * share for weight, share in zip(asked.weights, quality, strict=True))
    unasked = sum(
        names.weights[token] * role((names.spelt[token], marks))
        for token, marks in zip(name.tokens, name.marks, strict=True)
        if token not in asked.readings and token not in asked.terms
    )
    return met, unasked


def compared(name: Name, asked: Asked, names: Names, numbers: Weights) -> tuple[list[float], float, float]:
    """Return how well each word of the question is met, the weight of *name* met, and its order."""
    readings, terms, pairs = asked.readings, asked.terms, asked.pairs
    other, bare = numbers.other_marks, numbers.no_marks if asked.marked else 1.0
    quality, hits, within = [0.0] * len(asked.line), 0.0, [0.0] * len(asked.spans)
    previous, near, neighbours = -1, 0.0, 0.0
    for token, marks, weight in zip(name.tokens, name.marks, name.weights, strict=True):
        best = 0.0
        for place, share, typed in readings.get(token, ()):
            fit = share if typed == marks or not marks else share * (other if typed else bare)
            if fit > quality[place]:  # noqa: PLR1730  max() would cost a call, a million times a second
                quality[place] = fit
            if fit > best:  # noqa: PLR1730
                best = fit
        if token in terms:
            best = max(best, numbers.synonym)
            for number in terms[token]:
                within[number] += names.weights[token]
        if best and previous >= 0:
            neighbours += weight
            near += weight if previous * PAIR + token in pairs else 0.0
        hits += weight * best
        previous = token if best else -1
    if any(within):
        _credit(asked, within, quality, numbers)
    return quality, hits, 1 - numbers.order * (1 - near / neighbours) if neighbours else 1.0


def _credit(asked: Asked, within: Sequence[float], quality: list[float], numbers: Weights) -> None:
    """Credit everyday words with what the name has of the official terms they stand for."""
    for span, met in zip(asked.spans, within, strict=True):
        if not met:
            continue
        share = numbers.synonym * min(met / span.total, 1.0) ** 2
        for place in range(span.start, span.end):
            quality[place] = max(quality[place], share)


def siblings(name: Name, asked: Asked, names: Names, numbers: Weights) -> float:
    """Return the share that is left when question and name disagree about sibling words."""
    if name.procedure == ELSEWHERE:
        return 1.0
    extra = name.markers & ~(asked.markers | asked.implied)
    wanted = asked.markers & ~names.markers_of(name.procedure)
    left = numbers.marker_asked ** wanted.bit_count()
    return left if asked.about else left * numbers.marker_extra ** min(extra.bit_count(), 3)
