"""Why a letter is not there, and whose turn it is.

LetterError
├── MissingFact    a fact is not there       → a clerk completes the record
├── WrongFact      a fact cannot be true     → a clerk corrects the record
├── NeedsPerson    no prepared words fit     → a person writes, or decides not to
├── MissingLetter  the face lacks a letter   → a clerk corrects the text, or the operator the face
├── BadPaper       the sheet does not print  → the operator mends the layout or what was put on it
└── NoFace         the letter face is absent → the operator names another folder
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

TOLD: Final = 5  # letters named in one message


class LetterError(Exception):
    """A letter cannot be made; the message says in Vietnamese what to do."""


class MissingFact(LetterError):
    """A fact the letter needs is absent or blank; `title` is its Vietnamese name."""

    def __init__(self, field: str, title: str) -> None:
        super().__init__(f"thiếu {title}; bổ sung rồi soạn lại thư")
        self.field = field
        self.title = title


class WrongFact(LetterError):
    """A fact is there and cannot be right; `why` says what is wrong."""

    def __init__(self, field: str, title: str, why: str) -> None:
        super().__init__(f"{title}: {why}")
        self.field = field
        self.title = title
        self.why = why


class NeedsPerson(LetterError):
    """Prepared words would hurt here; `why` says what makes it so."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; thư này phải do người soạn hoặc quyết định không gửi")
        self.why = why


class MissingLetter(LetterError):
    """The letter face cannot show `letters`, each given as it stands in the text."""

    def __init__(self, letters: Sequence[str], family: str) -> None:
        told = ", ".join(_told(letter) for letter in letters[:TOLD])
        told += f" và {len(letters) - TOLD} chữ khác" if len(letters) > TOLD else ""
        super().__init__(f"phông chữ {family} không có: {told}; sửa chữ trong thư hoặc đổi phông chữ")
        self.letters = tuple(letters)
        self.family = family


class BadPaper(LetterError):
    """The sheet did not print as it should."""


class NoFace(LetterError):
    """The folder of the letter face holds no face that can print a letter."""


def _told(letter: str) -> str:
    """Return a letter with its number and name, since what is missing may also be invisible."""
    numbers = " ".join(f"U+{ord(part):04X}" for part in letter)
    name = unicodedata.name(letter[0], "")
    shown = f"“{letter}” " if letter.isprintable() else ""
    return f"{shown}({numbers}{' ' if name else ''}{name})"
