"""The register of what people ask about their data, as those who answer look through it."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import DataRequest

_LINK = "link:"  # how a request keeps the seal of a one-time link; nothing to be read


async def listed(
    db: AsyncSession, *, done: bool, kind: str = "", most: int = 30, skip: int = 0
) -> list[DataRequest]:
    """Return requests: those that wait, the most pressing first; or those that are done, the newest first."""
    query = select(DataRequest).where(
        col(DataRequest.done_at).is_not(None) if done else col(DataRequest.done_at).is_(None)
    )
    query = query.where(col(DataRequest.kind) == kind) if kind else query
    order = (col(DataRequest.id).desc(),) if done else (col(DataRequest.due_at), col(DataRequest.id))
    return list((await db.exec(query.order_by(*order).limit(most).offset(skip))).all())


def words_of(row: DataRequest) -> str:
    """Return what somebody wrote with a request, or ""."""
    said = row.detail or ""
    return "" if said.startswith(_LINK) else said
