"""The append-only history: who did what to which object, and when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from records.tables import Trace


async def leave(
    db: AsyncSession, *, who: str, what: str, on: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """Add one line. *detail* holds ids and numbers, never names or texts of residents."""
    db.add(Trace(who=who[:150], what=what[:60], object=on[:200], detail=dict(detail), at=now))
    await db.flush()
