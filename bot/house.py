"""As much of the office as its public doors need: `bot.app.Office` is one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.settings import Settings
from feedback.work import Work
from knowledge.concerns import Concerns
from knowledge.ward import Ward
from records.database import Database
from records.media import MediaStore
from records.tables import ChannelName


class Known(Protocol):
    """What the house looks up."""

    ward: Ward
    concerns: Concerns


class Wakes(Protocol):
    """Whoever sends what has just been put in the outbox."""

    def wake(self) -> None:
        """Look again now."""
        ...


class House(Protocol):
    """The office, seen from a door that is open to everybody."""

    settings: Settings
    database: Database
    media: MediaStore

    @property
    def clock(self) -> Callable[[], datetime]:
        """Return what tells the present moment."""
        ...

    @property
    def shelf(self) -> Known:
        """Return the ward's own pages and the fields of reports."""
        ...

    @property
    def senders(self) -> Mapping[ChannelName, Wakes]:
        """Return who sends on which channel."""
        ...

    def work(self, db: AsyncSession, now: datetime) -> Work:
        """Return what an act on a case works with."""
        ...
