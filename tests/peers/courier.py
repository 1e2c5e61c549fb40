"""Bringing events to a webhook until it says 2xx.

Events with the same key arrive in order; different keys go side by side, over
a limited number of connections. Delivery is at least once, as on the platforms.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

import aiohttp

T = TypeVar("T")


async def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> str:
    """POST *body*; return "" for a 2xx answer, else what went wrong."""
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with (
            # One connection a call: a webhook that restarts is never met by a stale one.
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=body, headers=headers) as answer,
        ):
            return "" if answer.ok else f"Wrong response from the webhook: {answer.status}"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return f"{type(error).__name__}: {error}"


class Courier(Generic[T]):
    """Carry items by *deliver(item, tried)* until it answers True.

    *pauses* are the seconds between attempts. After the last one the courier
    goes on with it, or, with *gives_up*, puts the item into `lost`.
    """

    def __init__(
        self,
        deliver: Callable[[T, int], Awaitable[bool]],
        *,
        pauses: Sequence[float],
        connections: int,
        gives_up: bool = False,
    ) -> None:
        """Stand ready; no task runs before the first item."""
        self.lost: list[T] = []
        self._deliver = deliver
        self._pauses = tuple(pauses)
        self._gives_up = gives_up
        self._lines = asyncio.Semaphore(connections)
        self._queues: dict[Hashable, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def attempts(self) -> int:
        """Return how often a courier that gives up tries."""
        return len(self._pauses) + 1

    def add(self, key: Hashable, item: T) -> None:
        """Queue *item* behind everything else with the same *key*."""
        if key in self._queues:
            self._queues[key].append(item)
            return
        self._queues[key] = deque([item])
        task = asyncio.get_running_loop().create_task(self._work(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Return when nothing is left to carry."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Drop everything at once."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._queues.clear()

    async def _work(self, key: Hashable) -> None:
        queue = self._queues[key]
        while queue:
            await self._carry(queue[0])
            queue.popleft()
        del self._queues[key]

    async def _carry(self, item: T) -> None:
        for tried in itertools.count():
            async with self._lines:
                if await self._deliver(item, tried):
                    return
            if self._gives_up and tried >= len(self._pauses):
                self.lost.append(item)
                return
            await asyncio.sleep(self._pauses[min(tried, len(self._pauses) - 1)])
