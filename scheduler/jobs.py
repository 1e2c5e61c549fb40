"""The timetable. A job asks "what is still undone?"; it may run twice, and may be missed once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from knowledge.calendar import here
from records import outbox, retention
from records.database import Database


class Desk(Protocol):
    """What the jobs work with; the composition root provides it."""

    database: Database

    async def refresh_catalogue(self) -> int:
        """Take the newest edition into use."""
        ...

    async def fetch_attachments(self, now: datetime) -> int:
        """Bring in photos residents sent."""
        ...

    async def renew_tokens(self, now: datetime) -> int:
        """Renew channel tokens before they wear out."""
        ...

    def retention_days(self) -> dict[str, int]:
        """Return for how long what is kept."""
        ...


@dataclass(frozen=True, kw_only=True)
class Job:
    """One line of the timetable: every so often, or daily `at` an hour of the ward's clock.

    `everywhere` means that each instance runs it for itself.
    """

    name: str
    run: Callable[[Desk, datetime], Awaitable[int]]
    every: timedelta = timedelta(days=1)
    at: time | None = None
    everywhere: bool = False

    def slot(self, now: datetime) -> str:
        """Name the tick that *now* belongs to: the same name runs once."""
        local = here(now)
        if self.at is not None:
            day = local.date() if local.time() >= self.at else local.date() - timedelta(days=1)
            return day.isoformat()
        return str(int(now.timestamp() // self.every.total_seconds()))


async def settle(desk: Desk, now: datetime) -> int:
    """Decide about deliveries whose sender died."""
    async with desk.database.writing() as db:
        return await outbox.release_expired(db, now)


async def fetch(desk: Desk, now: datetime) -> int:
    """Bring in photos and voice notes that are not here yet."""
    return await desk.fetch_attachments(now)


async def edition(desk: Desk, _: datetime) -> int:
    """Take a newly published catalogue into use."""
    return await desk.refresh_catalogue()


async def tokens(desk: Desk, now: datetime) -> int:
    """Renew channel tokens near their end."""
    return await desk.renew_tokens(now)


async def forget(desk: Desk, now: datetime) -> int:
    """Blank texts and drop keys past their time."""
    days = desk.retention_days()
    async with desk.database.writing() as db:
        return sum((await retention.forget_old(db, now, **days)).values())


JOBS: tuple[Job, ...] = (
    Job(name="settle", run=settle, every=timedelta(seconds=20)),
    Job(name="fetch", run=fetch, every=timedelta(seconds=20)),
    Job(name="edition", run=edition, every=timedelta(seconds=30), everywhere=True),
    Job(name="tokens", run=tokens, every=timedelta(hours=1)),
    Job(name="forget", run=forget, at=time(2, 30)),
)
