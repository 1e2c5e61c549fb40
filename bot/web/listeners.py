"""Who has a page open just now, and how it is woken."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Listener:
    """One open page. `accepted` are keys of deliveries just sent to it, not yet looked up."""

    def __init__(self) -> None:
        self.accepted: set[str] = set()
        self.closed = False
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Make the page look again."""
        self._woken.set()

    async def woken(self, within_s: float) -> bool:
        """Wait to be woken. False when nobody did within *within_s* seconds."""
        try:
            async with asyncio.timeout(within_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class Listeners:
    """All open pages of this process, by session id."""

    def __init__(self) -> None:
        self._open: defaultdict[str, set[Listener]] = defaultdict(set)

    @contextmanager
    def listening(self, user: str) -> Iterator[Listener]:
        """Be one of *user*'s open pages for the length of the block."""
        listener = Listener()
        self._open[user].add(listener)
        try:
            yield listener
        finally:
            self._open[user].discard(listener)
            if not self._open[user]:
                del self._open[user]

    def users(self) -> list[str]:
        """Return whose pages are open."""
        return list(self._open)

    def wake(self, user: str, accepted: str | None = None) -> None:
        """Make every page of *user* look again; *accepted* is the key of what was just sent."""
        for listener in self._open.get(user, ()):
            if accepted is not None:
                listener.accepted.add(accepted)
            listener.wake()

    def close(self) -> None:
        """End every page's stream: the house closes."""
        for listener in [item for group in self._open.values() for item in group]:
            listener.closed = True
            listener.wake()
