"""Reading where: the part of a sentence that tells a place, and which place of the ward it is.

Read from left to right, every spot of the text is tried as a quarter, an alley, a house, a
street or a landmark. Pieces that stand together are one place; the best place of a text wins.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from knowledge import place_words
from knowledge.fold import opening
from knowledge.typed import Meant, Word, read_words, skip, skip_all, stands, stands_short, takes, words_of

_LONGEST_GAP: Final = 4  # words between two parts of one address
_NAME_WORDS: Final = 4  # of a street the ward does not list


class Rank(IntEnum):
    """How much a piece tells; the place with the greatest sum wins."""

    UNLISTED = 1
    QUARTER = 2
    LANDMARK = 3
    STREET = 4
    ADDRESS = 9  # a house or an alley: more than a street and a landmark


class Name(NamedTuple):
    """Something of the ward: its `key`, its name, and what else people call it."""

    key: str
    name: str
    words: tuple[str, ...]


class Told(NamedTuple):
    """What a text tells; keys are "" when it does not."""

    text: str
    quarter: str
    street: str
    landmark: str
    exact: bool


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Words *first* to *last* (not included) tell this much."""

    first: int
    last: int
    rank: Rank
    quarter: str = ""
    street: str = ""
    landmark: str = ""
    is_landmark: bool = False
    needs_all: bool = False  # a bare "ubnd phường" is a place only as the whole answer


ALLEYS: Final = frozenset(bare for word in place_words.ALLEYS for bare, _ in words_of(word))


class Gazetteer:
    """The names of one ward, ready to be found in what people write."""

    def __init__(
        self, *, quarters: Sequence[Name], streets: Sequence[Name], landmarks: Sequence[Name]
    ) -> None:
        self._quarters = _longest_first(
            (phrase, one.key) for one in quarters for phrase in _quarter_phrases(one)
        )
        self._streets = _longest_first((words_of(one.name), one.key) for one in streets)
        self._nicknames = _longest_first((words_of(word), one.key) for one in streets for word in one.words)
        self._full = _longest_first((words_of(one.name), one.key) for one in landmarks)
        self._partial = _longest_first((words_of(word), one.key) for one in landmarks for word in one.words)
        every = (*self._quarters, *self._streets, *self._nicknames, *self._full, *self._partial)
        self._known = frozenset(bare for phrase, _ in every for bare, _ in phrase)

    def read(self, text: str) -> Told | None:
        """Return what *text* tells of a place, or None."""
        shown = opening(text)
        words = list(read_words(shown, self._known))
        places = list(_together(words, list(self._pieces(words))))
        places = [place for place in places if _counts(words, place)]
        if not places:
            return None
        return _told(shown, words, max(places, key=lambda place: sum(piece.rank for piece in place)))

    def _pieces(self, words: Sequence[Word]) -> Iterator[Piece]:
        at = 0
        while at < len(words):
            piece = (
                self._quarter(words, at)
                or self._alley(words, at)
                or self._house(words, at)
                or self._street_piece(words, at)
                or self._landmark(words, at)
                or _group(words, at)
            )
            if piece is not None:
                yield piece
            at = piece.last if piece is not None else at + 1

    def _quarter(self, words: Sequence[Word], at: int) -> Piece | None:
        for phrase, key in self._quarters:
            if stands(words, at, phrase):
                return Piece(first=at, last=at + len(phrase), rank=Rank.QUARTER, quarter=key)
        return None

    def _alley(self, words: Sequence[Word], at: int) -> Piece | None:
        """Read "hẻm 84 Nguyễn Trãi", "k84 ng trai", "hẻm 84", or what else people call an alley."""
        for phrase, key in self._nicknames:
            if stands(words, at, phrase):
                return Piece(first=at, last=at + len(phrase), rank=_rank_of(key), street=key)
        sure = takes(words, at, place_words.ALLEYS)
        number = at + (sure or takes(words, at, place_words.SHORT_ALLEYS))
        if number == at or number >= len(words) or not words[number].is_number:
            return None
        parent = self._street(words, skip(words, number + 1, place_words.STREETS), sure=True)
        if parent is None and not sure:
            return None
        end, street = parent or (_capitals(words, number + 1), "")
        key = self._alley_of(words[number].bare.split("/")[0], street)
        return Piece(first=at, last=end, rank=Rank.ADDRESS, street=key or street)

    def _house(self, words: Sequence[Word], at: int) -> Piece | None:
        """Read "12 Lê Lợi", "số nhà 12, đường Lê Lợi", and "84/5 Nguyễn Trãi", which is in an alley."""
        number = skip_all(words, at, place_words.HOUSE)
        if number >= len(words) or not words[number].is_number:
            return None
        found = self._street(words, skip(words, number + 1, place_words.STREETS), sure=True)
        if found is None:
            return None
        end, street = found
        alley, slash, _ = words[number].bare.partition("/")
        key = self._alley_of(alley, street) if slash else ""
        return Piece(first=at, last=end, rank=Rank.ADDRESS, street=key or street)

    def _street_piece(self, words: Sequence[Word], at: int) -> Piece | None:
        start = skip(words, at, place_words.STREETS)
        found = self._street(words, start, sure=start > at)
        if found is not None:
            return Piece(first=at, last=found[0], rank=_rank_of(found[1]), street=found[1])
        end = _unlisted_street(words, start) if start > at else at
        return Piece(first=at, last=end, rank=Rank.UNLISTED) if end > start else None

    def _landmark(self, words: Sequence[Word], at: int) -> Piece | None:
        for phrase, key in self._full:
            if stands(words, at, phrase):
                return _known_landmark(at, at + len(phrase), key)
        first = skip_all(words, at, (*place_words.BESIDE, *place_words.AT))
        glued = skip_all(words, first, place_words.GLUE) if first > at else at
        for phrase, key in (*self._full, *self._partial):
            if stands(words, glued, phrase):
                return _known_landmark(_kept(words, at, glued), glued + len(phrase), key, alone=first == at)
        end = self._unlisted(words, first) if first > at else first
        if end == first:
            return None
        return Piece(first=_kept(words, at, first), last=end, rank=Rank.UNLISTED, is_landmark=True)

    def _unlisted(self, words: Sequence[Word], at: int) -> int:
        """Return where the name of an unlisted landmark ends; *at* itself when none begins there."""
        head = takes(words, at, place_words.LANDMARKS)
        end = at + head
        if not head or (end < len(words) and takes(words, end, place_words.OWN_HOUSE)):
            return at
        while end < min(len(words), at + head + place_words.LANDMARK_WORDS):
            word = words[end]
            ends = word.breaks or word.pauses or takes(words, end, place_words.ENDS)
            if ends or self._address(words, end):
                break
            end += 1
        return end

    def _address(self, words: Sequence[Word], at: int) -> Piece | None:
        return (
            self._quarter(words, at)
            or self._alley(words, at)
            or self._house(words, at)
            or self._street_piece(words, at)
        )

    def _street(self, words: Sequence[Word], at: int, *, sure: bool) -> tuple[int, str] | None:
        """Return where a listed street's name ends, and its key; *sure* after a number or "đường"."""
        for phrase, key in self._streets:
            if stands_short(words, at, phrase, shortest=1 if sure else 2):
                return at + len(phrase), key
        return None

    def _alley_of(self, number: str, street: str) -> str:
        """Return the listed alley *number* of *street*; of any street when only one has it."""
        parent = words_of(street)
        found = [
            key
            for phrase, key in self._streets
            if phrase[0][0] in ALLEYS
            and number in {bare for bare, _ in phrase[1:2]}
            and (not parent or phrase[2:] == parent)
        ]
        return found[0] if len(found) == 1 else ""


def _rank_of(street: str) -> Rank:
    return Rank.ADDRESS if {bare for bare, _ in words_of(street)[:1]} & ALLEYS else Rank.STREET


def _longest_first(phrases: Iterable[tuple[tuple[Meant, ...], str]]) -> list[tuple[tuple[Meant, ...], str]]:
    return sorted((pair for pair in phrases if pair[0]), key=lambda pair: -len(pair[0]))


def _quarter_phrases(quarter: Name) -> Iterator[tuple[Meant, ...]]:
    """Yield what a quarter is called: "khu phố 3", "khu 3", "k p 3", "khu phố số 3", "khu phố ba"."""
    yield from (words_of(word) for word in quarter.words)
    yield words_of(quarter.name)
    kind, _, number = quarter.name.rpartition(" ")
    if not kind or not number.isdigit():
        return
    initials = " ".join(word[0] for word in kind.split())
    for start in (kind.split()[0], initials, f"{kind} số"):
        yield words_of(f"{start} {number}")
    if 1 <= int(number) <= len(place_words.NUMBERS):
        yield words_of(f"{kind} {place_words.NUMBERS[int(number) - 1]}")


def _kept(words: Sequence[Word], at: int, end: int) -> int:
    """Return where a landmark begins to be shown: with "đối diện", without "ngay"."""
    while at < end and not takes(words, at, place_words.BESIDE):
        step = takes(words, at, place_words.AT)
        if not step:
            break
        at += step
    return at


def _known_landmark(first: int, last: int, key: str, *, alone: bool = False) -> Piece:
    return Piece(first=first, last=last, rank=Rank.LANDMARK, landmark=key, is_landmark=True, needs_all=alone)


def _group(words: Sequence[Word], at: int) -> Piece | None:
    """Read "tổ 5", "thôn 2", and a quarter the ward does not have."""
    number = at + takes(words, at, place_words.GROUPS)
    if number == at or number >= len(words) or not words[number].is_number:
        return None
    return Piece(first=at, last=number + 1, rank=Rank.UNLISTED)


def _capitals(words: Sequence[Word], at: int) -> int:
    end = at
    while end < min(len(words), at + _NAME_WORDS) and words[end].capital:
        if words[end].breaks or words[end].pauses:
            break
        end += 1
    return end


def _unlisted_street(words: Sequence[Word], at: int) -> int:
    """Return where "Trần Phú", "3/2" or "số 7" ends, which follows "đường"; *at* when none does."""
    number = skip(words, at, ("số",))
    if number < len(words) and words[number].is_number and (number > at or "/" in words[number].bare):
        return number + 1
    end = _capitals(words, at)
    return end if end > at + 1 else at


def _together(words: Sequence[Word], pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield the pieces place by place: those with nothing but joining words between them."""
    place: list[Piece] = []
    for piece in pieces:
        if place and not _joined(words, place[-1].last, piece.first):
            yield place
            place = []
        place.append(piece)
    if place:
        yield place


def _joined(words: Sequence[Word], end: int, first: int) -> bool:
    gap = words[end:first]
    if len(gap) > _LONGEST_GAP or any(word.breaks for word in words[end : first + 1]):
        return False
    return all(takes([word], 0, place_words.JOINERS) for word in gap)


def _counts(words: Sequence[Word], place: Sequence[Piece]) -> bool:
    """Tell whether this is a place: a lone "ủy ban" is one only if the text says nothing else."""
    if not all(piece.needs_all for piece in place):
        return True
    rest = (*words[: place[0].first], *words[place[-1].last :])
    return all(takes([word], 0, place_words.FILLERS) for word in rest)


def _told(shown: str, words: Sequence[Word], place: Sequence[Piece]) -> Told:
    addressed = any(piece.rank is Rank.ADDRESS for piece in place)
    named = [piece for piece in place if not (addressed and piece.is_landmark)]
    first = _widened(words, named[0].first)
    streets = sorted((piece for piece in place if piece.street), key=lambda piece: -piece.rank)
    landmark = next((piece.landmark for piece in place if piece.landmark), "")
    beside = bool(streets) and any(piece.is_landmark for piece in place)
    crossing = len(streets) > 1 and bool(takes(words, first, place_words.CROSSINGS))
    return Told(
        text=shown[words[first].start : words[place[-1].last - 1].end],
        quarter=next((piece.quarter for piece in place if piece.quarter), ""),
        street=streets[0].street if streets else "",
        landmark=landmark,
        exact=addressed or bool(landmark) or beside or crossing,
    )


def _widened(words: Sequence[Word], first: int) -> int:
    """Return where the place begins with "đầu", "ngã tư", "đối diện" before it."""
    if first and takes(words, first, place_words.ALLEYS) and words[first - 1].bare.isdigit():
        first -= 1  # "5 hẻm 84", but not "3/2 hẻm 84"
    for choices in (place_words.HOUSE, place_words.SPOTS, place_words.BESIDE):
        for length in (2, 1):
            start = first - length
            if start >= 0 and takes(words, start, choices) == length and not words[first].breaks:
                first = start
                break
    return first
