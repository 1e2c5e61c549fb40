"""Points on the ground and the few sums over them: distance, inside or outside, sound rings.

A ward is small: inside it the earth is flat, so rings and lines are compared in degrees and
only distances are taken on the sphere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius, IUGG
# With Hoàng Sa and Trường Sa, whose communes are wards' equals.
LATITUDES: Final = (6.0, 24.0)
LONGITUDES: Final = (102.0, 118.0)
ON_EDGE: Final = 1e-9  # degrees, a tenth of a millimetre: what floating point may lose


@dataclass(frozen=True)
class Point:
    """A place in degrees, WGS 84."""

    latitude: float
    longitude: float

    @property
    def in_vietnam(self) -> bool:
        """Tell whether it lies in the span of Vietnam's coordinates; NaN does not."""
        return (
            LATITUDES[0] <= self.latitude <= LATITUDES[1] and LONGITUDES[0] <= self.longitude <= LONGITUDES[1]
        )


def metres_between(a: Point, b: Point) -> float:
    """Return the distance over ground, by the haversine; of what is no place, infinity.

    >>> round(metres_between(Point(15.9, 108.0), Point(15.901, 108.0)))
    111
    """
    if not all(map(math.isfinite, (a.latitude, a.longitude, b.latitude, b.longitude))):
        return math.inf
    north, south = math.radians(a.latitude), math.radians(b.latitude)
    turn = math.radians(b.longitude - a.longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(turn / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def within(point: Point, ring: Sequence[Point]) -> bool:
    """Tell whether *point* lies in closed *ring* by the even-odd rule; on the edge is inside."""
    if not point.in_vietnam:
        return False
    inside = False
    for a, b in pairwise(ring):
        if _on_segment(point, a, b):
            return True
        if (a.latitude > point.latitude) != (b.latitude > point.latitude):
            share = (point.latitude - a.latitude) / (b.latitude - a.latitude)
            inside ^= point.longitude < a.longitude + share * (b.longitude - a.longitude)
    return inside


def metres_to_line(point: Point, line: Sequence[Point]) -> float:
    """Return how far *point* is from the nearest spot of polyline *line*."""
    return min((metres_between(point, nearest(point, a, b)) for a, b in pairwise(line)), default=math.inf)


def nearest(point: Point, a: Point, b: Point) -> Point:
    """Return the spot of segment *a*-*b* that is nearest to *point*."""
    shrink = math.cos(math.radians(a.latitude))  # a degree of longitude is shorter than one of latitude
    east, north = (b.longitude - a.longitude) * shrink, b.latitude - a.latitude
    length = east * east + north * north
    away = (point.longitude - a.longitude) * shrink * east + (point.latitude - a.latitude) * north
    share = min(1.0, max(0.0, away / length)) if length else 0.0
    return Point(
        a.latitude + share * (b.latitude - a.latitude), a.longitude + share * (b.longitude - a.longitude)
    )


def middle(line: Sequence[Point]) -> Point:
    """Return the spot half-way along polyline *line*."""
    left = sum(metres_between(a, b) for a, b in pairwise(line)) / 2
    for a, b in pairwise(line):
        step = metres_between(a, b)
        if step and left <= step:
            share = left / step
            return Point(
                a.latitude + share * (b.latitude - a.latitude),
                a.longitude + share * (b.longitude - a.longitude),
            )
        left -= step
    return line[-1]


def crosses_itself(ring: Sequence[Point]) -> bool:
    """Tell whether closed *ring* meets itself anywhere but where one side ends and the next begins."""
    sides = list(pairwise(ring))
    last = len(sides) - 1
    for i, (a, b) in enumerate(sides):
        for j in range(i + 1, len(sides)):
            c, d = sides[j]
            if j == i + 1:
                meets = _folds_back(a, b, d)
            elif i == 0 and j == last:
                meets = _folds_back(c, d, b)
            else:
                meets = _meet(a, b, c, d)
            if meets:
                return True
    return False


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return twice the area of a-b-c: above 0 to the left, 0 in one line."""
    return (b.longitude - a.longitude) * (c.latitude - a.latitude) - (b.latitude - a.latitude) * (
        c.longitude - a.longitude
    )


def _on_segment(point: Point, a: Point, b: Point) -> bool:
    low, high = sorted((a.latitude, b.latitude))
    west, east = sorted((a.longitude, b.longitude))
    if not (low - ON_EDGE <= point.latitude <= high + ON_EDGE):
        return False
    if not (west - ON_EDGE <= point.longitude <= east + ON_EDGE):
        return False
    length = math.hypot(b.latitude - a.latitude, b.longitude - a.longitude)
    return abs(_turn(a, b, point)) <= ON_EDGE * max(length, ON_EDGE)


def _folds_back(a: Point, b: Point, c: Point) -> bool:
    """Tell whether side b-c runs back over side a-b."""
    return _on_segment(c, a, b) or _on_segment(a, b, c)


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    if _on_segment(a, c, d) or _on_segment(b, c, d) or _on_segment(c, a, b) or _on_segment(d, a, b):
        return True
    return (_turn(a, b, c) > 0) != (_turn(a, b, d) > 0) and (_turn(c, d, a) > 0) != (_turn(c, d, b) > 0)
