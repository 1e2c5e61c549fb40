"""On which days the ward greets its residents, read from `data/greetings.toml`.

A greeting is a rule for every year; an `Occasion` is that rule in one year, with its solar and
lunar date. Nothing here is sent: a person writes and signs, and who gets it is asked elsewhere
(consent, mourning in the house, another letter on the same day).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from knowledge.calendar import DAY, HERE
from knowledge.lunar import LunarDate, days_in, lunar_of, new_years_eve, tet
from knowledge.sending import WAKING
from knowledge.sheet import Sheet, SheetError, open_sheet

GREETINGS_FILE: Final = Path(__file__).parent / "data" / "greetings.toml"
_SEND_AT: Final = time(8)
_AHEAD: Final = 7  # days from the first draft to the day itself
_STALE_AFTER: Final = 12  # hours: a greeting of eight o'clock is late in the evening of its day
_ANY_YEAR: Final = 2001  # no leap year: a greeting has its day every year
_SHORT_MONTH: Final = 29  # every lunar month has so many days; not every one has 30


class Rule(StrEnum):
    """How the day of a greeting is found."""

    SOLAR = "solar"
    LUNAR = "lunar"  # in the ordinary month, never in the leap month of the same number
    LUNAR_NEW_YEAR = "lunar_new_year"
    NEW_YEARS_EVE = "new_years_eve"  # the last day of Chạp, the 29th or the 30th


class Tone(StrEnum):
    """How a greeting sounds; on days of mourning nothing festive is sent."""

    FESTIVE = "festive"
    COMMEMORATIVE = "commemorative"


class Audience(StrEnum):
    """For whom a greeting is: groups a ward may list without knowing anybody's faith, health or party."""

    EVERYONE = "everyone"  # all residents who agreed to greetings
    ELDERLY = "elderly"
    WOMEN = "women"
    TEACHERS = "teachers"
    HEALTH_WORKERS = "health_workers"
    PARENTS = "parents"
    YOUTH = "youth"
    WORKERS = "workers"
    BUSINESSES = "businesses"
    VETERANS = "veterans"
    MERIT_FAMILIES = "merit_families"
    PUBLIC_POST = "public_post"  # a post on the ward's pages, no message to anybody


@dataclass(frozen=True, kw_only=True)
class Greeting:
    """One day of greetings. `month` and `day` are solar or lunar by `rule`, and 0 when it needs none.

    `on`: the ward greets on it. `major`: a great holiday by law. `stale_after` counts from the
    sending hour. `since` is the first solar year in which the day exists, `counts_from` the year
    of what is remembered: an anniversary counts from it; 0 where a greeting counts nothing.
    """

    code: str
    name: str
    rule: Rule
    audience: Audience
    tone: Tone
    template: str
    source: str
    checked_on: date
    month: int = 0
    day: int = 0
    on: bool = False
    major: bool = False
    draft_days_ahead: int = _AHEAD
    send_at: time = _SEND_AT
    stale_after: timedelta = timedelta(hours=_STALE_AFTER)
    since: int = 0
    counts_from: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Mourning:
    """Days on which nothing festive is sent: national mourning, or a disaster in the ward."""

    first: date
    last: date
    reason: str
    source: str
    checked_on: date


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """A greeting in one year. `held` says in Vietnamese why it is not sent, or nothing."""

    greeting: Greeting
    solar: date
    lunar: LunarDate
    held: str = ""

    @property
    def key(self) -> str:
        """Return what this occasion is, the same in every run."""
        return f"greeting:{self.greeting.code}:{self.solar.isoformat()}"

    @property
    def sends_at(self) -> datetime:
        """Return when it should leave, in local time."""
        return datetime.combine(self.solar, self.greeting.send_at, tzinfo=HERE)

    @property
    def stale_at(self) -> datetime:
        """Return from when it is too late to send it."""
        return self.sends_at + self.greeting.stale_after


@dataclass(frozen=True)
class Greetings:
    """The ward's days of greetings, and the days of mourning that silence them."""

    greetings: tuple[Greeting, ...]
    mourning: tuple[Mourning, ...] = ()

    def occurrences(self, year: int) -> list[Occasion]:
        """Return every greeting of solar year *year*, also those that are off, in order of days.

        When two that are on meet on one day before the same audience, one is sent: the great
        holiday by law, else the one higher up in the file. The other is held and says for which.
        """
        by_rank = sorted(self.greetings, key=lambda greeting: not greeting.major)
        found = (self._mourned(occasion) for greeting in by_rank for occasion in _of_year(greeting, year))
        return sorted(_one_a_day(found), key=lambda occasion: occasion.solar)

    def due(self, on: date, ahead_days: int | None = None) -> list[Occasion]:
        """Return what is to be drafted by day *on*: on, not held, and at most *ahead_days* away.

        Without *ahead_days* each greeting asks for its own. The same occasion is due every day
        until it has passed: its `key` tells whether it was drafted.
        """
        return [
            occasion
            for year in (on.year, on.year + 1)
            for occasion in self._sendable(year, on)
            if occasion.solar - on <= _days(occasion, ahead_days) * DAY
        ]

    def mourning_on(self, day: date) -> Mourning | None:
        """Return why nothing festive may be sent on *day*, or None; asked again before sending."""
        return next((mourning for mourning in self.mourning if mourning.first <= day <= mourning.last), None)

    def _sendable(self, year: int, since: date) -> Iterator[Occasion]:
        for occasion in self.occurrences(year):
            if occasion.greeting.on and not occasion.held and occasion.solar >= since:
                yield occasion

    def _mourned(self, occasion: Occasion) -> Occasion:
        mourning = self.mourning_on(occasion.solar)
        if mourning is None or occasion.greeting.tone is not Tone.FESTIVE:
            return occasion
        return replace(occasion, held=mourning.reason)


def load_greetings(text: str, file: str = GREETINGS_FILE.name) -> Greetings:
    """Read the greetings and the days of mourning. Raises SheetError with every defect."""
    sheet = open_sheet(text, file)
    greetings = _each_once(sheet.parts("greeting"))
    mourning = tuple(_mourning(part) for part in sheet.parts("mourning"))
    sheet.finish()
    if sheet.problems:
        raise SheetError(sheet.problems)
    return Greetings(greetings, mourning)


def _of_year(greeting: Greeting, year: int) -> list[Occasion]:
    days = _days_of(greeting, year) if year >= greeting.since else []
    return [Occasion(greeting=greeting, solar=day, lunar=lunar_of(day)) for day in days]


def _days_of(greeting: Greeting, year: int) -> list[date]:
    match greeting.rule:
        case Rule.SOLAR:
            return [date(year, greeting.month, greeting.day)]
        case Rule.LUNAR_NEW_YEAR:
            return [tet(year)]
        case Rule.NEW_YEARS_EVE:
            return [new_years_eve(year)]
        case Rule.LUNAR:
            return days_in(year, month=greeting.month, day=greeting.day)


def _one_a_day(by_rank: Iterator[Occasion]) -> Iterator[Occasion]:
    """Hold what comes second to the same audience on the same day."""
    taken: dict[tuple[date, Audience], Greeting] = {}
    for occasion in by_rank:
        place = (occasion.solar, occasion.greeting.audience)
        if occasion.held or not occasion.greeting.on:
            yield occasion
        elif place in taken:
            yield replace(occasion, held=f"trùng ngày với {taken[place].name}")
        else:
            taken[place] = occasion.greeting
            yield occasion


def _days(occasion: Occasion, ahead_days: int | None) -> int:
    return occasion.greeting.draft_days_ahead if ahead_days is None else ahead_days


def _each_once(parts: list[Sheet]) -> tuple[Greeting, ...]:
    found: dict[str, Greeting] = {}
    for part in parts:
        greeting = _greeting(part)
        if greeting.code in found:
            part.note("code", f"mã {greeting.code} dùng hai lần; đổi một mã")
        found[greeting.code] = greeting
    return tuple(found.values())


def _greeting(part: Sheet) -> Greeting:
    rule = Rule(part.one_of("rule", list(Rule)))
    month, day = _month_and_day(part, rule)
    greeting = Greeting(
        code=part.text("code"),
        name=part.text("name"),
        rule=rule,
        month=month,
        day=day,
        audience=Audience(part.one_of("audience", list(Audience))),
        tone=Tone(part.one_of("tone", list(Tone))),
        template=part.text("template"),
        on=part.yes("on"),
        major=part.yes("major"),
        draft_days_ahead=_number(part, "draft_days_ahead", 1, 60, _AHEAD),
        send_at=_send_at(part),
        stale_after=timedelta(hours=_number(part, "stale_after_hours", 1, 24 * 7, _STALE_AFTER)),
        since=_number(part, "since", 1968, 2100, 0),
        counts_from=_number(part, "counts_from", 1800, 2100, 0),
        note=part.text("note", ""),
        source=part.text("source"),
        checked_on=part.day("checked_on"),
    )
    part.finish()
    return greeting


def _month_and_day(part: Sheet, rule: Rule) -> tuple[int, int]:
    if rule not in (Rule.SOLAR, Rule.LUNAR):
        return 0, 0
    lunar = rule is Rule.LUNAR
    month, day = part.number("month", 1, 12), part.number("day", 1, _SHORT_MONTH if lunar else 31)
    if not lunar and not _is_day(month, day):
        part.note("day", f"không phải năm nào cũng có ngày {day}/{month}; xem lại ngày và tháng")
    return month, day


def _is_day(month: int, day: int) -> bool:
    try:
        date(_ANY_YEAR, month, day)
    except ValueError:
        return False
    return True


def _send_at(part: Sheet) -> time:
    at = part.clock("send_at") if part.has("send_at") else _SEND_AT
    if not WAKING.opens <= at < WAKING.closes:
        part.note("send_at", f"phải từ {WAKING.opens:%H:%M} đến trước {WAKING.closes:%H:%M}")
    return at


def _number(part: Sheet, key: str, low: int, high: int, default: int) -> int:
    return part.number(key, low, high) if part.has(key) else default


def _mourning(part: Sheet) -> Mourning:
    mourning = Mourning(
        first=part.day("first"),
        last=part.day("last"),
        reason=part.text("reason"),
        source=part.text("source"),
        checked_on=part.day("checked_on"),
    )
    if mourning.last < mourning.first:
        part.note("last", "phải là ngày first hoặc sau đó")
    part.finish()
    return mourning
