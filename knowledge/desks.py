"""Who takes what comes in: the ward's desks, the bodies beyond it, whom we alert and when.

`posting_desks` reads it from desks.toml. Every concern of `CATEGORIES` has exactly one desk,
and no desk ever handles what is said about itself: `of_category` never returns the excluded one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.board import Checked, key_of, says
from knowledge.fold import opening

CATEGORIES: Final = (
    "waste",
    "lighting",
    "flood_drain",
    "noise",
    "urban_order",
    "construction",
    "land",
    "staff_attitude",
    "late_dossier",
    "procedure",
    "fee",
    "security",
    "fire",
    "emergency_health",
    "child",
    "food_safety",
    "stray_animals",
    "trees",
    "water",
    "electric",
    "road_traffic",
    "pollution",
    "policy",
    "school_health",
    "advert_culture",
    "residence_civil",
    "neighbour_dispute",
    "compliment",
    "suggestion",
    "other",
)
OTHER: Final = "other"  # its desk takes what nobody can place
LEVELS: Final = ("urgent", "normal", "complex")
ROLES: Final = ("officer", "head", "vice_chair", "chair")
MOMENTS: Final = ("half", "before_24h", "before_2h", "due", "late")  # and "late_N", N from 1
SHORT_LETTERS: Final = 20  # it stands on a button
UNCHECKED: Final = Checked(responsible="", checked_on=date.min)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One unit of the ward.

    `head`, `vice_chair` and `on_duty` are logins of staff; those on duty take turns, one a
    working day, in this order. `words` are what people call the unit.
    """

    code: str
    name: str
    short: str
    phone: str
    head: str
    vice_chair: str
    on_duty: tuple[str, ...]
    categories: tuple[str, ...]
    words: tuple[str, ...] = ()

    def fit(self, query: str) -> int:
        """Return how well *query* (a `key_of`) names this desk; 0 is not at all.

        What names it fully counts before what is only a piece of its name.
        """
        keys = [key_of(name) for name in (self.name, self.short, *self.words, self.code.replace("_", " "))]
        whole = max((len(key) for key in keys if says(query, key)), default=0)
        piece = max((len(query) for key in keys if says(key, query)), default=0)
        return 2 * whole or piece


@dataclass(frozen=True, kw_only=True)
class Outside:
    """A body beyond the ward to which a case can be passed on; `basis` says why, with its source."""

    code: str
    name: str
    phone: str
    address: str
    basis: str
    categories: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One row of the ladder: at which moment of a case whom we alert.

    `moment` is one of `MOMENTS`, or "late_N": the Nth working day after the case was due, at
    opening; "late" is every later one. `to` are `ROLES`.
    """

    moment: str
    to: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Desks:
    """desks.toml: the units, the ladder and the patience of the office.

    `claim_minutes` are working minutes, by level, until a case nobody took goes to the person
    on duty. `leadership` is the desk that takes what no unit may handle about itself.
    `restricted` are the two logins that may open the restricted box.
    """

    chair: str
    restricted: tuple[str, ...]
    desks: tuple[Desk, ...]
    outside: tuple[Outside, ...]
    ladder: tuple[Rung, ...]
    claim_minutes: Mapping[str, int]
    leadership: str
    reopened_to_deputy: bool = True
    refer_working_days: int = 5
    extension_working_days: int = 5
    wait_working_days: int = 10
    checked: Checked = UNCHECKED

    def desk(self, code: str) -> Desk:
        """Return the desk called *code*. Raises KeyError."""
        for desk in self.desks:
            if desk.code == code:
                return desk
        raise KeyError(code)

    def of_category(self, code: str, *, excluding: str = "") -> Desk:
        """Return the desk for concern *code*, never the one *excluding* names.

        What nobody knows goes to the desk of "other". In place of the excluded desk the
        leadership takes it; about the leadership itself, the desk of "other". Raises KeyError
        when there is no desk left.
        """
        own = self._holding(code) or self._holding(OTHER)
        instead = (self._called(self.leadership), self._holding(OTHER), *self.desks)
        for desk in (own, *instead):
            if desk is not None and desk.code != excluding:
                return desk
        raise KeyError(code)

    def bodies_for(self, category: str) -> list[Outside]:
        """Return the bodies beyond the ward that deal with *category*, in the order of the file."""
        return [body for body in self.outside if category in body.categories]

    def named(self, words: str) -> list[Desk]:
        """Return the desks free *words* mean ("đô thị", "cong an"), best first."""
        query = key_of(opening(words))
        fits = [(desk.fit(query), desk) for desk in self.desks] if query else []
        best_first = sorted(fits, key=lambda pair: -pair[0])
        return [desk for fit, desk in best_first if fit]

    def _holding(self, category: str) -> Desk | None:
        return next((desk for desk in self.desks if category in desk.categories), None)

    def _called(self, code: str) -> Desk | None:
        return next((desk for desk in self.desks if desk.code == code), None)
