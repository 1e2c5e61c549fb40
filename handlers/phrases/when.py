"""Moments as people say them; the words stand in `knowledge.when`."""

from knowledge.when import WEEKDAYS, clock, clock_and_weekday, day, moment, short_day, time_of_day

__all__ = ["WEEKDAYS", "clock", "clock_and_weekday", "day", "moment", "short_day", "time_of_day"]
