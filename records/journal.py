"""Reading the sealed history: what was done, by whom, to what, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.tables import Trace

COUNTED: Final = 10_000  # lines are counted no further


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines: an empty word, or None, asks for all. `since` is included, `before` is not."""

    who: str = ""
    what: str = ""  # its beginning: "letter" is every act on letters
    on: str = ""
    since: datetime | None = None
    before: datetime | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """Return it as a question to the table."""
        return [
            *([col(Trace.who) == self.who] if self.who else []),
            *([col(Trace.what).startswith(self.what, autoescape=True)] if self.what else []),
            *([col(Trace.object) == self.on] if self.on else []),
            *([col(Trace.at) >= self.since] if self.since else []),
            *([col(Trace.at) < self.before] if self.before else []),
        ]


async def find(db: AsyncSession, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Trace]:
    """Return the lines wanted, the newest first."""
    found = await db.exec(
        select(Trace).where(*wanted.clauses()).order_by(col(Trace.id).desc()).limit(limit).offset(offset)
    )
    return list(found.all())


async def count(db: AsyncSession, wanted: Wanted) -> int:
    """Return how many lines are wanted, at most `COUNTED`."""
    some = select(Trace.id).where(*wanted.clauses()).limit(COUNTED).subquery()
    return (await db.exec(select(func.count()).select_from(some))).one()
