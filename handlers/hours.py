"""When somebody will answer: promises made of the ward's own calendar."""

from datetime import datetime

from handlers.phrases import when
from handlers.talk import Turn
from knowledge.calendar import here

ANSWER_MINUTES = 240  # working minutes a person has for a question; the product's default, domain.md §3.2
CHECK_MINUTES = 480  # one working day to check a card a resident doubts (conversation.md §10.10)


def answer_by(turn: Turn, minutes: int = ANSWER_MINUTES) -> datetime:
    """Return the moment by which a person promises to have answered."""
    return turn.calendar.add_working_minutes(turn.now, minutes)


def answered_by_sentence(turn: Turn) -> str:
    """Say by when, as part of a sentence."""
    return f"trả lời chậm nhất {when.moment(answer_by(turn))}"


def today(turn: Turn) -> str:
    """Say the hours of the next day somebody is there."""
    opening = turn.calendar.next_open(turn.now)
    spans = turn.calendar.hours_on(here(opening).date())
    told = ", ".join(f"{when.time_of_day(start)}–{when.time_of_day(end)}" for start, end in spans)
    return f"Giờ làm việc {when.short_day(here(opening).date())}: {told}."
