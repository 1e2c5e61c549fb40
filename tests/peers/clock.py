"""A platform's own clock, which a test may move ahead instead of sleeping."""

import time
from dataclasses import dataclass
from datetime import timedelta


@dataclass
class Clock:
    """Two times with one offset: `tick` for pace and order, `epoch` for dates."""

    offset: timedelta = timedelta(0)

    def tick(self) -> float:
        """Return monotonic seconds plus the offset."""
        return time.monotonic() + self.offset.total_seconds()

    def epoch(self) -> float:
        """Return seconds since 1970 plus the offset."""
        return time.time() + self.offset.total_seconds()

    def epoch_ms(self) -> int:
        """Return milliseconds since 1970 plus the offset."""
        return int(self.epoch() * 1000)

    def ahead(self, **span: float) -> None:
        """Move on by a span written as for `timedelta`: `ahead(days=8)`."""
        self.offset += timedelta(**span)
