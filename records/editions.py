"""Published editions of the catalogue: appended, never changed; the newest one counts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import trace
from records.tables import CatalogueEdition


async def publish(
    db: AsyncSession, document: str, procedures: int, by: str, now: datetime
) -> CatalogueEdition:
    """Keep *document* as the newest edition."""
    row = CatalogueEdition(
        document=document,
        sha256=hashlib.sha256(document.encode()).hexdigest(),
        procedures=procedures,
        published_by=by[:100],
        published_at=now,
    )
    db.add(row)
    await db.flush()
    detail = {"procedures": procedures}
    await trace.leave(db, who=by, what="publish", on=f"edition:{row.id}", detail=detail, now=now)
    return row


@dataclass(frozen=True, kw_only=True)
class Line:
    """An edition without its cards."""

    id: int
    procedures: int
    published_by: str
    published_at: datetime


async def listed(db: AsyncSession, limit: int = 100) -> list[Line]:
    """Return the editions without their documents, the newest first."""
    kind = CatalogueEdition
    asked = select(kind.id, kind.procedures, kind.published_by, kind.published_at)
    found = await db.exec(asked.order_by(col(kind.id).desc()).limit(limit))
    return [Line(id=a or 0, procedures=b, published_by=c, published_at=d) for a, b, c, d in found.all()]


async def before(db: AsyncSession, number: int) -> CatalogueEdition | None:
    """Return the edition that counted until *number* was published; None for the first."""
    asked = select(CatalogueEdition).where(col(CatalogueEdition.id) < number)
    return (await db.exec(asked.order_by(col(CatalogueEdition.id).desc()).limit(1))).first()


async def newest_id(db: AsyncSession) -> int:
    """Return the number of the newest edition; 0 while the bundled catalogue serves."""
    found = await db.exec(select(CatalogueEdition.id).order_by(col(CatalogueEdition.id).desc()).limit(1))
    return found.first() or 0


async def newest(db: AsyncSession) -> CatalogueEdition | None:
    """Return the newest edition, if any was published."""
    found = await db.exec(select(CatalogueEdition).order_by(col(CatalogueEdition.id).desc()).limit(1))
    return found.first()
