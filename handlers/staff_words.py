"""How staff say what they want of a case: buttons, commands, or the words of the office.

`command` turns typed words ("nhận 0417", "tien do 0417 da rao") into the command a button
would say; `order` reads what stands behind a command.
"""

import re
from dataclasses import dataclass

from feedback import codes
from feedback.codes import Named
from knowledge.fold import fold

VERBS = {  # folded words in front of a code → the command
    "nhan": "/nhan",
    "nhan viec": "/nhan",
    "chuyen": "/chuyen",
    "chuyen viec": "/chuyen",
    "chuyen to khac": "/chuyen",
    "khong thuoc": "/khongthuoc",
    "khong thuoc tq": "/khongthuoc",
    "khong thuoc tham quyen": "/khongthuoc",
    "hoi them": "/hoithem",
    "tien do": "/tiendo",
    "bao tien do": "/tiendo",
    "gia han": "/giahan",
    "dong": "/dong",
    "dong viec": "/dong",
    "tra loi": "/dong",
    "xem": "/xem",
    "xem viec": "/xem",
    "xem anh": "/anh",
    "ghi chu": "/ghichu",
    "giao": "/giao",
    "giao viec": "/giao",
}
WHOLE = {  # the whole message, folded → the command
    "viec cua to": "/viecto",
    "viec to": "/viecto",
    "viec den han": "/denhan",
    "den han": "/denhan",
    "nhap ho": "/nhapho",
    "ghi ho": "/nhapho",
    "tin kin": "/tinkin",
}
_CLAIM = re.compile(  # four letters, four letters, at least one figure: no two words are taken for a code
    r"(?:gắn|gan)(?: (?:mã|ma))?[ :]+(?=[a-z -]*\d)([2-9a-z]{4}[ -]?[2-9a-z]{4})", re.IGNORECASE
)
_LONGEST_VERB = 4  # words
_BUTTON = re.compile(r"(PA\d{2}-\d{4,6}-\d)(?: (\d{1,9}))?(?: #(\d{1,9}))?")
_CASE = re.compile(
    r"(?:pa\s?[-.]?\s?\d{2}\s?[-. ]\s?\d{4,6}\s?[-. ]\s?\d|(?:pa\s?\d{2}\s?[-. ]\s?)?\d{3,6}(?:[-.]\d)?)"
    r"(?=[\s:,;.]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What stands behind a command: the case, its version on a button, a person's id, or free words."""

    case: Named
    version: int | None = None
    person: int | None = None
    rest: str = ""


def order(argument: str) -> Order | None:
    """Read "PA26-0417-7 3" of a button, or "0417 đã rào" as typed; None when no case is named.

    >>> order("0417 đã rào").rest
    'đã rào'
    """
    pressed = _BUTTON.fullmatch(argument)
    head = pressed or _CASE.match(argument)
    case = codes.named(pressed[1] if pressed else head[0]) if head else None
    if head is None or case is None:
        return None
    if pressed is None:
        return Order(case=case, rest=argument[head.end() :].lstrip(" :,;.-–").strip())
    version, person = pressed[2], pressed[3]
    return Order(case=case, version=int(version) if version else None, person=int(person) if person else None)


def command(text: str) -> str:
    """Return the command typed words stand for, or nothing.

    >>> command("Nhận 0417"), command("việc của tổ"), command("nhận con nuôi")
    ('/nhan 0417', '/viecto', '')
    """
    whole = WHOLE.get(fold(text).strip(" .!?"))
    if whole:
        return whole
    for count in range(_LONGEST_VERB, 0, -1):
        parts = text.split(maxsplit=count)
        if len(parts) > count and _CASE.match(parts[count]):
            verb = VERBS.get(fold(" ".join(parts[:count])))
            if verb:
                return f"{verb} {parts[count]}"
    return ""


def claim(text: str) -> str:
    """Return the command "gắn K7QX-9M2P" stands for, said of a resident's code at the desk, or nothing.

    >>> claim("gan ma k7qx 9m2p"), claim("gắn thêm bảng")
    ('/gan k7qx9m2p', '')
    """
    found = _CLAIM.fullmatch(" ".join(text.split()).strip(" ."))
    return "/gan " + re.sub(r"\W", "", found[1]) if found else ""


def is_whole(command: str) -> bool:
    """Tell whether *command* is an order and nothing but one: a whole code behind it, or none needed."""
    word, _, argument = command.partition(" ")
    return word in WHOLE.values() or _BUTTON.fullmatch(argument.upper()) is not None


def caption(text: str) -> Named | None:
    """Return the case the words beside a photo name: a whole code, or nothing but a number."""
    found = codes.named(text)
    if found is None:
        return None
    bare = _CASE.fullmatch(text.strip())
    return found if bare or found.check is not None else None
