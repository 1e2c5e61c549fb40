"""Spelling: what people type, brought to the syllables they mean.

`fold` drops case and marks. `syllables` goes further: abbreviations and chat spelling by
the data file, Telex and VNI leftovers, words typed without a space.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

SPELLING_FILE = Path(__file__).parent / "data" / "spelling.toml"
MAX_SYLLABLES = 80  # a longer question says nothing more about which procedure is meant

_MARKS = re.compile(r"[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")
_ONSET = "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|g|h|k|l|m|n|p|r|s|t|v|x)?"
_NUCLEUS = "(?:uoi|uou|uye|uya|ieu|yeu|oai|oao|oay|oeo|uay|uao|uyu|[aeiouy]{1,2})"
_CODA = "(?:ch|ng|nh|c|m|n|p|t)?"
_SYLLABLE = re.compile(f"{_ONSET}{_NUCLEUS}{_CODA}")
_TELEX_PAIRS = re.compile(r"(aa|ee|oo|dd)")
_LONGEST_JOIN = 28  # letters; four Vietnamese syllables fit


def fold(text: str) -> str:
    """Return *text* in lower case, without tone marks, with single spaces.

    >>> fold("  Đăng ký  KẾT HÔN ")
    'dang ky ket hon'
    """
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text.lower()))
    return " ".join(bare.replace("đ", "d").split())


def words(text: str) -> list[str]:
    """Return the words of *text*, folded, without punctuation.

    >>> words("Phí bn? (bản sao)")
    ['phi', 'bn', 'ban', 'sao']
    """
    return _WORD.findall(fold(text))


def is_syllable(word: str) -> bool:
    """Tell whether folded *word* could be a Vietnamese syllable."""
    return _SYLLABLE.fullmatch(word) is not None


@cache
def spelling() -> Mapping[str, tuple[str, ...]]:
    """Return the abbreviations of the data file: folded short form → folded words."""
    table = tomllib.loads(SPELLING_FILE.read_text("utf-8"))
    return {
        fold(short): tuple(words(long)) for group in table["groups"] for short, long in group["words"].items()
    }


def syllables(text: str, known: Collection[str] = ()) -> list[str]:
    """Return the syllables *text* means, at most `MAX_SYLLABLES`.

    *known* are syllables that certainly exist; they are never taken apart or repaired.

    >>> syllables("giaays ks", known={"giay", "khai", "sinh"})
    ['giay', 'khai', 'sinh']
    """
    found: list[str] = []
    for word in words(text[:4000]):
        found.extend(_means(word, known))
        if len(found) >= MAX_SYLLABLES:
            break
    return found[:MAX_SYLLABLES]


def _means(word: str, known: Collection[str]) -> tuple[str, ...]:
    if word in spelling():
        return spelling()[word]
    if word in known or word.isdigit():
        return (word,)
    repaired = _typed(word)
    if repaired in known or (repaired != word and not is_syllable(word)):
        return (repaired,)
    if is_syllable(word):
        return (word,)
    return _split(word, known) or (word,)


def _typed(word: str) -> str:
    """Undo Telex and VNI keys left in folded *word* ("giaays", "gia6y1" → "giay")."""
    if any(letter.isdigit() for letter in word) and word[0].isalpha():
        bare = re.sub(r"\d", "", word)
        return bare if is_syllable(bare) else word
    bare = _TELEX_PAIRS.sub(lambda pair: pair[0][0], word).replace("w", "")
    if is_syllable(bare):
        return bare
    for place, letter in enumerate(bare):
        without = bare[:place] + bare[place + 1 :]
        if place and letter in "sfrxj" and is_syllable(without):
            return without
    return word


def _split(word: str, known: Collection[str]) -> tuple[str, ...]:
    """Take "khaisinh" apart into known syllables, fewest first; nothing if that fails."""
    if not known or len(word) > _LONGEST_JOIN:
        return ()
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(word) + 1):
        ways = [best[start] + (part,) for start, part in _parts(word, end) if start in best and part in known]
        if ways:
            best[end] = min(ways, key=len)
    return best.get(len(word), ())


def _parts(word: str, end: int) -> Iterator[tuple[int, str]]:
    for start in range(max(0, end - 7), end - 1):
        yield start, word[start:end]
