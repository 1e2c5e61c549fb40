"""Fetching updates where no webhook can reach us: stored first, confirmed afterwards.

Telegram forgets an update as soon as we ask for the next one, so we ask only when `accept`
has come back. A crash, or a database that is down, means the same updates once more.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from typing import Any

from bot.channel import Arrival, Unreadable
from bot.polling import Accept, Polling
from bot.telegram import reading
from bot.telegram.channel import TelegramChannel

log = logging.getLogger(__name__)


class Poller(Polling):
    """Holds the updates of one answer, and the number that confirms those before it."""

    def __init__(self, channel: TelegramChannel, accept: Accept, *, pace: float = 1.0) -> None:
        super().__init__("Telegram", channel.clock, pace=pace)
        self._channel = channel
        self._accept = accept
        self._offset: int | None = None
        self._updates: Sequence[Any] = ()

    async def fetch(self) -> None:
        """Ask for what comes after the offset; what was not stored comes again."""
        self._updates = await self._channel.updates(self._offset)

    async def keep(self) -> bool:
        """Store the updates, and only then remember to confirm them."""
        updates, self._updates = self._updates, ()
        arrivals, confirmed = _sort(updates)
        if updates and confirmed is None:
            raise Unreadable("updates without numbers")
        if arrivals:
            await self._accept(arrivals)
        # After an empty answer everything is confirmed. Asking without an offset then matters after
        # a week of silence, when Telegram begins again at a random number, perhaps a lower one.
        self._offset = None if confirmed is None else confirmed + 1
        await self._channel.acknowledge(arrivals)
        return bool(updates)


def _sort(updates: Sequence[Any]) -> tuple[list[Arrival], int | None]:
    """Return what can be stored, and the last number of all: junk too is confirmed."""
    arrivals, last = [], None
    for update in updates:
        body = json.dumps(update)
        try:
            arrivals.append(reading.name(update, body))
        except Unreadable as error:
            digest = hashlib.sha256(body.encode()).hexdigest()[:16]
            log.error("an update is dropped: %s (%d bytes, SHA-256 %s)", error, len(body), digest)  # noqa: TRY400
        last = reading.number_of(update) or last
    return arrivals, last
