"""Codes people can read out over the telephone: `PA26-0417-9`, and the key that opens details.

The last digit checks the others by Damm's method, which finds every single wrong digit and
every two neighbours exchanged.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

# 1,000 guesses an hour for a year hit with a chance below 3 in ten million, however many accounts
# guess and however many cases there are: a key opens one case, and each guess must name it.
LENGTH = 9  # of 32 letters
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is mistaken for another: no 0 O, 1 I

# Damm, H. M. (2004): a totally anti-symmetric quasigroup of order 10.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_DASH = r"\-\u2010-\u2015\u2212"  # keyboards turn "-" into longer ones
_BREAK = rf"\s?[{_DASH}. ]\s?"
_LONG = r"[1-9]\d{4,5}"  # written with a zero in front it would be another number under the same check digit
_WHOLE = re.compile(rf"\bpa\s?[{_DASH}.]?\s?(\d{{2}}){_BREAK}(\d{{4}}|{_LONG}){_BREAK}(\d)\b", re.IGNORECASE)
_RUN = re.compile(rf"\bpa\s?[{_DASH}.]?\s?(\d{{2}})(\d{{4}}|{_LONG})(\d)\b", re.IGNORECASE)
_SHORT = re.compile(rf"(?:\bpa\s?(\d{{2}}){_BREAK})?\b(\d{{3,4}}|{_LONG})(?:{_BREAK}(\d))?\b", re.IGNORECASE)
_GROUP = f"([{LETTERS}]{{3}})"
_KEY = re.compile(rf"\b{_GROUP}([{_DASH}]?){_GROUP}\2{_GROUP}\b", re.IGNORECASE)
_SPOKEN = re.compile(rf"\W*{_GROUP}\s{_GROUP}\s{_GROUP}\W*", re.IGNORECASE)  # nothing else on that side
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Z])")


@dataclass(frozen=True, kw_only=True)
class Named:
    """A case as somebody named it: perhaps without the year, perhaps without the check digit.

    `check` is None when none was said. `right` tells whether the one that was said fits.
    """

    year: int | None
    number: int
    check: int | None

    @property
    def right(self) -> bool:
        """Tell whether the check digit that was said fits, as far as one can know."""
        return self.check is None or self.year is None or check_digit(self.year, self.number) == self.check


def check_digit(year: int, number: int) -> int:
    """Return the digit that checks *year* (two digits of it) and *number*.

    >>> check_digit(26, 417)
    7
    """
    row = 0
    for digit in f"{year % 100:02}{number:04}":
        row = _DAMM[row][int(digit)]
    return row


def code_of(year: int, number: int) -> str:
    """Return the code of the *number*-th case of *year*.

    >>> code_of(2026, 417)
    'PA26-0417-7'
    """
    return f"PA{year % 100:02}-{number:04}-{check_digit(year, number)}"


def named(text: str) -> Named | None:
    """Return the case *text* names, by its whole code or by its running number alone.

    >>> named("tinh trang 0417")
    Named(year=None, number=417, check=None)
    """
    whole = _WHOLE.search(text) or _run_together(text)
    if whole is not None:
        return Named(year=int(whole[1]), number=int(whole[2]), check=int(whole[3]))
    short = _SHORT.search(text)
    if short is None:
        return None
    year, number, check = short.groups()
    return Named(year=int(year) if year else None, number=int(number), check=int(check) if check else None)


def _run_together(text: str) -> re.Match[str] | None:
    """Find a code typed without any break; its check digit must tell that it is one."""
    found = _RUN.search(text)
    fits = found is not None and check_digit(int(found[1]), int(found[2])) == int(found[3])
    return found if fits else None


def new_key() -> str:
    """Return a fresh key, in three groups: `7F3-K9Q-X2M`; one of them mixes letters and digits, as no word does."""
    while True:
        letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        groups = letters[:3], letters[3:6], letters[6:]
        if any(map(_MIXED.match, groups)):
            return "-".join(groups)


def key_in(text: str) -> str:
    """Return the key somebody typed beside a code, or nothing.

    >>> key_in("PA26-0417-7 7f3 k9q x2m")
    '7F3-K9Q-X2M'
    """
    code = _WHOLE.search(text) or _run_together(text)
    sides = (text[code.end() :], text[: code.start()]) if code else (text,)
    for side in sides:
        joined = (found.group(1, 3, 4) for found in _KEY.finditer(side))
        spoken = _SPOKEN.fullmatch(side)
        for groups in (*joined, *([spoken.groups()] if spoken else [])):
            key = [group.upper() for group in groups]
            if any(map(_MIXED.match, key)):
                return "-".join(key)
    return ""


def seal(code: str, key: str) -> str:
    """Return what is kept instead of *key*; it fits the case *code* only."""
    return hashlib.sha256(f"{code}:{key}".encode()).hexdigest()


def opens(code: str, key: str, sealed: str) -> bool:
    """Tell whether *key* is the one that was *sealed*; takes as long for any other."""
    return hmac.compare_digest(seal(code, key), sealed)
