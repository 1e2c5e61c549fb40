"""How the channels and the clockwork are right now: tokens, gates, queues, what came in last, jobs cut off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import DataRequest
from records.tables import (
    ChannelName,
    ChannelToken,
    Delivery,
    DeliveryState,
    Gate,
    JobRun,
    Received,
    UnansweredQuestion,
)

SLOW: Final = timedelta(minutes=10)  # a delivery due so long, or a job that has not ended: something is stuck
DAY: Final = timedelta(hours=24)
LATEST: Final = 2_000  # messages looked at for when a channel was last heard
BACKUP: Final = "backup"  # a job of this name, where one is on the timetable


@dataclass(frozen=True, kw_only=True)
class Road:
    """One channel. `oldest_due` is since when its longest waiting delivery has been due."""

    channel: ChannelName
    token_until: datetime | None = None
    token_trouble: str = ""
    closed_until: datetime | None = None
    closed_why: str = ""
    oldest_due: datetime | None = None
    heard_at: datetime | None = None

    def is_ill(self, now: datetime) -> bool:
        """Tell whether somebody must act, or nothing leaves at all."""
        worn_out = self.token_until is not None and self.token_until <= now
        stuck = self.oldest_due is not None and now - self.oldest_due > SLOW
        return bool(self.token_trouble) or worn_out or self.closed_until is not None or stuck


@dataclass(frozen=True, kw_only=True)
class CutOff:
    """A job that began and never said that it ended; `times` in a day."""

    name: str
    times: int
    last: datetime


async def roads(db: AsyncSession, channels: Sequence[ChannelName], now: datetime) -> list[Road]:
    """Return how each of *channels* is, in four questions."""
    tokens = {row.channel: row for row in (await db.exec(select(ChannelToken))).all()}
    gates = {row.channel: row for row in (await db.exec(select(Gate))).all()}
    oldest, heard = await _oldest(db, now), await _heard(db)
    return [
        _road(
            tokens.get(one),
            gates.get(one),
            Road(channel=one, oldest_due=oldest.get(one), heard_at=heard.get(one)),
            now,
        )
        for one in channels
    ]


def _road(token: ChannelToken | None, gate: Gate | None, bare: Road, now: datetime) -> Road:
    shut = gate is not None and gate.closed_until is not None and gate.closed_until > now
    return replace(
        bare,
        token_until=token.expires_at if token is not None else None,
        token_trouble=(token.trouble or "") if token is not None else "",
        closed_until=gate.closed_until if gate is not None and shut else None,
        closed_why=(gate.why or "") if gate is not None and shut else "",
    )


async def _oldest(db: AsyncSession, now: datetime) -> dict[ChannelName, datetime]:
    found = await db.exec(
        select(Delivery.channel, func.min(Delivery.due_at))
        .where(
            col(Delivery.channel).in_(list(ChannelName)),  # so that the index is of use
            col(Delivery.state) == DeliveryState.QUEUED,
            col(Delivery.due_at) <= now,
        )
        .group_by(col(Delivery.channel))
    )
    return {ChannelName(channel): at for channel, at in found.all()}


async def _heard(db: AsyncSession) -> dict[ChannelName, datetime]:
    latest = (
        select(Received.channel, Received.received_at)
        .order_by(col(Received.id).desc())
        .limit(LATEST)
        .subquery()
    )
    found = await db.exec(select(latest.c.channel, func.max(latest.c.received_at)).group_by(latest.c.channel))
    return {ChannelName(channel): at for channel, at in found.all()}


async def doubtful(db: AsyncSession) -> int:
    """Return how many deliveries wait for a person to say whether they arrived."""
    found = await db.exec(
        select(func.count())
        .select_from(Delivery)
        .where(col(Delivery.channel).in_(list(ChannelName)), col(Delivery.state) == DeliveryState.DOUBTFUL)
    )
    return found.one()


async def unanswered(db: AsyncSession, now: datetime) -> tuple[int, int]:
    """Return how many questions the catalogue could not answer, and how many of them were asked within a week."""
    week = col(UnansweredQuestion.last_at) > now - 7 * DAY
    found = await db.exec(select(func.count(), func.count().filter(week)).select_from(UnansweredQuestion))
    return found.one()


async def requests(db: AsyncSession, now: datetime) -> tuple[int, int, datetime | None]:
    """Return how many requests about personal data wait, how many of them too long, and the next deadline."""
    late = func.count().filter(col(DataRequest.due_at) < now)
    found = await db.exec(
        select(func.count(), late, func.min(DataRequest.due_at))
        .select_from(DataRequest)
        .where(col(DataRequest.done_at).is_(None))
    )
    return found.one()


async def cut_off(db: AsyncSession, now: datetime) -> list[CutOff]:
    """Return the jobs that failed or were cut off within a day."""
    found = await db.exec(
        select(JobRun.name, func.count(), func.max(JobRun.started_at))
        .where(
            col(JobRun.ended_at).is_(None),
            col(JobRun.started_at) > now - DAY,
            col(JobRun.started_at) < now - SLOW,
        )
        .group_by(col(JobRun.name))
        .order_by(col(JobRun.name))
    )
    return [CutOff(name=name, times=times, last=last) for name, times, last in found.all()]


async def backed_up(db: AsyncSession) -> datetime | None:
    """Return when a backup ended last, if the timetable makes them."""
    found = await db.exec(select(func.max(JobRun.ended_at)).where(col(JobRun.name) == BACKUP))
    return found.one()
