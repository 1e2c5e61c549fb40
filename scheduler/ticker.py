"""The only module that keeps time: rings every job, and lets each tick run once in the whole house."""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import update
from sqlmodel import col

from knowledge.calendar import HERE
from records.dialect import insert_new
from records.tables import JobRun
from scheduler.jobs import JOBS, Desk, Job

log = logging.getLogger(__name__)


class Ticker:
    """Rings the timetable until stopped."""

    def __init__(self, desk: Desk, *, clock: Callable[[], datetime], jobs: Sequence[Job] = JOBS) -> None:
        self._desk = desk
        self._clock = clock
        self._jobs = jobs
        self._scheduler = AsyncIOScheduler(
            timezone=HERE, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def start(self) -> None:
        """Begin to ring."""
        for job in self._jobs:
            self._scheduler.add_job(self.ring, _trigger(job), args=[job], id=job.name)
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more; a job that runs is cut off and made good by the next tick."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def ring(self, job: Job) -> int | None:
        """Run *job* for this tick, unless another instance already did; None then, or on failure."""
        now = self._clock()
        try:
            return await run_once(self._desk, job, now, self._clock)
        except Exception:  # one job's trouble must not stop the clock; it is told by its code
            log.exception("job %s: SC-%s", job.name, secrets.token_hex(3).upper())
            return None


async def run_once(
    desk: Desk, job: Job, now: datetime, clock: Callable[[], datetime] | None = None
) -> int | None:
    """Run *job* if its slot is still free; return what it did, None when somebody else had it.

    *clock* tells when it ended; without one that is *now*, as if no time had passed.
    """
    if job.everywhere:
        return await job.run(desk, now)
    slot = job.slot(now)
    async with desk.database.writing() as db:
        taken = await insert_new(db, JobRun, {"name": job.name, "slot": slot, "started_at": now})
    if not taken:
        return None
    did = await job.run(desk, now)
    async with desk.database.writing() as db:
        await (await db.connection()).execute(
            update(JobRun)
            .where(col(JobRun.name) == job.name, col(JobRun.slot) == slot)
            .values(ended_at=clock() if clock else now)
        )
    return did


def _trigger(job: Job) -> CronTrigger | IntervalTrigger:
    if job.at is not None:
        return CronTrigger(hour=job.at.hour, minute=job.at.minute, timezone=HERE)
    return IntervalTrigger(seconds=int(job.every.total_seconds()), timezone=HERE)
