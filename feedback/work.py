"""What every act on a case works with."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.calendar import Calendar
from knowledge.concerns import Concerns
from knowledge.ward import Ward


@dataclass(frozen=True, kw_only=True)
class Work:
    """One transaction, and what the ward says about itself. `now` is the moment of the act."""

    db: AsyncSession
    ward: Ward
    concerns: Concerns
    calendar: Calendar
    now: datetime
