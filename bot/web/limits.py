"""How much one address may ask of us. What is remembered is bounded."""

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from aiohttp import web

from bot.web.trouble import NotTaken, Trouble

MAX_ADDRESSES = 10_000  # remembered at once; the one not seen for longest is forgotten first


class Pace:
    """So many a minute for each address, saved up to one minute's worth."""

    def __init__(self, per_minute: int, clock: Callable[[], datetime]) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address -> what is left, when

    def admit(self, address: str, cost: float = 1) -> None:
        """Count one request. Raises NotTaken, telling when the next would be taken."""
        left, now = self._refilled(address)
        taken = left >= cost
        self._left[address] = (left - cost if taken else left, now)
        self._left.move_to_end(address)
        if len(self._left) > MAX_ADDRESSES:
            self._left.popitem(last=False)
        if not taken:
            raise NotTaken(Trouble.FAST, retry_after=(cost - left) * 60 / self.per_minute)

    def _refilled(self, address: str) -> tuple[float, float]:
        now = self._clock().timestamp()
        left, at = self._left.get(address, (float(self.per_minute), now))
        earned = max(0.0, now - at) * self.per_minute / 60
        return min(float(self.per_minute), left + earned), now


class Seats:
    """So many streams open at once for each address."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def sit(self, address: str) -> Iterator[None]:
        """Hold one seat for the length of the block. Raises NotTaken when all are taken."""
        if self._taken[address] >= self.most:
            raise NotTaken(Trouble.MANY_STREAMS, retry_after=10)
        self._taken[address] += 1
        try:
            yield
        finally:
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]


def address_of(request: web.Request, *, behind_proxy: bool) -> str:
    """Return whom a request counts for: an IPv4 address, or the /64 network of an IPv6 one.

    Only the last entry of X-Forwarded-For is our own proxy's; the others anybody can write.
    """
    said = request.headers.getall("X-Forwarded-For", [""])[-1].rpartition(",")[2].strip()
    return (_network(said) if behind_proxy else "") or _network(request.remote or "") or "unknown"


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
