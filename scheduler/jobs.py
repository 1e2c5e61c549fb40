"""The timetable. A job asks "what is still undone?"; it may run twice, and may be missed once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from feedback import alerts, erasure, ladder, own_data
from feedback.work import Work
from knowledge.calendar import Calendar, here
from knowledge.concerns import Concerns
from knowledge.ward import Ward
from letters import broadcast, drafting, occasions, release
from letters.work import Work as LetterWork
from letters.work import on_duty
from records import outbox, retention, sessions, shredder
from records.database import Database
from records.media import MediaStore
from scheduler import dossiers


class Shelf(Protocol):
    """What the ward says about itself."""

    @property
    def ward(self) -> Ward:
        """Return the ward's pages."""
        ...

    @property
    def calendar(self) -> Calendar:
        """Return its working time."""
        ...

    @property
    def concerns(self) -> Concerns:
        """Return what residents report, and by when each is answered."""
        ...


class Desk(Protocol):
    """What the jobs work with; the composition root provides it."""

    database: Database
    media: MediaStore

    @property
    def shelf(self) -> Shelf:
        """Return what the ward says about itself now."""
        ...

    async def refresh_catalogue(self) -> int:
        """Take the newest edition into use."""
        ...

    async def refresh_content(self) -> int:
        """Take the newest pages of the ward into use."""
        ...

    async def fetch_attachments(self, now: datetime) -> int:
        """Bring in photos residents sent."""
        ...

    async def tell_signers(self, now: datetime) -> int:
        """Tell who checks and signs letters what waits for them."""
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


async def cases(desk: Desk, now: datetime) -> int:
    """Warn of deadlines, hand on what nobody claimed, let answered cases rest."""
    async with desk.database.reading() as db:
        due = await ladder.waiting(_work(desk, db, now))
    told = 0
    for number in due:
        async with desk.database.writing() as db:
            told += await ladder.look(_work(desk, db, now), number)
    async with desk.database.writing() as db:
        return told + await alerts.call_instead(_work(desk, db, now))


def _work(desk: Desk, db: AsyncSession, now: datetime) -> Work:
    shelf = desk.shelf
    return Work(db=db, ward=shelf.ward, concerns=shelf.concerns, calendar=shelf.calendar, now=now)


async def consider(desk: Desk, now: datetime) -> int:
    """Draft letters for what has happened."""
    async with desk.database.writing() as db:
        return await drafting.consider(on_duty(db, now))


async def letters(desk: Desk, now: datetime) -> int:
    """Bring signed letters and greetings on their way, and to rest."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[LetterWork]:
        async with desk.database.writing() as db:
            yield on_duty(db, now)

    moved = 0
    for step in (release.release, broadcast.rest, release.settle):
        async with opened() as work:
            moved += await step(work)
    return moved + await broadcast.push(opened)


async def greetings(desk: Desk, now: datetime) -> int:
    """Draft the greetings of the days that come."""
    async with desk.database.writing() as db:
        return await occasions.draft_greetings(on_duty(db, now))


async def signers(desk: Desk, now: datetime) -> int:
    """Tell clerks and signers in the morning which letters wait for them."""
    return await desk.tell_signers(now)


async def due_soon(desk: Desk, now: datetime) -> int:
    """Note dossiers that will be late, before they are."""
    async with desk.database.writing() as db:
        return await dossiers.due_soon(_work(desk, db, now))


async def overdue(desk: Desk, now: datetime) -> int:
    """Note dossiers that are late: the net below `due_soon`."""
    async with desk.database.writing() as db:
        return await dossiers.overdue(_work(desk, db, now))


async def results(desk: Desk, now: datetime) -> int:
    """Tell who waits that their result is there."""
    async with desk.database.writing() as db:
        return await dossiers.result_ready(_work(desk, db, now))


async def edition(desk: Desk, _: datetime) -> int:
    """Take a newly published catalogue, and newly published pages of the ward, into use."""
    return await desk.refresh_catalogue() + await desk.refresh_content()


async def tokens(desk: Desk, now: datetime) -> int:
    """Renew channel tokens near their end."""
    return await desk.renew_tokens(now)


async def shred(desk: Desk, _: datetime) -> int:
    """Destroy files that were forgotten and are still there."""
    return await shredder.shred(desk.database, desk.media)


async def rights(desk: Desk, now: datetime) -> int:
    """Warn of requests about personal data whose two working days run out."""
    async with desk.database.writing() as db:
        return await own_data.warn(_work(desk, db, now))


async def forget(desk: Desk, now: datetime) -> int:
    """Blank texts, cases and files past their time, and clean the database file of them."""
    days = desk.retention_days()
    async with desk.database.writing() as db:
        forgotten = sum((await retention.forget_old(db, now, **days)).values())
        forgotten += await sessions.forget(db, now)
    async with desk.database.writing() as db:
        work = _work(desk, db, now)
        await erasure.forget_old(work, case_days=days["case_days"], photo_days=days["photo_days"])
    await shredder.sweep(desk.database, desk.media, now, days["stray_days"])
    await desk.database.scrub(whole=True)
    return forgotten


JOBS: tuple[Job, ...] = (
    Job(name="settle", run=settle, every=timedelta(seconds=20)),
    Job(name="fetch", run=fetch, every=timedelta(seconds=20)),
    Job(name="cases", run=cases, every=timedelta(minutes=1)),
    Job(name="consider", run=consider, every=timedelta(minutes=5)),
    Job(name="letters", run=letters, every=timedelta(minutes=1)),
    Job(name="greetings", run=greetings, at=time(0, 5)),
    Job(name="signers", run=signers, at=time(7, 30)),
    Job(name="results", run=results, every=timedelta(minutes=1)),
    Job(name="due_soon", run=due_soon, at=time(7, 30)),
    Job(name="overdue", run=overdue, at=time(7, 30)),
    Job(name="shred", run=shred, every=timedelta(seconds=20)),
    Job(name="rights", run=rights, every=timedelta(minutes=10)),
    Job(name="edition", run=edition, every=timedelta(seconds=30), everywhere=True),
    Job(name="tokens", run=tokens, every=timedelta(hours=1)),
    Job(name="forget", run=forget, at=time(2, 30)),
)
