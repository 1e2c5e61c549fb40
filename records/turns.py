"""Whose turn it is to write: one at a time, and messages that come in go first."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """A fair lock with two queues: whoever is `urgent` passes everybody who is not.

    A platform waits two seconds for "received"; a reply may wait a little behind it.
    """

    def __init__(self) -> None:
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._patient: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def one(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Wait for one's turn and hold it during the block."""
        await self._wait(self._urgent if urgent else self._patient)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: deque[asyncio.Future[None]]) -> None:
        if not self._taken:
            self._taken = True
            return
        mine = asyncio.get_running_loop().create_future()
        queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._pass_on()  # the turn came in the moment we gave up
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next who still wants it."""
        for queue in (self._urgent, self._patient):
            while queue:
                following = queue.popleft()
                if not following.done():
                    following.set_result(None)
                    return
        self._taken = False
