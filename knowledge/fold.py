"""Spelling: what people type, brought to the syllables they mean.

`fold` drops case and marks. `spelled` keeps the marks apart, as evidence. `syllables` goes
further: abbreviations and chat spelling by the data file, Telex and VNI leftovers, words
typed without a space between them or with one too many.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

SPELLING_FILE = Path(__file__).parent / "data" / "spelling.toml"
MAX_SYLLABLES = 80  # a longer question says nothing more about which procedure is meant
MAX_LETTERS = 4000  # nobody reads on either
MAX_WORD = 40  # letters; no word is longer, a link or a hash may be

Syllable = tuple[str, str]  # folded letters, and the marks that were typed ("" when none)

_MARK = re.compile(r"[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")
_MARKED = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_ONSET = "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|g|h|k|l|m|n|p|r|s|t|v|x)?"
_NUCLEUS = "(?:uoi|uou|uye|uya|ieu|yeu|oai|oao|oay|oeo|uay|uao|uyu|[aeiouy]{1,2})"
_CODA = "(?:ch|ng|nh|c|m|n|p|t)?"
_SYLLABLE = re.compile(f"{_ONSET}{_NUCLEUS}{_CODA}")
_CONSONANTS = re.compile(r"[^aeiouy\d]+")
_TELEX_PAIRS = re.compile(r"(aa|ee|oo|dd)")
_LONGEST_JOIN = 28  # letters; four Vietnamese syllables fit
_LONGEST_SYLLABLE = 7


def fold(text: str) -> str:
    """Return *text* in lower case, without tone marks, with single spaces.

    >>> fold("  Đăng ký  KẾT HÔN ")
    'dang ky ket hon'
    """
    bare = _MARK.sub("", unicodedata.normalize("NFKD", text).lower())
    return " ".join(bare.replace("đ", "d").split())


def words(text: str) -> list[str]:
    """Return the words of *text*, folded, without punctuation.

    >>> words("Phí bn? (bản sao)")
    ['phi', 'bn', 'ban', 'sao']
    """
    return _WORD.findall(fold(text))


def opening(text: str) -> str:
    """Return the part of *text* that is read, composed, so that its form does not matter."""
    return unicodedata.normalize("NFKC", text[: 3 * MAX_LETTERS])[:MAX_LETTERS]


def spelled(text: str) -> list[Syllable]:
    """Return the words of *text*, folded, each with the marks that were typed on it.

    Where the tone mark stands does not matter: "hoà" and "hòa" are the same.

    >>> spelled("hoà GIẢI") == spelled("hòa giải")
    True
    """
    return [_parse(word) for word in _MARKED.findall(unicodedata.normalize("NFKD", text).lower())]


def is_syllable(word: str) -> bool:
    """Tell whether folded *word* could be a Vietnamese syllable."""
    return _SYLLABLE.fullmatch(word) is not None


@cache
def spelling() -> Mapping[str, tuple[str, ...]]:
    """Return the abbreviations of the data file: folded short form → folded words."""
    return {short: tuple(word for word, _ in long) for short, long in _abbreviations().items()}


def syllables(text: str, known: Collection[str] = ()) -> list[str]:
    """Return the syllables *text* means, at most `MAX_SYLLABLES`.

    *known* are syllables that certainly exist; they are never taken apart or repaired.

    >>> syllables("giaays ks", known={"giay", "khai", "sinh"})
    ['giay', 'khai', 'sinh']
    """
    return [syllable for syllable, _ in meant(text, known)]


def meant(text: str, known: Collection[str] = ()) -> list[Syllable]:
    """Return the syllables *text* means as `syllables` does, each with its typed marks."""
    found: list[Syllable] = []
    if not known:  # the way names are read: word by word, sixty thousand of them in a second
        for typed in opening(text).split():
            found += _alone(typed)
        return found[:MAX_SYLLABLES]
    for word in _rejoined(spelled(opening(text)), known):
        found.extend(_means(word, known))
        if len(found) >= MAX_SYLLABLES:
            break
    return found[:MAX_SYLLABLES]


@lru_cache(maxsize=20_000)
def _alone(typed: str) -> tuple[Syllable, ...]:
    """Return the syllables of what stands between two spaces, when none are known."""
    return tuple(syllable for word in spelled(typed) for syllable in _means(word, ()))


@lru_cache(maxsize=20_000)
def _parse(word: str) -> Syllable:
    marks = "".join(sorted(_MARK.findall(word) + ["đ"] * word.count("đ")))
    bare = _MARK.sub("", word).replace("đ", "d")
    return _same_sound().get(bare, bare), marks


@cache
def _same_sound() -> Mapping[str, str]:
    """Return syllables with two accepted spellings ("kí" and "ký"): the one → the other."""
    table: dict[str, str] = tomllib.loads(SPELLING_FILE.read_text("utf-8"))["same_sound"]
    return table


@cache
def _abbreviations() -> Mapping[str, tuple[Syllable, ...]]:
    table = tomllib.loads(SPELLING_FILE.read_text("utf-8"))
    return {
        fold(short): tuple(spelled(long))
        for group in table["groups"]
        for short, long in group["words"].items()
    }


def _rejoined(found: Sequence[Syllable], known: Collection[str]) -> Iterator[Syllable]:
    """Close a space that cut a syllable ("k hai sinh" → "khai sinh")."""
    waiting: Syllable | None = None
    for word in found:
        if waiting is None:
            waiting = word
        elif _was_cut(waiting[0], word[0], known):
            yield waiting[0] + word[0], "".join(sorted(waiting[1] + word[1]))
            waiting = None
        else:
            yield waiting
            waiting = word
    if waiting is not None:
        yield waiting


def _was_cut(first: str, second: str, known: Collection[str]) -> bool:
    if first + second not in known or first in known or (second in known and first in _abbreviations()):
        return False
    return _CONSONANTS.fullmatch(first) is not None or second not in known


def _means(word: Syllable, known: Collection[str]) -> Sequence[Syllable]:
    bare, marks = word
    short = _abbreviations().get(bare)
    if short and (not marks or marks == "đ"):
        return short
    if bare in known or bare.isdigit() or len(bare) > MAX_WORD:
        return (word,)
    repaired = _typed(bare)
    if repaired in known or (repaired != bare and not is_syllable(bare)):
        return ((repaired, marks),)
    parts = () if is_syllable(bare) else _split(bare, known)
    return [(part, "") for part in parts] or (word,)


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
        if place and letter in "sfrxjd" and is_syllable(without):
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
            best[end] = min(ways, key=_badness)
    found = best.get(len(word), ())
    return found if len(found) > 1 else ()


def _badness(parts: tuple[str, ...]) -> tuple[int, int]:
    return len(parts), -min(map(len, parts))


def _parts(word: str, end: int) -> Iterator[tuple[int, str]]:
    for start in range(max(0, end - _LONGEST_SYLLABLE), end - 1):
        yield start, word[start:end]
