"""The ward on the map: boundary, quarters, streets, landmarks, and the wards around it.

`posting_places` reads it from places.toml; `ground` does the sums; `whereabouts` reads words.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from knowledge.board import Checked
from knowledge.desks import UNCHECKED
from knowledge.fold import opening
from knowledge.ground import Point, metres_between, metres_to_line, middle, within
from knowledge.typed import words_of
from knowledge.whereabouts import ALLEYS, Gazetteer, Name

__all__ = [
    "Found",
    "Landmark",
    "Neighbour",
    "Places",
    "Point",
    "Quarter",
    "Street",
    "metres_between",
]

NEAR_STREET_M: Final = 150.0  # farther from any street a pin is only "in the quarter"
AT_STREET_M: Final = 50.0  # what a telephone's position is usually good for between houses
OWN_WORDS: Final = 200  # letters of the resident that are kept


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """A residential quarter; `head` is the office of its board, never a person."""

    code: str
    name: str
    words: tuple[str, ...]
    head: str
    centre: Point


@dataclass(frozen=True, kw_only=True)
class Street:
    """A street or an alley ("Lê Lợi", "hẻm 84 Nguyễn Trãi") and the line it runs along."""

    name: str
    quarters: tuple[str, ...]
    words: tuple[str, ...]
    points: tuple[Point, ...]

    @property
    def shown(self) -> str:
        """Return the name as it stands in an address."""
        return self.name if self.is_alley else f"đường {self.name}"

    @property
    def is_alley(self) -> bool:
        """Tell whether it is an alley: short enough to be one spot."""
        first = words_of(self.name)[:1]
        return bool(first) and first[0][0] in ALLEYS


@dataclass(frozen=True, kw_only=True)
class Landmark:
    """A place everybody knows."""

    name: str
    quarter: str
    words: tuple[str, ...]
    point: Point


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """The ward next door; `contact` says where to write or call."""

    name: str
    contact: str
    boundary: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A place that was understood; `text` is shown, in the resident's own words if there are any.

    `quarter` is a code or "". `exact` when one could walk there: a pin by a street, a house
    number, an alley, a landmark. `point` is given only for a pin, an alley or a landmark;
    `metres` are from a pin to `street`. A `street` the ward does not list is "".
    """

    text: str
    quarter: str
    point: Point | None
    metres: float | None
    exact: bool
    street: str = ""


@dataclass(frozen=True, kw_only=True)
class Places:
    """places.toml: everything of the ward that has a place."""

    boundary: tuple[Point, ...]
    quarters: tuple[Quarter, ...]
    streets: tuple[Street, ...]
    neighbours: tuple[Neighbour, ...]
    landmarks: tuple[Landmark, ...] = ()
    checked: Checked = UNCHECKED

    def inside(self, point: Point) -> bool:
        """Tell whether *point* belongs to the ward; its edge does."""
        return within(point, self.boundary)

    def neighbour_at(self, point: Point) -> Neighbour | None:
        """Return the ward next door that *point* belongs to, or None: ours, or too far away."""
        if self.inside(point):
            return None
        return next((near for near in self.neighbours if within(point, near.boundary)), None)

    def near(self, point: Point) -> Found | None:
        """Return the street or alley nearest to a pin, and its quarter; None outside the ward."""
        if not self.inside(point) or not self.quarters:
            return None
        reached = ((metres_to_line(point, street.points), street) for street in self.streets)
        metres, street = min(reached, key=lambda pair: pair[0], default=(NEAR_STREET_M, None))
        if street is None or metres >= NEAR_STREET_M:
            quarter = self._nearest_quarter(point, ())
            return Found(
                text=_inside_sentence(quarter), quarter=quarter.code, point=point, metres=None, exact=False
            )
        quarter = self._nearest_quarter(point, street.quarters)
        return Found(
            text=f"{street.shown}, {_inside_sentence(quarter)}",
            quarter=quarter.code,
            point=point,
            metres=metres,
            exact=metres <= AT_STREET_M,
            street=street.name,
        )

    def understand(self, text: str) -> Found | None:
        """Return the place free words name, or None when nothing of a place is in them.

        All of the resident's words are kept; of a whole sentence, take `in_text` first.
        """
        told = self._gazetteer.read(text)
        if told is None:
            return None
        street = self._street(told.street)
        landmark = next((one for one in self.landmarks if one.name == told.landmark), None)
        own = " ".join(opening(text).split()).strip(" ,.;:-")
        return Found(
            text=own if len(own) <= OWN_WORDS else told.text,
            quarter=told.quarter or _quarter(street, landmark),
            point=_spot(street, landmark),
            metres=None,
            exact=told.exact,
            street=told.street,
        )

    def in_text(self, text: str) -> str:
        """Return the part of a sentence that tells the place, as it was written; "" when none does."""
        told = self._gazetteer.read(text)
        return told.text if told else ""

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer(
            quarters=[Name(one.code, one.name, one.words) for one in self.quarters],
            streets=[Name(one.name, one.name, one.words) for one in self.streets],
            landmarks=[Name(one.name, one.name, one.words) for one in self.landmarks],
        )

    def _street(self, name: str) -> Street | None:
        return next((street for street in self.streets if street.name == name), None)

    def _nearest_quarter(self, point: Point, codes: tuple[str, ...]) -> Quarter:
        """Return the quarter whose centre is nearest, among *codes* if any of them is known."""
        among = [one for one in self.quarters if one.code in codes] or list(self.quarters)
        return min(among, key=lambda one: metres_between(point, one.centre))


def _inside_sentence(quarter: Quarter) -> str:
    return quarter.name[:1].lower() + quarter.name[1:]


def _quarter(street: Street | None, landmark: Landmark | None) -> str:
    """Return the only quarter a street runs through, else that of the landmark."""
    if street is not None and len(street.quarters) == 1:
        return street.quarters[0]
    return landmark.quarter if landmark else ""


def _spot(street: Street | None, landmark: Landmark | None) -> Point | None:
    if street is not None and street.is_alley:
        return middle(street.points)
    return landmark.point if landmark else None
