"""How people are addressed in a letter: ông, bà, anh, chị, cụ, gia đình; hưởng thọ, hưởng dương.

Nobody's sex is guessed from a name: what the register does not say is "ông/bà".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONG_LIFE_FROM: Final = 60  # custom: "hưởng thọ" from sixty, "hưởng dương" below
ELDER_FROM: Final = 80  # our default for "cụ"; the family's own word goes first
GROWN_FROM: Final = 40  # our default for "ông", "bà" of the deceased; below, "anh", "chị"
_COUNTED: Final = {2: "hai", 3: "ba", 4: "bốn", 5: "năm"}
_MONTHS: Final = {1: "Giêng", 12: "Chạp"}
LAST_OF_FIRST_TEN: Final = 10  # days of the lunar month that are called "mùng"


class Gender(StrEnum):
    """What the register says, and nothing else."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


_FORMAL: Final = {Gender.MALE: "ông", Gender.FEMALE: "bà", Gender.UNKNOWN: "ông/bà"}
_FAMILIAR: Final = {Gender.MALE: "anh", Gender.FEMALE: "chị", Gender.UNKNOWN: "anh/chị"}


@dataclass(frozen=True)
class Addressed:
    """`full` stands after "Kính gửi"; `you` is how the letter goes on speaking."""

    full: str
    you: str


def gender_of(register: str) -> Gender:
    """Read what a register says.

    >>> gender_of("Nữ ")
    <Gender.FEMALE: 'female'>
    """
    said = register.strip().lower()
    return {"nam": Gender.MALE, "nữ": Gender.FEMALE}.get(said, Gender.UNKNOWN)


def formal(name: str, gender: Gender = Gender.UNKNOWN) -> Addressed:
    """Address somebody as ông or bà.

    >>> formal("Nguyễn Văn Mẫu", Gender.MALE).full
    'ông Nguyễn Văn Mẫu'
    """
    return Addressed(f"{_FORMAL[gender]} {name}", _FORMAL[gender])


def familiar(name: str, gender: Gender = Gender.UNKNOWN) -> Addressed:
    """Address somebody as anh or chị."""
    return Addressed(f"{_FAMILIAR[gender]} {name}", _FAMILIAR[gender])


def family(head: Addressed) -> Addressed:
    """Address the family of *head*.

    >>> family(formal("Trần Thị Mẫu", Gender.FEMALE)).full
    'gia đình bà Trần Thị Mẫu'
    """
    return Addressed(f"gia đình {head.full}", "gia đình")


def organisation(name: str) -> Addressed:
    """Address an organisation or a group by its name."""
    return Addressed(name, "quý đơn vị")


def of_the_deceased(gender: Gender, age: int) -> str:
    """Return "cụ", "ông", "bà", "anh" or "chị". The family's own word, if known, goes first."""
    if age >= ELDER_FROM:
        return "cụ"
    return _FORMAL[gender] if age >= GROWN_FROM else _FAMILIAR[gender]


def longevity_term(age: int) -> str:
    """Return what is said before the age of the deceased.

    >>> longevity_term(60), longevity_term(59)
    ('hưởng thọ', 'hưởng dương')
    """
    return "hưởng thọ" if age >= LONG_LIFE_FROM else "hưởng dương"


def children(names: Sequence[str]) -> str:
    """Return how one child, twins or triplets are called.

    >>> children(["An", "Bình"])
    'hai cháu An và Bình'
    """
    if len(names) == 1:
        return f"cháu {names[0]}"
    count = _COUNTED.get(len(names), "các")
    return f"{count} cháu {', '.join(names[:-1])} và {names[-1]}"


def lunar_day(day: int, month: int, year_name: str, *, leap: bool = False) -> str:
    """Return a day of the lunar calendar in words; *year_name* comes from the calendar a person checked.

    >>> lunar_day(5, 1, "Bính Ngọ")
    'ngày mùng 5 tháng Giêng năm Bính Ngọ'
    """
    first = "mùng " if day <= LAST_OF_FIRST_TEN else ""
    nth = f"{_MONTHS.get(month, month)}{' nhuận' if leap else ''}"
    return f"ngày {first}{day} tháng {nth} năm {year_name}"


def upper_first(text: str) -> str:
    """Return *text* as it begins a sentence.

    >>> upper_first("ông Mẫu")
    'Ông Mẫu'
    """
    return text[:1].upper() + text[1:]
