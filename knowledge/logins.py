"""A login made from a person's name, as the ward's files write it."""

import re
from typing import Final

from knowledge.fold import fold

LONGEST: Final = 60  # letters; the table keeps no more
FORM: Final = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*")
_BESIDE = re.compile(r"\([^)]*\)")
_PARTS = re.compile(r"[a-z0-9]+")


def login_of(name: str) -> str:
    """Return the login of *name*: no marks, joined by dots, without what stands in brackets.

    >>> login_of("Cao Xuân Khang"), login_of("Trạm Y tế (trực)")
    ('cao.xuan.khang', 'tram.y.te')
    """
    login = ".".join(_PARTS.findall(fold(_BESIDE.sub(" ", name))))
    return login if len(login) <= LONGEST else login[:LONGEST].rpartition(".")[0]
