"""Working days, office hours and deadlines: how the ward counts time.

Days are local dates. Moments come in aware, in any zone, and go out aware in Asia/Ho_Chi_Minh
(`HERE`); a naive one raises ValueError. Nothing here knows what time it is now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from knowledge import holidays
from knowledge.holidays import Kind, Override, PublicDay
from knowledge.hours import OfficeHours, Span
from knowledge.procedure import Procedure

HERE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
_PATIENCE: Final = 366  # days to look ahead for an open door; the longest real break is about ten


def here(moment: datetime) -> datetime:
    """Return *moment* as the clock on the ward's wall shows it."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(HERE)


@dataclass(frozen=True, kw_only=True)
class Return:
    """When a dossier handed in now comes back, and why on that day.

    `counted_from` is the moment the office receives it: later than handing in when
    `outside_hours`. `past_last_hour` means too late for a result on the same day.
    """

    on: date
    counted_from: datetime
    outside_hours: bool = False
    past_last_hour: bool = False


@dataclass(frozen=True, kw_only=True)
class Break:
    """Days in a row without work, weekend included, named after the holiday among them."""

    first: date
    last: date
    name: str


@dataclass(frozen=True, eq=False)
class Calendar:
    """The ward's calendar: its hours, and the days the state moved."""

    hours: OfficeHours
    overrides: Mapping[date, Override] = field(default_factory=dict)

    def public_day(self, day: date) -> PublicDay | None:
        """Return what makes *day* unlike an ordinary one, or None; our table stands above the library."""
        override = self.overrides.get(day)
        if override is None:
            return holidays.of_year(day.year).get(day)
        return PublicDay(day=day, kind=override.kind, name=override.reason, source=override.source)

    def holiday_name(self, day: date) -> str:
        """Return the name of the public holiday on *day*, or nothing."""
        public = self.public_day(day)
        return public.name if public is not None and public.kind is Kind.OFF else ""

    def public_days(self, year: int) -> list[PublicDay]:
        """Return the public holidays and made-up working days of *year*, in order."""
        days = holidays.of_year(year).keys() | {day for day in self.overrides if day.year == year}
        return [public for day in sorted(days) if (public := self.public_day(day)) is not None]

    def is_working_day(self, day: date) -> bool:
        """Tell whether *day* counts: Monday to Friday without holidays, and made-up Saturdays."""
        public = self.public_day(day)
        return day.weekday() < SATURDAY if public is None else public.kind is Kind.WORK

    def add_working_days(self, day: date, n: int) -> date:
        """Return the *n*-th working day after *day*, which is not counted (BLDS 2015, Điều 147).

        With 0 it is *day* itself, or the next working day if *day* is none.
        """
        if n == 0:
            return self._from(day)
        return self._walk(day, n, DAY)

    def add_calendar_days(self, day: date, n: int) -> date:
        """Return *n* days after *day*; a day off is passed to the next working day (Điều 148)."""
        if n < 0:
            raise ValueError("days are counted forward")
        return self._from(day + n * DAY)

    def working_days_before(self, day: date, n: int) -> date:
        """Return the *n*-th working day before *day*, which is not counted; 0 is *day* itself."""
        return day if n == 0 else self._walk(day, n, -DAY)

    def hours_on(self, day: date) -> tuple[Span, ...]:
        """Return when the door is open on *day*, in local time; nothing on a day off."""
        if self.is_working_day(day):
            return self.hours.season_on(day).spans
        if day.weekday() == SATURDAY and self.public_day(day) is None:
            return self.hours.saturday
        return ()

    def is_open(self, moment: datetime) -> bool:
        """Tell whether somebody is at the counter at *moment*."""
        local = here(moment)
        return any(start <= local.time() < end for start, end in self.hours_on(local.date()))

    def next_open(self, moment: datetime) -> datetime:
        """Return *moment* if the door is open then, else the next moment it opens."""
        local = here(moment)
        spans = self._spans(local, working_only=False)
        return next(max(local, start) for start, end in spans if end > local)

    def add_working_minutes(self, moment: datetime, minutes: int) -> datetime:
        """Return when *minutes* of work have passed since *moment*; lunch and days off stand still.

        With 0 it is *moment* itself, or the next time work begins. Reception on an ordinary
        Saturday is not work.
        """
        if minutes < 0:
            raise ValueError("minutes are counted forward")
        left, local = timedelta(minutes=minutes), here(moment)
        for start, end in self._spans(local, working_only=True):
            begin = max(local, start)
            if begin < end and begin + left <= end:
                return begin + left
            left -= max(end - begin, timedelta())
        raise AssertionError("unreachable: spans never end")

    def subtract_working_minutes(self, moment: datetime, minutes: int) -> datetime:
        """Return from when *minutes* of work pass until *moment*: "two working hours before".

        With 0 it is *moment* itself, or the last time work ended.
        """
        if minutes < 0:
            raise ValueError("minutes are counted by a positive number")
        left, local = timedelta(minutes=minutes), here(moment)
        for start, end in self._spans(local, working_only=True, step=-DAY):
            until = min(local, end)
            if start <= until - left:
                return until - left
            left -= max(until - start, timedelta())
        raise AssertionError("unreachable: spans never end")

    def working_minutes_between(self, a: datetime, b: datetime) -> int:
        """Return how many whole minutes of work lie from *a* to *b*; 0 when *b* is not later.

        When there are any, `add_working_minutes(a, …)` of them is the last moment of work up to *b*.
        """
        begin, until = here(a), here(b)
        spans = takewhile(lambda span: span[0] < until, self._spans(begin, working_only=True))
        worked = (max(min(until, end) - max(begin, start), timedelta()) for start, end in spans)
        return sum(worked, timedelta()) // timedelta(minutes=1)

    def close_of(self, day: date) -> datetime:
        """Return when work ends on *day*, or on the next working day if *day* is none."""
        morning, _ = next(self._spans(_at(day, time.min), working_only=True))
        return _at(morning.date(), self.hours_on(morning.date())[-1][1])

    def return_date(self, taken_at: datetime, procedure: Procedure) -> Return | None:
        """Return when a complete dossier handed in at *taken_at* comes back.

        None when the card gives no number. Handed in outside hours, it counts from the next opening.
        """
        if procedure.working_days is None and procedure.calendar_days is None:
            return None
        received = self.next_open(taken_at)
        late = self._past_last_hour(received, procedure)
        return Return(
            on=self._due_on(received.date(), procedure, late=late),
            counted_from=received,
            outside_hours=received != here(taken_at),
            past_last_hour=late,
        )

    def next_break(self, day: date, within: int) -> Break | None:
        """Return the first holiday on a weekday from *day* on, at most *within* days ahead.

        With it come the days off around it: Tết 2026 is a break from Saturday 14/02 to Sunday 22/02.
        """
        ahead = (day + n * DAY for n in range(within + 1))
        found = next((at for at in ahead if at.weekday() < SATURDAY and self.holiday_name(at)), None)
        if found is None:
            return None
        first, last = self._edge(found, -DAY), self._edge(found, DAY)
        return Break(first=first, last=last, name=self._names(first, last))

    def next_make_up(self, day: date, within: int) -> PublicDay | None:
        """Return the first made-up working day from *day* on, at most *within* days ahead."""
        found = (self.public_day(day + ahead * DAY) for ahead in range(within + 1))
        return next((public for public in found if public and public.kind is Kind.WORK), None)

    def _from(self, day: date) -> date:
        return day if self.is_working_day(day) else self._walk(day, 1, DAY)

    def _walk(self, day: date, n: int, step: timedelta) -> date:
        if n < 0:
            raise ValueError("the number of days is never negative")
        while n:
            day += step
            n -= self.is_working_day(day)
        return day

    def _edge(self, day: date, step: timedelta) -> date:
        while not self.is_working_day(day + step):
            day += step
        return day

    def _names(self, first: date, last: date) -> str:
        """Return what is celebrated from *first* to *last*, each once, without remarks in brackets."""
        days = (first + n * DAY for n in range((last - first).days + 1))
        names = (self.holiday_name(day).partition(" (")[0] for day in days)
        return ", ".join(dict.fromkeys(name for name in names if name))

    def _spans(
        self, local: datetime, *, working_only: bool, step: timedelta = DAY
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open spans of that day and all later ones; with *step* -DAY, backwards all earlier."""
        day, shut = local.date(), 0
        while shut < _PATIENCE:
            spans = self.hours_on(day) if not working_only or self.is_working_day(day) else ()
            for start, end in spans[:: step.days]:
                yield _at(day, start), _at(day, end)
            shut = 0 if spans else shut + 1
            day += step
        raise ValueError("the office never opens: its hours are empty")

    def _past_last_hour(self, received: datetime, procedure: Procedure) -> bool:
        last = procedure.same_day_until or self.hours.same_day_until
        return _days(procedure) == 0 and last is not None and received.time() > last

    def _due_on(self, day: date, procedure: Procedure, *, late: bool) -> date:
        if procedure.working_days is None:
            return self.add_calendar_days(day, max(_days(procedure), int(late)))
        return self.add_working_days(day, max(procedure.working_days, int(late)))


def _days(procedure: Procedure) -> int:
    """Return the number the card gives, whichever way it counts."""
    return procedure.calendar_days or 0 if procedure.working_days is None else procedure.working_days


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=HERE)
