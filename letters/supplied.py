"""What a person types for a fact that a letter lacks: found by its name, read as the kind of thing it is.

A clerk may name a fact by its identifier or by its Vietnamese name, and writes days as the ward
does. What comes back can be kept in a letter's row.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from knowledge.fold import fold
from letters.errors import LetterError
from letters.facts import composed, read
from letters.fields import DERIVED, FIELDS, OF_THE_WARD, Kind
from letters.states import NotAllowed

_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_BETWEEN: Final = re.compile(r"\s*[,;]\s*|\s+và\s+")
_YES: Final = frozenset(("co", "dung", "phai", "yes", "true", "1"))
_NO: Final = frozenset(("khong", "chua", "no", "false", "0"))
# The ward says these of itself, or they are worked out: nobody types them.
_OURS: Final = frozenset((*OF_THE_WARD, *DERIVED, "guideline_enclosed"))
_BY_TITLE: Final = {fold(field.title): name for name, field in FIELDS.items() if name not in _OURS}


def name_of(said: str) -> str:
    """Return the identifier of the fact called *said*. Raises NotAllowed.

    >>> name_of("Lý do cụ thể")
    'specific_reason'
    """
    bare = composed(said)
    if bare in FIELDS and bare not in _OURS:
        return bare
    found = _BY_TITLE.get(fold(bare))
    if found is None:
        raise NotAllowed(f"Không có mục nào tên “{bare[:60]}”. Xem tên mục trong thư: ward letters show SỐ")
    return found


def value_of(name: str, given: object) -> object:
    """Return what was typed, or is already known, of the fact *name*, as it is kept. Raises NotAllowed.

    >>> value_of("new_due_on", "30/11/2026"), value_of("child_names", "Lê Mẫu An, Lê Mẫu Bình")
    ('2026-11-30', ['Lê Mẫu An', 'Lê Mẫu Bình'])
    """
    typed = _TYPED.get(FIELDS[name].kind, composed)(composed(given)) if isinstance(given, str) else given
    try:
        value = read(name, typed)
    except LetterError as error:
        raise NotAllowed(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    if value is None:
        raise NotAllowed(f"Chưa có chữ nào cho mục {FIELDS[name].title}.")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def example(name: str) -> str:
    """Return how the fact *name* is typed, where that is not plain."""
    return _EXAMPLES.get(FIELDS[name].kind, "")


def _day(text: str) -> object:
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError as error:
        raise NotAllowed(f"Không có ngày {text}; ghi dạng 30/11/2026.") from error


def _number(text: str) -> object:
    bare = text.replace(".", "")
    return int(bare) if bare.isascii() and bare.isdecimal() else text


def _flag(text: str) -> object:
    said = fold(text)
    return True if said in _YES else False if said in _NO else text


def _names(text: str) -> object:
    return [part for part in _BETWEEN.split(text) if part]


_TYPED: Final[Mapping[Kind, Callable[[str], object]]] = {
    Kind.DATE: _day,
    Kind.NUMBER: _number,
    Kind.YEAR: _number,
    Kind.FLAG: _flag,
    Kind.NAMES: _names,
}
_EXAMPLES: Final[Mapping[Kind, str]] = {
    Kind.DATE: "ví dụ 30/11/2026",
    Kind.NUMBER: "chỉ ghi số",
    Kind.YEAR: "ví dụ 1943",
    Kind.FLAG: "gõ có hoặc không",
    Kind.NAMES: "nhiều người thì ngăn bằng dấu phẩy",
}
