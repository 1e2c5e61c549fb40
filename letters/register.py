"""The register of outgoing letters: a number a year without gaps, and a code that proves a letter.

Both are given in the transaction that signs; rolled back, the number is free again.
"""

import re
import secrets
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import counters
from records.letters import Letter

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that can be misread: no 0, 1, I, O
HALF: Final = 4  # letters on each side of the dash: 40 bits together
_CODE: Final = re.compile(rf"([{ALPHABET}]{{{HALF}}})[ .-]?([{ALPHABET}]{{{HALF}}})")
TRIES: Final = 5


async def number(db: AsyncSession, year: int) -> int:
    """Return the next number of *year*; two who ask at once wait for each other."""
    return await counters.count(db, f"letters:{year}")


async def fresh_code(db: AsyncSession) -> str:
    """Return a code no letter has, such as "7F3K-9QX2"."""
    for _ in range(TRIES):
        code = f"{_half()}-{_half()}"
        if (await db.exec(select(Letter.id).where(col(Letter.check_code) == code))).first() is None:
            return code
    raise LookupError("no free check code: the register cannot be that full")


def code_in(text: str) -> str | None:
    """Return the code somebody typed, however they wrote it, or None.

    >>> code_in("xm 7f3k 9qx2")
    '7F3K-9QX2'
    """
    bare = text.strip().upper().removeprefix("XM").strip(" .:-")
    found = _CODE.fullmatch(bare)
    return f"{found[1]}-{found[2]}" if found else None


async def by_code(db: AsyncSession, code: str) -> Letter | None:
    """Return the letter with this code."""
    return (await db.exec(select(Letter).where(col(Letter.check_code) == code))).first()


def _half() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(HALF))
