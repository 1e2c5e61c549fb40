"""Fetching events where Zalo cannot call us: one at a time, and each given only once.

The platform keeps nothing for us: what it gave is ours to store, and what comes while nobody
asks is lost. So an event that cannot be stored now stays in hand until it can.
"""

import json
import logging
from typing import Any

from bot.channel import Arrival, Unreadable
from bot.polling import Accept, Polling
from bot.zalo_bot import reading
from bot.zalo_bot.channel import ZaloBotChannel

log = logging.getLogger(__name__)


class BotPoller(Polling):
    """Holds one event at a time, also while a `run` is ended and begins again."""

    def __init__(self, channel: ZaloBotChannel, accept: Accept, *, pace: float = 1.0) -> None:
        super().__init__("Zalo bot", channel.clock, pace=pace)
        self._channel = channel
        self._accept = accept
        self._in_hand: Arrival | None = None

    async def fetch(self) -> None:
        """Take the next event, unless one is still in hand."""
        if self._in_hand is None:
            self._in_hand = _named(await self._channel.updates())

    async def keep(self) -> bool:
        """Store the event in hand, and only then let it go."""
        if self._in_hand is None:
            return False
        await self._accept([self._in_hand])
        self._in_hand = None
        return True


def _named(found: Any) -> Arrival | None:
    """Return the event under its key; None for nothing, and for what nobody could read later either."""
    if not found:
        return None
    try:
        event = reading.event_in(found)
        return reading.name(event, json.dumps(event))
    except (Unreadable, RecursionError, ValueError) as error:
        log.error("an event is dropped: %s", type(error).__name__)  # noqa: TRY400  no values
        return None
