"""How often residents asked, by day: counts without any identity, for the ward's reports."""

import zlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.tables import Address, ChannelName, DayCount

PARTS: Final = 16  # rows a day's count is spread over: people who ask at once need not wait for each other


async def count(db: AsyncSession, what: str, who: Address, day: date) -> None:
    """Count that *what* happened once more on *day*."""
    part = zlib.crc32(who.user.encode()) % PARTS
    row = {"day": day, "what": what, "channel": who.channel, "part": part, "times": 1}
    await (await db.connection()).execute(_once_more(db.get_bind().dialect.name), row)


@cache
def _once_more(dialect: str) -> Insert:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(DayCount)
    found: Insert = statement.on_conflict_do_update(
        index_elements=["day", "what", "channel", "part"], set_={"times": col(DayCount.times) + 1}
    )
    return found


async def totals(
    db: AsyncSession, beginning: str, first: date, last: date
) -> Mapping[tuple[str, ChannelName], int]:
    """Return how often things whose name begins so happened from *first* to *last*, both included."""
    found = await db.exec(
        select(DayCount.what, DayCount.channel, func.sum(col(DayCount.times)))
        .where(
            col(DayCount.day) >= first,
            col(DayCount.day) <= last,
            col(DayCount.what).startswith(beginning, autoescape=True),
        )
        .group_by(col(DayCount.what), col(DayCount.channel))
    )
    return {(what, ChannelName(channel)): int(times) for what, channel, times in found.all()}


async def since(db: AsyncSession) -> date | None:
    """Return the first day anything was counted."""
    return (await db.exec(select(func.min(DayCount.day)))).one()
