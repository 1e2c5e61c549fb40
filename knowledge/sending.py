"""At which hours a letter or a greeting may leave: the ward's wall clock, never the host's.

Hours say when a message may go, not whether: a condolence letter besides waits for a person.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from knowledge.calendar import DAY, HERE, Calendar, here

_PATIENCE: Final = 366  # days to look ahead for a working day; the longest real break is about ten


@dataclass(frozen=True, kw_only=True)
class SendingHours:
    """From when to when on a day a message may leave; local time, `closes` no longer belongs to it."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("sending hours end after they begin, on the same day")

    def allow(self, moment: datetime) -> bool:
        """Tell whether a message may leave at *moment*, in whatever zone it is told."""
        return self.opens <= here(moment).time() < self.closes

    def within(self, other: "SendingHours") -> "SendingHours":
        """Return the hours both allow. Raises ValueError when there are none."""
        return SendingHours(opens=max(self.opens, other.opens), closes=min(self.closes, other.closes))


LETTERS: Final = SendingHours(
    opens=time(8), closes=time(20)
)  # letters and greetings; the ward may set its own
WAKING: Final = SendingHours(opens=time(7), closes=time(21))  # outside are the quiet hours, for everybody
CONDOLENCE: Final = WAKING  # whatever a ward sets: nobody is told of mourning at night
# Zalo refuses broadcasts from 22:00 to 05:59 (error -234), and its templates do not ring then
TEMPLATES: Final = SendingHours(opens=time(6), closes=time(22))


def next_sending_moment(after: datetime, hours: SendingHours, calendar: Calendar | None = None) -> datetime:
    """Return *after* if a message may leave then, else the next moment it may, in local time.

    With a *calendar* only working days will do. Raises ValueError without a zone.
    """
    local = here(after)
    for ahead in range(_PATIENCE):
        day = local.date() + ahead * DAY
        moment = max(local, datetime.combine(day, hours.opens, tzinfo=HERE))
        free = calendar is None or calendar.is_working_day(day)
        if free and hours.allow(moment):
            return moment
    raise ValueError("the office never works: its calendar has no working day")
