"""Open cases that may be the same one: of the same field, close by or at a place with the same name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from feedback.states import OPEN
from knowledge.fold import fold
from knowledge.places import Point, metres_between
from records.cases import Feedback

NEAR_M = 120  # metres between two pins of one thing: phones err by tens of metres between houses
SAME_PLACE = 88  # of 100: the names of two places, folded
RECENT = timedelta(days=30)
MOST = 3


@dataclass(frozen=True, kw_only=True)
class Spot:
    """What two reports are compared by."""

    category: str
    place: str
    quarter: str
    point: Point | None


async def near(db: AsyncSession, spot: Spot, now: datetime) -> list[tuple[Feedback, int | None]]:
    """Return open cases like *spot*, the nearest first, with the metres between if both have a pin."""
    found = await db.exec(
        select(Feedback)
        .where(
            col(Feedback.category) == spot.category,
            col(Feedback.state).in_(sorted(OPEN)),
            col(Feedback.discreet).is_(False),
            col(Feedback.taken_at) > now - RECENT,
        )
        .order_by(col(Feedback.id).desc())
        .limit(200)
    )
    close = [
        (case, metres)
        for case in found.all()
        for metres in [_metres(case, spot)]
        if _same(case, spot, metres)
    ]
    close.sort(key=lambda pair: NEAR_M if pair[1] is None else pair[1])
    return close[:MOST]


async def to(db: AsyncSession, case: Feedback) -> list[Feedback]:
    """Return other open cases like *case*."""
    spot = Spot(category=case.category, place=case.place, quarter=case.quarter, point=_point(case))
    return [other for other, _ in await near(db, spot, case.taken_at) if other.id != case.id]


def _same(case: Feedback, spot: Spot, metres: int | None) -> bool:
    if metres is not None:
        return metres <= NEAR_M
    if not case.place or not spot.place or (case.quarter and spot.quarter and case.quarter != spot.quarter):
        return False
    return fuzz.token_sort_ratio(fold(case.place), fold(spot.place)) >= SAME_PLACE


def _metres(case: Feedback, spot: Spot) -> int | None:
    point = _point(case)
    return None if point is None or spot.point is None else round(metres_between(point, spot.point))


def _point(case: Feedback) -> Point | None:
    if case.latitude is None or case.longitude is None:
        return None
    return Point(case.latitude, case.longitude)
