"""Asking a platform for what is new, where it cannot call us: one loop, patient with both sides.

What the platform gives is held until it is stored. `bot.telegram.polling` and `bot.zalo_bot.polling`
say how each asks, and what it means there that something is stored.
"""

import asyncio
import logging
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime

from bot.channel import Arrival, Misconfigured, Refused, SendError, Throttled, Unreadable

FIRST_REST_S = 1.0
LONGEST_REST_S = 60.0  # also for what only a person can mend: a wrong token, a second instance
_GROWTH = 6  # doublings; more would pass the longest rest anyway

Accept = Callable[[Sequence[Arrival]], Awaitable[None]]
log = logging.getLogger(__name__)


class Polling(ABC):
    """One loop of getUpdates. `last_success_at` and `trouble` are for the health page.

    There must be only one for a bot, anywhere.
    """

    def __init__(self, title: str, clock: Callable[[], datetime], *, pace: float) -> None:
        self.last_success_at: datetime | None = None
        self.trouble: str | None = None
        self._title = title  # of the platform, for the log
        self._clock = clock
        self._pace = pace  # of the pauses; a test makes it small
        self._failures = 0
        self._stopping = asyncio.Event()

    @abstractmethod
    async def fetch(self) -> None:
        """Ask the platform, and hold what it gives. Raises SendError."""

    @abstractmethod
    async def keep(self) -> bool:
        """Store what is held and let it go; tell whether there was any. Raises what the store raises."""

    async def run(self) -> None:
        """Poll until `stop`. Platform or database down: try again after growing pauses."""
        while not self._stopping.is_set():
            rest_s = await self._round()
            with suppress(TimeoutError):
                async with asyncio.timeout(rest_s * self._pace):
                    await self._stopping.wait()

    async def stop(self) -> None:
        """Let `run` end: a waiting poll is dropped, what is already held is still stored."""
        self._stopping.set()

    async def _round(self) -> float:
        """Fetch and store once; return the seconds to rest."""
        began = asyncio.get_running_loop().time()
        try:
            if not await self._fetched():
                return 0
            came = await self.keep()
        except Exception as error:  # noqa: BLE001  whatever the store raises: what is held stays held
            return self._failed(error)
        self._failures, self.trouble = 0, None
        self.last_success_at = self._clock()
        took_s = asyncio.get_running_loop().time() - began
        return 0 if came else max(0, FIRST_REST_S - took_s)

    async def _fetched(self) -> bool:
        """Tell whether the platform was heard to the end before `stop`."""
        asking = asyncio.create_task(self.fetch())
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({asking, stop}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                await asking
            return asking.done()
        finally:
            asking.cancel()
            stop.cancel()
            # `gather` tells apart that these two were cancelled, and that somebody cancels us just now.
            await asyncio.gather(asking, stop, return_exceptions=True)

    def _failed(self, error: Exception) -> float:
        """Remember and log *error* (not a foreign text: it may quote a message); say how long to rest."""
        self.trouble = str(error) if isinstance(error, SendError | Unreadable) else type(error).__name__
        self._failures += 1
        if isinstance(
            error, Misconfigured | Refused
        ):  # a wrong token, a second instance, a webhook still set
            log.error("%s polling needs a person: %s", self._title, self.trouble)
            return LONGEST_REST_S
        log.warning("%s polling failed %d times: %s", self._title, self._failures, self.trouble)
        if isinstance(error, Throttled):
            return error.retry_after.total_seconds()
        rest_s: float = FIRST_REST_S * 2 ** min(self._failures - 1, _GROWTH)
        return min(rest_s, LONGEST_REST_S) * random.uniform(0.5, 1)  # noqa: S311  spreads, hides nothing
