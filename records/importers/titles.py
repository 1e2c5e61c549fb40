"""The title of a column, brought to the words that say which column it is.

Marks, capitals, punctuation and remarks ("dd/mm/yyyy", "nếu có") do not matter. One slip is
forgiven in a word of four letters or more; short words ("mẹ", "vợ") must be right.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_WORDS_FILE = Path(__file__).parent / "columns" / "words.toml"
_LONG = 4  # letters from which a slip is forgiven
_LONGEST = 120
_MARK = re.compile(r"[\u0300-\u036f]")


def fold(text: str) -> str:
    r"""Return the words of *text* in lower case without marks.

    >>> fold("Họ và tên\n(Bên nữ)")
    'ho va ten ben nu'
    """
    bare = _MARK.sub("", unicodedata.normalize("NFKD", text.lower())).replace("đ", "d")
    return " ".join(re.findall(r"[^\W_]+", bare))


@cache
def _drop() -> frozenset[str]:
    words: list[str] = tomllib.loads(_WORDS_FILE.read_text("utf-8"))["drop"]
    return frozenset(fold(word) for word in words)


def _variants(title: str) -> Iterable[str]:
    """Return ways to read *title*, the fullest first: whole, without remarks, without brackets."""
    title = title[:_LONGEST]
    whole = fold(title)
    yield whole
    yield " ".join(word for word in whole.split() if word not in _drop())
    outside = fold(re.sub(r"\([^)]*\)", " ", title))
    yield outside
    yield " ".join(word for word in outside.split() if word not in _drop())


def exactly(title: str, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the fields *title* names letter by letter: one, several when in doubt, or none."""
    return next((known[way] for way in _variants(title) if way in known), frozenset())


def meant(title: str, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the fields *title* may mean, a slip in each longer word forgiven."""
    if found := exactly(title, known):
        return found
    for way in dict.fromkeys(way for way in _variants(title) if way):
        typed = way.split()
        close = [fields for words, fields in known.items() if _close(typed, words)]
        if close:
            return frozenset().union(*close)
    return frozenset()


def _close(typed: list[str], words: str) -> bool:
    """Tell whether *typed* is *words* but for one slip in each of its longer words."""
    if words.count(" ") + 1 != len(typed):
        return False
    return all(map(_one_slip, typed, words.split()))


def _one_slip(typed: str, word: str) -> bool:
    if typed == word:
        return True
    if max(len(typed), len(word)) < _LONG or abs(len(typed) - len(word)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(word)) and typed[start] == word[start]:
        start += 1
    a, b = typed[start:], word[start:]
    turned = a[:2] == b[1::-1] and a[2:] == b[2:]
    return turned or a[1:] == b[1:] or a[1:] == b or a == b[1:]
