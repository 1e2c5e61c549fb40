"""How fast is too fast: a sliding window, and a bucket that forgives short bursts.

Both take the time as an argument and take None for "no limit".
"""

import math
from collections import deque


class Window:
    """At most *limit* in any trailing *seconds*."""

    def __init__(self, limit: int | None, seconds: float) -> None:
        """Begin with nothing counted."""
        self._limit = limit
        self._seconds = seconds
        self._times: deque[float] = deque()

    def wait_s(self, now: float) -> float:
        """Return the seconds until one more would fit; 0 if it fits now."""
        if self._limit is None:
            return 0
        self._forget(now)
        if len(self._times) < self._limit:
            return 0
        if not self._limit:
            return self._seconds
        return self._times[-self._limit] + self._seconds - now

    def note(self, now: float) -> None:
        """Count one at *now*."""
        if self._limit is not None:
            self._times.append(now)

    def remaining(self, now: float) -> int | None:
        """Return how many more fit at *now*."""
        if self._limit is None:
            return None
        self._forget(now)
        return max(0, self._limit - len(self._times))

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()


class Bucket:
    """*per_second* in the long run, with *allowance* more at once after a rest."""

    def __init__(self, per_second: int | None, allowance: int) -> None:
        """Begin full."""
        self._per_second = per_second
        self._most = float(allowance + (per_second or 0))
        self._left = self._most
        self._seen = -math.inf

    def wait_s(self, now: float) -> float:
        """Return the seconds until one more would fit; 0 if it fits now."""
        if self._per_second is None:
            return 0
        self._refill(now, self._per_second)
        return 0 if self._left >= 1 else (1 - self._left) / max(self._per_second, 1)

    def note(self, now: float) -> None:
        """Count one at *now*."""
        if self._per_second is not None:
            self._refill(now, self._per_second)
            self._left -= 1

    def _refill(self, now: float, per_second: int) -> None:
        if math.isinf(self._seen):
            self._seen = now
        self._left = min(self._most, self._left + (now - self._seen) * per_second)
        self._seen = now
