"""Gapless numbers per series, safe when many ask at once."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.dialect import insert_new
from records.tables import Counter


async def count(db: AsyncSession, series: str) -> int:
    """Return the next number of *series*; a transaction that is rolled back gives it back."""
    await insert_new(db, Counter, {"series": series, "last": 0})
    row = (await db.exec(select(Counter).where(col(Counter.series) == series).with_for_update())).one()
    row.last += 1
    db.add(row)
    await db.flush()
    return row.last


async def last(db: AsyncSession, series: str) -> int:
    """Return the last number given, 0 if none was."""
    return (await db.exec(select(Counter.last).where(col(Counter.series) == series))).first() or 0
