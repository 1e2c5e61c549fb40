"""Letters of old fonts and code pages, brought to Unicode: recognised, converted, or refused in doubt.

Two ways lead here. A CSV or HTML file is bytes in some code page. A workbook is Unicode, but
its cells may have been typed in an old font (.VnTime is TCVN3, VNI-Times is VNI-Windows): the
letters are then those of Windows-1252 and only look Vietnamese in that font. Both are the same
question, asked of text in which every letter stands for one byte.

TCVN3 has its capitals with tones in separate fonts (.VnTimeH): the same byte is "ễ" in the one
and "Ễ" in the other, and the font is not in the text. A word typed in capitals comes out as
"NGUYễN", so a word whose plain letters are all capitals is made capital; a word typed without
any plain capital in a capital font comes out small, and nothing in the text can tell.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

SURE = 0.93  # of the marked words must be Vietnamese syllables; names of foreigners are the rest
APART = 0.15  # by which the best reading must lead the second
ENOUGH = 20_000  # words looked at; more do not change the answer
_OFTEN = 4  # every second byte of Latin letters in UTF-16 is empty; a quarter tells
_FEW = 3  # marked words below which a legacy reading proves nothing

_TONES = "\u0300\u0309\u0303\u0301\u0323"  # grave, hook, tilde, acute, dot: the order of the tables below
_LOWER = "aăâeêioôơuưyđ"
ALPHABET = frozenset(
    letter
    for plain in _LOWER
    for tone in ("", *_TONES)
    for small in [unicodedata.normalize("NFC", plain + tone)]
    if len(small) == 1
    for letter in (small, small.upper())
) | frozenset("bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
_TONE = re.compile(f"[{_TONES}]")
_ONSET = "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x)?"
_NUCLEUS = (
    "(?:iêu|yêu|uyê|uya|uây|uôi|ươi|ươu|oai|oay|oao|oeo|uyu|uơ|uê|uâ|uy|iê|yê|ia|ua|ưa|uô|ươ|oa|oă|oe|oo|"
    "ai|ao|au|ay|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y)"
)
_SYLLABLE = re.compile(f"{_ONSET}{_NUCLEUS}(?:ch|ng|nh|c|m|n|p|t)?")


class Encoding(StrEnum):
    """How the letters were written."""

    UNICODE = "Unicode"
    TCVN3 = "TCVN3 (ABC)"
    VNI = "VNI-Windows"
    CP1258 = "Windows-1258"


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What the letters are. `confidence` is the share of marked words that read as Vietnamese."""

    encoding: Encoding
    confidence: float
    convert: Callable[[str], str]


class Doubtful(Exception):
    """The letters are not Vietnamese in any way we know; `preview` holds one reading a line."""

    def __init__(self, preview: tuple[str, ...]) -> None:
        super().__init__("the letters are in doubt")
        self.preview = preview


def _toned(plain: str) -> list[str]:
    return [unicodedata.normalize("NFC", plain + tone) for tone in _TONES]


# Bytes of the letters with the five tones (grave, hook, tilde, acute, dot), TCVN 5712:1993, VN3.
_TCVN3_TONED = {
    "a": "B5 B6 B7 B8 B9",
    "ă": "BB BC BD BE C6",
    "â": "C7 C8 C9 CA CB",
    "e": "CC CE CF D0 D1",
    "ê": "D2 D3 D4 D5 D6",
    "i": "D7 D8 DC DD DE",
    "o": "DF E1 E2 E3 E4",
    "ô": "E5 E6 E7 E8 E9",
    "ơ": "EA EB EC ED EE",
    "u": "EF F1 F2 F3 F4",
    "ư": "F5 F6 F7 F8 F9",
    "y": "FA FB FC FD FE",
}
_TCVN3_PLAIN = {
    "Ă": "A1", "Â": "A2", "Ê": "A3", "Ô": "A4", "Ơ": "A5", "Ư": "A6", "Đ": "A7",
    "ă": "A8", "â": "A9", "ê": "AA", "ô": "AB", "ơ": "AC", "ư": "AD", "đ": "AE",
}  # fmt: skip


def _tcvn3() -> Mapping[str, str]:
    table = {bytes.fromhex(code).decode("latin-1"): letter for letter, code in _TCVN3_PLAIN.items()}
    for plain, codes in _TCVN3_TONED.items():
        table |= zip(bytes.fromhex(codes).decode("latin-1"), _toned(plain), strict=True)
    return MappingProxyType(table)


# VNI-Windows writes the letter, then a byte for its mark: tone alone, or hat and tone in one.
_VNI_TONE = "F8 FB F5 F9 EF"  # after a, e, o, u, y, ơ (F4), ư (F6)
_VNI_HAT = "E0 E5 E3 E1 E4"  # circumflex and tone, after a, e, o; without tone E2
_VNI_BREVE = "E8 FA FC E9 EB"  # breve and tone, after a; without tone EA
_VNI_I = "EC E6 F3 ED F2"  # i is one byte with its tone
_VNI_SINGLE = {"đ": "F1", "ơ": "F4", "ư": "F6", "ỵ": "EE"}


def _vni() -> Mapping[str, str]:
    table: dict[str, str] = {}

    def pairs(letters: Iterable[str], first: str, codes: str) -> None:
        for letter, code in zip(letters, bytes.fromhex(codes).decode("latin-1"), strict=True):
            for mark in {code, code.upper()}:  # the mark's case follows the letter's, or somebody's slip
                table[first + mark] = letter
                table[first.upper() + mark] = letter.upper()

    for plain in "aeouy":
        pairs(_toned(plain), plain, _VNI_TONE)
    for plain, first in (("ơ", "\xf4"), ("ư", "\xf6")):
        pairs(_toned(plain), first, _VNI_TONE)
    for plain, hat in (("a", "â"), ("e", "ê"), ("o", "ô")):
        pairs([hat, *_toned(hat)], plain, f"E2 {_VNI_HAT}")
    pairs(["ă", *_toned("ă")], "a", f"EA {_VNI_BREVE}")
    for letter, code in [*zip(_toned("i"), _VNI_I.split(), strict=True), *_VNI_SINGLE.items()]:
        single = bytes.fromhex(code).decode("latin-1")
        table |= {single: letter, single.upper(): letter.upper()}
    return MappingProxyType(table)


TCVN3 = _tcvn3()
VNI = _vni()
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
_CAPITALS = re.compile(r"[^\W\d_]{2,}")


def from_tcvn3(text: str) -> str:
    """Return *text*, one letter a byte in TCVN3, in Unicode.

    >>> from_tcvn3("NguyÔn V¨n Ðt")
    'Nguyễn Văn ét'
    """
    return _CAPITALS.sub(_one_case, text.translate(_TCVN3_TABLE))


def from_vni(text: str) -> str:
    """Return *text*, one letter a byte in VNI-Windows, in Unicode.

    >>> from_vni("Nguyeãn Vaên Ñöùc")
    'Nguyễn Văn Đức'
    """
    return _VNI_LETTER.sub(lambda found: VNI[found[0]], text)


def from_cp1258(text: str) -> str:
    """Return *text*, one letter a byte in Windows-1258, in Unicode."""
    return unicodedata.normalize("NFC", _bytes(text).decode("cp1258"))


_TCVN3_TABLE = str.maketrans(dict(TCVN3))


def _one_case(found: re.Match[str]) -> str:
    """Make a word capital whose plain letters all are: "NGUYễN"."""
    word = found[0]
    small = any(letter.isascii() and letter.islower() for letter in word)
    return word.upper() if not small and any(letter.isascii() for letter in word[1:]) else word


def _bytes(text: str) -> bytes:
    """Return the bytes whose letters *text* shows; Windows-1252 where it differs from Latin-1."""
    return b"".join(
        letter.encode("latin-1") if ord(letter) < 256 else letter.encode("cp1252")  # noqa: PLR2004 - one byte
        for letter in text
    )


@lru_cache(maxsize=50_000)
def is_syllable(word: str) -> bool:
    """Tell whether *word* could be written in Vietnamese, marks and all."""
    apart = unicodedata.normalize("NFD", word.lower())
    if len(_TONE.findall(apart)) > 1:
        return False
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", _TONE.sub("", apart))) is not None


def share(words: Iterable[str]) -> float:
    """Return which part of *words* are Vietnamese syllables."""
    read = [is_syllable(word) and _one_kind_of_letter(word) for word in words]
    return sum(read) / len(read) if read else 0.0


def _one_kind_of_letter(word: str) -> bool:
    """Tell whether a word is small, capital, or small with a capital in front."""
    return word.islower() or word.isupper() or word[1:].islower()


def recognise(texts: Iterable[str]) -> Recognised:
    """Say how the letters of *texts* were written. Raises Doubtful rather than guess.

    Text without a single marked letter is Unicode: there is nothing to convert.
    """
    marked = _marked(texts)
    if not marked:
        return Recognised(encoding=Encoding.UNICODE, confidence=1.0, convert=_same)
    found = sorted(_readings(marked), key=lambda reading: reading.confidence, reverse=True)
    best, second = found[0], found[1]
    unicode = next(reading for reading in found if reading.encoding is Encoding.UNICODE)
    if unicode is best and (best.confidence >= SURE or best.confidence - second.confidence >= APART):
        return unicode
    if _foreign(marked, best.confidence):
        return unicode
    enough = len(marked) >= _FEW and best.confidence >= SURE
    if not enough or best.confidence - second.confidence < APART:
        raise Doubtful(_preview(marked, found))
    return best


def _foreign(marked: list[str], best: float) -> bool:
    """Tell whether *marked* are a foreigner's few words ("José") which no old font explains either."""
    return len(marked) < _FEW and best < 1


def _marked(texts: Iterable[str]) -> list[str]:
    """Return the words with letters beyond ASCII, each once, in the order met."""
    found: dict[str, None] = {}
    for text in texts:
        if not text.isascii():
            found.update((word, None) for word in re.findall(r"\S+", text) if not word.isascii())
        if len(found) > ENOUGH:
            break
    return list(found)


def _readings(marked: list[str]) -> list[Recognised]:
    return [
        Recognised(encoding=encoding, confidence=_confidence(marked, encoding), convert=convert)
        for encoding, convert in CONVERTERS.items()
    ]


def _confidence(marked: list[str], encoding: Encoding) -> float:
    """Return how well *marked* read; a letter that is no byte speaks against every old font."""
    convert = CONVERTERS[encoding]
    fitting = marked if encoding is Encoding.UNICODE else [part for part in marked if is_bytes(part)]
    if not fitting:
        return 0.0
    try:
        words = [
            word for part in fitting for word in _WORD.findall(unicodedata.normalize("NFC", convert(part)))
        ]
    except UnicodeError:
        return 0.0
    return share(words) * len(fitting) / len(marked)


def is_bytes(text: str) -> bool:
    """Tell whether every letter of *text* could be one byte, as an old font's are."""
    try:
        return bool(_bytes(text))
    except UnicodeError:
        return False


def _preview(marked: list[str], readings: list[Recognised]) -> tuple[str, ...]:
    sample = " ".join(marked[:6])[:80]
    return tuple(f"{reading.encoding}: {_shown(reading, sample)}" for reading in readings)


def _shown(reading: Recognised, sample: str) -> str:
    try:
        return reading.convert(sample)
    except UnicodeError:
        return "—"


def _same(text: str) -> str:
    return text


CONVERTERS: Mapping[Encoding, Callable[[str], str]] = MappingProxyType(
    {
        Encoding.UNICODE: _same,
        Encoding.TCVN3: from_tcvn3,
        Encoding.VNI: from_vni,
        Encoding.CP1258: from_cp1258,
    }
)


def is_of_old_font(word: str) -> bool:
    """Tell whether *word* is no Vietnamese as it stands but would be in an old font."""
    if word.isascii() or is_syllable(word) or not is_bytes(word):
        return False
    return is_syllable(from_tcvn3(word)) or is_syllable(from_vni(word))


def decode(content: bytes) -> str:
    """Return the text of a file of bytes: by its mark, as UTF-8, or one letter a byte.

    In the last case the letters are still to be recognised. Raises Doubtful for what is no text.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _strictly(content, name)
    if content[:4000].count(0) * _OFTEN > len(content[:4000]):
        return _strictly(content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _strictly(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        raise Doubtful((f"{name}: {error.reason}",)) from error
