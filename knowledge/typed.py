"""Words as people type them, each with its place in the text, and whether they say a phrase.

Marks may be missing, never contradict: "le loi" says Lê Lợi, "lề lối" does not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from knowledge.fold import fold, is_syllable, opening, spelled, syllables
from knowledge.place_words import SHORT

Meant = tuple[str, frozenset[str]]  # folded letters, and the marks

_HOOK, _TILDE = "\u0309", "\u0303"  # hỏi and ngã: half of the country writes one for the other
_TOKEN = re.compile(r"\d++(?:[A-Za-z](?![^\W_]))?(?:/\d++[A-Za-z]?)*|[^\W\d_]+")
_STOP = re.compile(r"[;!?\n]|\.\s|\.$")
_LONGEST_SHORT: Final = 3  # letters of an abbreviation that carries a full stop: "Ng. Trãi"
_LONGEST_JOINED: Final = 28  # letters of words typed without a space
_MOST_SKIPPED: Final = 4  # "ngay trước mặt cái"; a page of "ở ở ở" is not read over and over
_VOWELS: Final = frozenset("aeiouy")
_LONGEST_CUT: Final = 2  # letters left of a word cut short: "ng", "tr"


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of a text; `breaks` when a sentence ended before it, `pauses` at a comma."""

    bare: str
    marks: frozenset[str]
    start: int
    end: int
    capital: bool
    breaks: bool
    pauses: bool

    @property
    def is_number(self) -> bool:
        """Tell whether it is a number such as 84 or 84/5A."""
        return self.bare[0].isdigit()


def words_of(text: str) -> tuple[Meant, ...]:
    """Return the words of *text* as they are compared."""
    return tuple(meant for found in _TOKEN.finditer(opening(text)) for meant in _meant(found[0]))


def _meant(token: str) -> tuple[Meant, ...]:
    if token[0].isdigit():
        return ((token.lower().lstrip("0") or "0", frozenset()),)
    token = SHORT.get(fold(token), token)
    return tuple((bare, frozenset(marks.replace(_HOOK, _TILDE))) for bare, marks in spelled(token))


def read_words(shown: str, known: frozenset[str]) -> Iterator[Word]:
    """Cut a text into words; an abbreviation becomes several, which stand in one spot."""
    end, before = 0, ""
    shouted = shown.isupper()  # then a capital says nothing about a name
    for token in _TOKEN.finditer(shown):
        gap = shown[end : token.start()]
        short = gap.startswith(".") and 0 < len(before) <= _LONGEST_SHORT
        for place, (bare, marks) in enumerate(_repaired(token[0], known)):
            yield Word(
                bare=bare,
                marks=marks,
                start=token.start(),
                end=token.end(),
                capital=token[0][0].isupper() and not shouted,
                breaks=place == 0 and not short and bool(_STOP.search(gap)),
                pauses=place == 0 and "," in gap,
            )
        end, before = token.end(), token[0]


def _repaired(token: str, known: frozenset[str]) -> tuple[Meant, ...]:
    """Return what *token* means, words typed together or with a Telex key left in them put right."""
    meant = _meant(token)
    bare = meant[0][0] if meant else ""
    sound = bare in known or is_syllable(bare) or not set(bare) & _VOWELS or len(bare) > _LONGEST_JOINED
    if len(meant) != 1 or sound:
        return meant
    return tuple((part, frozenset()) for part in syllables(bare, known)) or meant


def _alike(word: Word, meant: Meant) -> bool:
    """Tell whether *word* may mean this: marks may be missing, not different."""
    return word.bare == meant[0] and word.marks <= meant[1]


def stands(words: Sequence[Word], at: int, phrase: Sequence[Meant]) -> bool:
    """Tell whether *phrase* stands at *at*, in one piece."""
    piece = words[at : at + len(phrase)]
    return (
        len(piece) == len(phrase)
        and all(map(_alike, piece, phrase))
        and not any(word.breaks or word.pauses for word in piece[1:])
    )


def stands_short(words: Sequence[Word], at: int, phrase: Sequence[Meant], *, shortest: int) -> bool:
    """Tell the same of a street, all words of which but the last may be cut short: "ng trai"."""
    piece = words[at : at + len(phrase)]
    if len(piece) < len(phrase) or any(word.breaks or word.pauses for word in piece[1:]):
        return False
    if not _alike(piece[-1], phrase[-1]):
        return False
    return all(
        _alike(word, meant) or _is_cut(word.bare, meant[0], shortest)
        for word, meant in zip(piece[:-1], phrase[:-1], strict=True)
    )


def _is_cut(bare: str, whole: str, shortest: int) -> bool:
    return shortest <= len(bare) <= _LONGEST_CUT and whole.startswith(bare) and not set(bare) & _VOWELS


@cache
def _phrases(choices: tuple[str, ...]) -> tuple[tuple[Meant, ...], ...]:
    return tuple(sorted(map(words_of, choices), key=len, reverse=True))


def takes(words: Sequence[Word], at: int, choices: tuple[str, ...]) -> int:
    """Return how many words the longest of *choices* takes up at *at*; 0 when none stands there."""
    return next((len(phrase) for phrase in _phrases(choices) if stands(words, at, phrase)), 0)


def skip(words: Sequence[Word], at: int, choices: tuple[str, ...]) -> int:
    """Return the place after one of *choices*, or *at* when none stands there."""
    return at + takes(words, at, choices)


def skip_all(words: Sequence[Word], at: int, choices: tuple[str, ...]) -> int:
    """Return the place after as many of *choices* as stand there, within reason."""
    for _ in range(_MOST_SKIPPED):
        at = skip(words, at, choices)
    return at
