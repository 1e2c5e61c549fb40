"""When the office is open on an ordinary day, season by season."""

from dataclasses import dataclass
from datetime import date, time

Span = tuple[time, time]  # from, to; local time, the end no longer belongs to it


@dataclass(frozen=True, kw_only=True)
class Season:
    """A part of the year that begins on the same day every year and has hours of its own."""

    name: str
    month: int
    day: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class OfficeHours:
    """The hours of one office; the gap between two spans is lunch.

    `saturday` is reception on an ordinary Saturday: the door is open, but the day does not
    count as a working day. After `same_day_until` a dossier "of the same day" waits for the
    next working day, unless its card names an hour of its own.
    """

    seasons: tuple[Season, ...]
    saturday: tuple[Span, ...] = ()
    same_day_until: time | None = None

    def season_on(self, day: date) -> Season:
        """Return the season *day* lies in; before the first begins, last year's last goes on."""
        seasons = sorted(self.seasons, key=lambda season: (season.month, season.day))
        begun = [season for season in seasons if (season.month, season.day) <= (day.month, day.day)]
        return begun[-1] if begun else seasons[-1]
