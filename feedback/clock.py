"""By when a case is answered, and when whom to alert: arithmetic of working time, no database.

Hours are working hours. A term in working days ends when the office closes on its last day.
"24 hours before" is the same hour of the working day before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from knowledge.calendar import HERE, Calendar, here
from knowledge.concerns import Term
from knowledge.desks import Desks, Rung

TWO_HOURS = 120  # working minutes
AUTO_CLOSE_DAYS = 5  # working days in which a resident may still say "not done" before a case rests
FAR = 60  # working days after the deadline until which the daily alert goes on


@dataclass(frozen=True, kw_only=True, order=True)
class Moment:
    """One step of the ladder: when, its name in the ward's file, and whom it reaches."""

    at: datetime
    name: str
    to: tuple[str, ...]


def due(calendar: Calendar, term: Term, start: datetime) -> datetime:
    """Return by when a case taken at *start* is answered."""
    if term.minutes is not None:
        return calendar.add_working_minutes(start, term.minutes)
    first = calendar.add_working_minutes(start, 0)  # outside office hours it counts from the next opening
    return calendar.close_of(calendar.add_working_days(here(first).date(), term.working_days or 0))


def ladder(calendar: Calendar, rungs: Sequence[Rung], start: datetime, deadline: datetime) -> list[Moment]:
    """Return every alert of a case whose clock runs from *start* to *deadline*, in order.

    A moment that would lie before *start* is left out: there was nothing to warn of yet. Of
    two that fall together, as "half" and "2 hours before" of a short term, the later rung
    stands for both and reaches everybody.
    """
    found: dict[datetime, Moment] = {}
    for rung in rungs:
        for at in _when(calendar, rung.moment, start, deadline):
            before = found[at].to if at in found else ()
            if at > start:
                found[at] = Moment(at=at, name=rung.moment, to=tuple(dict.fromkeys((*before, *rung.to))))
    return sorted([*found.values(), *_every_later_day(calendar, rungs, deadline)])


def next_moment(moments: Sequence[Moment], after: datetime) -> datetime | None:
    """Return when the ladder is to be looked at next."""
    return next((moment.at for moment in moments if moment.at > after), None)


def last_of(moments: Sequence[Moment], after: datetime, until: datetime) -> Moment | None:
    """Return the latest step due after *after* and up to *until*: one alert, however long nobody looked."""
    return next((moment for moment in reversed(moments) if after <= moment.at <= until), None)


def refer_by(calendar: Calendar, taken_at: datetime, desks: Desks) -> datetime:
    """Return until when what is not the ward's must have been passed on (NĐ 20/2008/NĐ-CP, Điều 9)."""
    first = here(calendar.add_working_minutes(taken_at, 0)).date()
    return calendar.close_of(calendar.add_working_days(first, desks.refer_working_days))


def _when(calendar: Calendar, name: str, start: datetime, deadline: datetime) -> Iterator[datetime]:
    if name == "half":
        yield calendar.add_working_minutes(start, calendar.working_minutes_between(start, deadline) // 2)
    elif name == "before_24h":
        yield _a_day_before(calendar, deadline)
    elif name == "before_2h":
        yield calendar.subtract_working_minutes(deadline, TWO_HOURS)
    elif name == "due":
        yield deadline
    elif name.startswith("late_"):
        yield opening_after(calendar, deadline, int(name.removeprefix("late_")))


def _every_later_day(calendar: Calendar, rungs: Sequence[Rung], deadline: datetime) -> list[Moment]:
    """Return the daily alerts of "late", on every working day no other rung names."""
    daily = next((rung for rung in rungs if rung.moment == "late"), None)
    if daily is None:
        return []
    named = [int(rung.moment.removeprefix("late_")) for rung in rungs if rung.moment.startswith("late_")]
    first = max(named, default=0) + 1
    day, found = calendar.add_working_days(here(deadline).date(), first), []
    for number in range(first, FAR + 1):
        found.append(Moment(at=_opening_of(calendar, day), name=f"late_{number}", to=daily.to))
        day = calendar.add_working_days(day, 1)
    return found


def _a_day_before(calendar: Calendar, deadline: datetime) -> datetime:
    local = here(deadline)
    day = calendar.working_days_before(local.date(), 1)
    return calendar.add_working_minutes(datetime.combine(day, local.time(), tzinfo=local.tzinfo), 0)


def opening_after(calendar: Calendar, moment: datetime, days: int) -> datetime:
    """Return when the office opens on the *days*-th working day after *moment*."""
    return _opening_of(calendar, calendar.add_working_days(here(moment).date(), days))


def _opening_of(calendar: Calendar, day: date) -> datetime:
    return calendar.add_working_minutes(datetime.combine(day, time.min, tzinfo=HERE), 0)


def minutes_left(calendar: Calendar, deadline: datetime, now: datetime) -> int:
    """Return how many working minutes remain; negative once it is late."""
    if now <= deadline:
        return calendar.working_minutes_between(now, deadline)
    return -calendar.working_minutes_between(deadline, now)


def latest_extension(calendar: Calendar, deadline: datetime, days: int) -> datetime:
    """Return the last moment to which a deadline may be put off."""
    return calendar.close_of(calendar.add_working_days(here(deadline).date(), days))


SOON = timedelta(minutes=1)  # how often the ladder is looked at
