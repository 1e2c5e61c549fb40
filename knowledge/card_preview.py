"""How a card will look in each chat, before anybody gets it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from knowledge import card_text, wording
from knowledge.calendar import Calendar
from knowledge.procedure import Procedure

ZALO_TAKES: Final = 2000  # characters of one message (zalo.md §6)

Segments = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What one channel shows: its messages, in parts that stand out or not, and the buttons under the last."""

    messages: tuple[Segments, ...]
    buttons: tuple[str, ...]

    @property
    def longest(self) -> int:
        """Return how many characters the longest message has."""
        return max(sum(len(part) for part, _ in message) for message in self.messages)


@dataclass(frozen=True, kw_only=True)
class Previews:
    """The three looks of one card."""

    telegram: Preview
    zalo: Preview
    web: Preview


def of(card: Procedure, calendar: Calendar, now: datetime) -> Previews:
    """Return how *card* is answered if somebody asks at this moment."""
    labels, lines = _buttons(card)
    text = (
        card_text.card(card, card_text.promise(calendar, now, card)) if card.full else card_text.brief(card)
    )
    pieces = wording.pieces(wording.numbered(text, lines))
    marked = tuple(tuple(wording.segments(piece)) for piece in pieces)
    bare: tuple[Segments, ...] = tuple(((wording.plain(piece), False),) for piece in pieces)
    return Previews(
        telegram=Preview(messages=marked, buttons=labels),
        zalo=Preview(messages=bare, buttons=labels),
        web=Preview(messages=(tuple(wording.segments(text)),), buttons=lines),
    )


def _buttons(card: Procedure) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the buttons show, and their lines in the numbered list."""
    if not card.full:
        return (card_text.PERSON, card_text.WRONG), (card_text.PERSON_LINE, card_text.WRONG)
    labels = (*(label for label, _ in card_text.buttons(card)), card_text.WRONG)
    return labels, labels
