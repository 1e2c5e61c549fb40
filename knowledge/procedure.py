"""One administrative procedure: what a resident must know before walking to the counter."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class FeeKind(StrEnum):
    """What the source says about money."""

    FREE = "free"  # the source says so in words
    AMOUNT = "amount"  # one figure for everybody
    PROVINCE = "province"  # set by the province's People's Council
    CASE = "case"  # depends on the case; the sentence says how
    UNKNOWN = "unknown"  # the source does not say


class Online(StrEnum):
    """How much of it can be done on the national portal."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"
    UNKNOWN = "unknown"


class Body(StrEnum):
    """Who handles it inside the ward."""

    WARD = "ward"
    POLICE = "police"
    MILITARY = "military"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper to bring: `copies` as the source counts them, `when` it is needed ("" = always)."""

    name: str
    copies: str = ""
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A situation people often are in: a button's label and what changes then."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """A card. `full` cards answer; the others only know their name and say so.

    `working_days` and `calendar_days` count from a complete dossier; 0 means the same day,
    None that the source gives no such number (see `time_limit`). `same_day_until` is the
    hour after which "the same day" becomes the next working day. `fee_vnd` is in đồng.
    `source` is the page the text was checked against on `checked_on`, in the state of
    `as_of` (YYYY-MM). `aliases` are everyday names; `sibling_words` mean another card.
    """

    code: str
    name: str
    short_name: str
    field: str
    field_slug: str
    handler: Body
    source: str
    as_of: str
    checked_on: date
    full: bool = False
    aliases: tuple[str, ...] = ()
    sibling_words: tuple[str, ...] = ()
    differs: str = ""
    where: str = ""
    online: Online = Online.UNKNOWN
    result: str = ""
    papers: tuple[Paper, ...] = ()
    time_limit: str = ""
    working_days: int | None = None
    calendar_days: int | None = None
    same_day_until: time | None = None
    fee_kind: FeeKind = FeeKind.UNKNOWN
    fee: str = ""
    fee_vnd: int | None = None
    legal_basis: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    successors: tuple[str, ...] = ()
