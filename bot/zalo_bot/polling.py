"""Fetching events where Zalo cannot call us: one at a time, and each given only once.

The platform keeps nothing for us: what it gave is ours to store, and what comes while nobody
asks is lost. So an event that cannot be stored now stays in hand until it can.
"""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from bot.channel import Arrival, Misconfigured, Refused, SendError, Throttled, Unreadable
from bot.zalo_bot import reading
from bot.zalo_bot.channel import ZaloBotChannel

FIRST_REST_S = 1.0
LONGEST_REST_S = 60.0
_GROWTH = 6  # doublings; more would pass the longest rest anyway

_T = TypeVar("_T")
log = logging.getLogger(__name__)


class BotPoller:
    """One loop of getUpdates; there must be only one for a bot, anywhere.

    `last_success_at` and `trouble` are for the health page.
    """

    def __init__(
        self,
        channel: ZaloBotChannel,
        accept: Callable[[Sequence[Arrival]], Awaitable[None]],
        *,
        pace: float = 1.0,
    ) -> None:
        self.last_success_at: datetime | None = None
        self.trouble: str | None = None
        self._channel = channel
        self._accept = accept
        self._pace = pace  # of the pauses; a test makes it small
        self._in_hand: Arrival | None = None  # survives a `run` that is ended and begins again
        self._failures = 0
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Poll until `stop`. Platform or database down: try again after growing pauses."""
        while not self._stopping.is_set():
            rest_s = await self._round()
            if rest_s:
                await self._unless_stopped(asyncio.sleep(rest_s * self._pace))

    async def stop(self) -> None:
        """Let `run` end: a waiting poll is dropped."""
        self._stopping.set()

    async def _round(self) -> float:
        """Fetch and store one event; return the seconds to rest."""
        began = asyncio.get_running_loop().time()
        if self._in_hand is None:
            try:
                found = await self._unless_stopped(self._channel.updates())
            except SendError as error:
                return self._failed(error)
            self._in_hand = _named(found)
        if self._in_hand is not None:
            return await self._store(self._in_hand)
        self._went_well()
        return max(0, FIRST_REST_S - (asyncio.get_running_loop().time() - began))

    async def _store(self, arrival: Arrival) -> float:
        try:
            await self._accept([arrival])
        except Exception as error:  # noqa: BLE001  whatever the store raises: the event stays in hand
            return self._failed(error)
        self._in_hand = None
        self._went_well()
        return 0

    def _went_well(self) -> None:
        self._failures, self.trouble = 0, None
        self.last_success_at = self._channel.clock()

    def _failed(self, error: Exception) -> float:
        """Remember and log *error* (not a foreign text: it may quote a message); say how long to rest."""
        self.trouble = str(error) if isinstance(error, SendError) else type(error).__name__
        self._failures += 1
        if isinstance(error, Misconfigured | Refused):  # a wrong token, or a webhook that is still set
            log.error("Zalo bot polling needs a person: %s", self.trouble)
            return LONGEST_REST_S
        log.warning("Zalo bot polling failed %d times: %s", self._failures, self.trouble)
        if isinstance(error, Throttled):
            return error.retry_after.total_seconds()
        rest_s: float = FIRST_REST_S * 2 ** min(self._failures - 1, _GROWTH)
        return min(rest_s, LONGEST_REST_S) * random.uniform(0.5, 1)  # noqa: S311  spreads, hides nothing

    async def _unless_stopped(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """Return what *work* gives, or None as soon as `stop` is called."""
        task, stop = asyncio.create_task(work), asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            for one in (task, stop):
                one.cancel()
                with suppress(asyncio.CancelledError, SendError):
                    await one


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
