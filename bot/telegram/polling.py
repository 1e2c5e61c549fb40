"""Fetching updates where no webhook can reach us: stored first, confirmed afterwards.

Telegram forgets an update as soon as we ask for the next one, so we ask only when `accept`
has come back. A crash, or a database that is down, means the same updates once more.
"""

import asyncio
import hashlib
import json
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from bot.channel import Arrival, Misconfigured, SendError, Throttled, Unreadable
from bot.telegram import reading
from bot.telegram.channel import TelegramChannel

FIRST_REST_S = 1.0
LONGEST_REST_S = 60.0
HELPLESS_REST_S = 60.0  # a second instance, or a wrong token: a person has to act
_GROWTH = 6  # doublings; more would pass the longest rest anyway

_T = TypeVar("_T")
log = logging.getLogger(__name__)


class Poller:
    """One loop of getUpdates. `last_success_at` and `trouble` are for the health page.

    There must be only one poller for a bot, anywhere.
    """

    def __init__(
        self,
        channel: TelegramChannel,
        accept: Callable[[Sequence[Arrival]], Awaitable[None]],
        *,
        pace: float = 1.0,
    ) -> None:
        self.last_success_at: datetime | None = None
        self.trouble: str | None = None
        self._channel = channel
        self._accept = accept
        self._pace = pace  # of the pauses; a test makes it small
        self._offset: int | None = None
        self._failures = 0
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Poll until `stop`. Platform or database down: try again after growing pauses."""
        while not self._stopping.is_set():
            rest_s = await self._round()
            if rest_s:
                await self._unless_stopped(asyncio.sleep(rest_s * self._pace))

    async def stop(self) -> None:
        """Let `run` end: a waiting poll is dropped, updates already fetched are still stored."""
        self._stopping.set()

    async def _round(self) -> float:
        """Poll once and store what came; return the seconds to rest."""
        began = asyncio.get_running_loop().time()
        try:
            updates = await self._unless_stopped(self._channel.updates(self._offset))
        except SendError as error:
            return self._failed(error)
        if updates is None:
            return 0
        trouble_s = await self._take(updates)
        took_s = asyncio.get_running_loop().time() - began
        return trouble_s if trouble_s or updates else max(0, FIRST_REST_S - took_s)

    async def _take(self, updates: Sequence[Any]) -> float:
        """Store *updates* and only then remember to confirm them; return the seconds to rest."""
        arrivals, confirmed = _sort(updates)
        if updates and confirmed is None:
            return self._failed(Unreadable("updates without numbers"))
        try:
            if arrivals:
                await self._accept(arrivals)
        except Exception as error:  # noqa: BLE001  whatever the store raises: not stored is not confirmed
            return self._failed(error)
        # After an empty answer everything is confirmed. Asking without an offset then matters after
        # a week of silence, when Telegram begins again at a random number, perhaps a lower one.
        self._offset = None if confirmed is None else confirmed + 1
        self._failures, self.trouble = 0, None
        self.last_success_at = self._channel.clock()
        await self._channel.acknowledge(arrivals)
        return 0

    def _failed(self, error: Exception) -> float:
        """Remember and log *error* (not a foreign text: it may quote a message); say how long to rest."""
        self.trouble = str(error) if isinstance(error, SendError | Unreadable) else type(error).__name__
        self._failures += 1
        if isinstance(error, Misconfigured):
            log.error("Telegram polling needs a person: %s", self.trouble)
            return HELPLESS_REST_S
        log.warning("Telegram polling failed %d times: %s", self._failures, self.trouble)
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
            await _dropped(task)
            await _dropped(stop)


async def _dropped(task: asyncio.Task[Any]) -> None:
    if not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError, SendError):
            await task


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
