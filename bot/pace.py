"""How many may leave now, as far as this process remembers: exact while it is alone on the road.

The slots of `records.gate` keep several processes apart, and are wide for it: nobody knows how
late a message of another really left. Whoever has been alone for a second knows. Such a process
has a seat for each message the rate allows in a second, and a seat is free again a second after
the platform had the message at the latest, which is when it answered. So no trailing second
holds more than the rate however late anything runs, and being late costs nothing.
"""

import asyncio
import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

SECOND: Final = timedelta(seconds=1)
GRAIN_S: Final = 0.003  # ways to the platform differ by so much even when nothing is slow
LEAD_S: Final = 0.008  # a message is claimed so long before its seat is free: claiming takes its time
CREEP_S: Final = 0.00005  # a message: how slowly we believe that the way has become longer
FEWEST: Final = 10  # seats; a slower road goes by the gate's slots alone
_LONG_S: Final = 1.0  # until a seat is free that waits for an answer: look again then


class Call:
    """One message on its way: when it may leave, and when it was handed over, by the monotonic clock."""

    __slots__ = ("left_s", "may_leave_s")

    def __init__(self, may_leave_s: float, left_s: float) -> None:
        self.may_leave_s = may_leave_s
        self.left_s = left_s


class Pace:
    """The seats of one channel in this process."""

    def __init__(self, per_second: float, tick: Callable[[], float]) -> None:
        self._tick = tick
        self._seats = int(per_second)
        self._free = [tick() - SECOND.total_seconds()] * self._seats  # a heap: since when, or from when on
        self._away = 0  # messages without an answer, whose seats nobody knows yet
        # The shortest way there and back, found from below. The platform had a message this long before its
        # answer, less the way there, and has the next one a way there after it leaves: so much is not lost.
        self._way_s = 0.0
        self._gate_at: datetime | None = None
        self._others_at: datetime | None = None

    def alone(self, gate_at: datetime, now: datetime) -> bool:
        """Tell whether nobody else sent within the last second; *gate_at* is the gate's next slot."""
        if gate_at != self._gate_at:
            self._gate_at = self._others_at = gate_at
        others = self._others_at
        return self._seats >= FEWEST and others is not None and now >= others + SECOND

    def leaves_gate(self, gate_at: datetime) -> None:
        """Remember how we left the gate: if it stands otherwise next time, somebody else was there."""
        self._gate_at = gate_at

    def begin(self) -> Call:
        """Take a seat for a message; it may leave when the seat is free."""
        now = self._tick()
        self._away += 1
        seat = heapq.heappop(self._free) if self._free else now
        return Call(seat if self._seats >= FEWEST else now, now)

    async def turn(self, call: Call) -> None:
        """Wait until *call* may leave: a moment at most, if `free` was asked before."""
        await asyncio.sleep(max(0.0, call.may_leave_s - self._tick()))
        call.left_s = self._tick()

    def end(self, call: Call) -> None:
        """Note that the platform has answered, or will not."""
        now = self._tick()
        self._away -= 1
        self._way_s = min(now - call.left_s, self._way_s + CREEP_S)
        heapq.heappush(self._free, now + SECOND.total_seconds() + GRAIN_S - self._way_s)
        while len(self._free) + self._away > self._seats and self._free:
            heapq.heappop(self._free)  # more were on their way than there are seats

    def free(self) -> int:
        """Return how many may leave now or in a moment; a slow road has no seats, only slots."""
        soon = self._tick() + LEAD_S
        return sum(1 for at in self._free if at <= soon) if self._seats >= FEWEST else 1

    def wait_s(self, more: int = 0) -> float:
        """Return the seconds until one more may leave, after *more* that leave now."""
        if self._seats < FEWEST:
            return 0
        if more >= len(self._free):
            return _LONG_S
        return min(_LONG_S, max(0.0, sorted(self._free)[more] - LEAD_S - self._tick()))
