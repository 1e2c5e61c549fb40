"""Misspell questions the way hands do: no marks, slips, Telex and VNI keys left in, chat spelling, spaces.

The same seed gives the same noise. A question is only made worse, never given another meaning.
"""

import random
import re
import unicodedata
from collections.abc import Callable

Noise = Callable[[str, random.Random], str]

_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_TELEX = {"\u0302": "", "\u0306": "w", "\u031b": "w"}
_VNI = {
    "\u0301": "1",
    "\u0300": "2",
    "\u0309": "3",
    "\u0303": "4",
    "\u0323": "5",
    "\u0302": "6",
    "\u031b": "7",
    "\u0306": "8",
}
_KEYS = {
    "a": "sq",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "k": "jl",
    "l": "k",
    "m": "n",
    "n": "bm",
    "o": "ip",
    "p": "o",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "x": "zc",
    "y": "tu",
}
_CHAT = {
    "không": "ko",
    "được": "dc",
    "gì": "j",
    "đăng ký": "dk",
    "giấy tờ": "gt",
    "bao nhiêu": "bn",
    "như thế nào": "ntn",
    "em": "e",
    "anh": "a",
    "vợ": "vk",
    "chồng": "ck",
    "căn cước": "cccd",
    "khai sinh": "ks",
    "thủ tục": "tt",
    "với": "vs",
    "người": "ng",
    "vậy": "z",
    "rồi": "r",
    "mình": "mk",
    "giấy chứng nhận": "gcn",
    "hộ khẩu": "hk",
}


def bare(text: str, _: random.Random) -> str:
    """Drop every mark."""
    text = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return re.sub("[\u0300-\u036f]", "", text)


def slip(text: str, dice: random.Random) -> str:
    """Hit a wrong key, drop, double or swap a letter in about one word of six."""
    return " ".join(_slipped(word, dice) if dice.random() < 1 / 6 else word for word in text.split())


def bare_slip(text: str, dice: random.Random) -> str:
    """Drop every mark and slip."""
    return slip(bare(text, dice), dice)


def telex(text: str, dice: random.Random) -> str:
    """Leave Telex keys in about a third of the words."""
    return " ".join(_keyed(word, _as_telex) if dice.random() < 1 / 3 else word for word in text.split())


def vni(text: str, dice: random.Random) -> str:
    """Leave VNI keys in about a third of the words."""
    return " ".join(_keyed(word, _as_vni) if dice.random() < 1 / 3 else word for word in text.split())


def chat(text: str, dice: random.Random) -> str:
    """Write as one chats: short forms, no marks."""
    for long, short in _CHAT.items():
        if dice.random() < 0.8:  # noqa: PLR2004  most, not all
            text = re.sub(rf"\b{long}\b", short, text, flags=re.IGNORECASE)
    return bare(text, dice)


def spaces(text: str, dice: random.Random) -> str:
    """Drop about one space of six."""
    return re.sub(r" ", lambda _: "" if dice.random() < 1 / 6 else " ", text)


def bare_spaces(text: str, dice: random.Random) -> str:
    """Drop every mark and some spaces."""
    return spaces(bare(text, dice), dice)


NOISES: dict[str, Noise] = {
    "no marks": bare,
    "slips": slip,
    "no marks, slips": bare_slip,
    "telex": telex,
    "vni": vni,
    "chat": chat,
    "spaces": spaces,
    "no marks, spaces": bare_spaces,
}


def _slipped(word: str, dice: random.Random) -> str:
    if len(word) < 3:  # noqa: PLR2004  nothing would be left
        return word
    place = dice.randrange(len(word))
    kind = dice.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place] + word[place:]
    if kind == 2 and place:  # noqa: PLR2004  the third of four kinds
        return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
    letter = word[place].lower()
    return word[:place] + dice.choice(_KEYS.get(letter, letter)) + word[place + 1 :]


def _keyed(word: str, keys: Callable[[str, str], tuple[str, str]]) -> str:
    letters, end = "", ""
    for letter in unicodedata.normalize("NFD", word):
        inside, after = keys(letter, letters[-1:])
        letters, end = letters + inside, end + after
    return letters + end


def _as_telex(letter: str, before: str) -> tuple[str, str]:
    if letter in _TONES:
        return "", _TONES[letter]
    if letter == "\u0302":
        return before, ""
    if letter in "đĐ":
        return "dd", ""
    return _TELEX.get(letter, letter), ""


def _as_vni(letter: str, _: str) -> tuple[str, str]:
    if letter in "đĐ":
        return "d9", ""
    return ("", _VNI[letter]) if letter in _VNI else (letter, "")
