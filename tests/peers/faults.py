"""What may go wrong on the way, planned by a test for one method or for all.

A plan is scripted (`next`) or left to chance (`chance`, with a seed). The
method is the name in the address: "sendMessage", "v3.0/oa/message/cs"; "*" is
every one. Faults that end in AFTER, and SLOW, strike when the platform has
already accepted the call, so the record shows it although the sender cannot know.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum

from aiohttp import web

_GATEWAY = "<html><head><title>{0}</title></head><body><h1>{0}</h1>nginx</body></html>"


class Fault(Enum):
    """One way for a call to go wrong."""

    REFUSE = "closed before the request was read"
    RESET_AFTER = "accepted, then dropped without an answer"
    E500_BEFORE = "500 with HTML, nothing accepted"
    E500_AFTER = "500 with HTML, but accepted"
    E502_BEFORE = "502 with HTML, nothing accepted"
    E502_AFTER = "502 with HTML, but accepted"
    SLOW = "accepted, answered after some seconds"
    THROTTLED = "too many requests; Telegram 429, Zalo -32"
    EXPIRED_TOKEN = "the token is refused"
    HTML_200 = "200 with HTML, nothing accepted"
    HTML_200_AFTER = "200 with HTML, but accepted"
    OK_FALSE = "200 that says no, nothing accepted"
    OK_FALSE_AFTER = "200 that says no, but accepted; seen on Zalo"


_ACCEPTED_FIRST = frozenset(
    {
        Fault.RESET_AFTER,
        Fault.E500_AFTER,
        Fault.E502_AFTER,
        Fault.SLOW,
        Fault.HTML_200_AFTER,
        Fault.OK_FALSE_AFTER,
    }
)

_PAGES = {
    Fault.E500_BEFORE: (500, "500 Internal Server Error"),
    Fault.E500_AFTER: (500, "500 Internal Server Error"),
    Fault.E502_BEFORE: (502, "502 Bad Gateway"),
    Fault.E502_AFTER: (502, "502 Bad Gateway"),
    Fault.HTML_200: (200, "Welcome"),
    Fault.HTML_200_AFTER: (200, "Welcome"),
}


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one platform words the refusals a fault imitates; `throttled` takes seconds."""

    throttled: Callable[[float], web.Response]
    expired_token: Callable[[], web.Response]
    ok_false: Callable[[], web.Response]


@dataclass(frozen=True)
class Strike:
    """A fault that is about to happen, or has; *seconds* for SLOW and THROTTLED."""

    method: str
    fault: Fault
    seconds: float = 1


@dataclass
class _Chance:
    strike: Strike
    probability: float
    dice: random.Random


@dataclass
class Faults:
    """The plan of what goes wrong. `struck` is what did."""

    struck: list[Strike] = field(default_factory=list)
    _script: defaultdict[str, deque[Strike]] = field(default_factory=lambda: defaultdict(deque))
    _chances: list[_Chance] = field(default_factory=list)

    def next(self, method: str, fault: Fault, *, times: int = 1, seconds: float = 1) -> None:
        """Let the next *times* calls of *method* meet *fault*, after what is planned already."""
        self._script[method].extend([Strike(method, fault, seconds)] * times)

    def chance(
        self, method: str, fault: Fault, probability: float, *, seed: int = 0, seconds: float = 1
    ) -> None:
        """Let each call of *method* meet *fault* with *probability*, reproducibly."""
        dice = random.Random(seed)
        self._chances.append(_Chance(Strike(method, fault, seconds), probability, dice))

    def always(self, method: str, fault: Fault, *, seconds: float = 1) -> None:
        """Let every call of *method* meet *fault* until `clear`."""
        self.chance(method, fault, 1.0, seconds=seconds)

    def clear(self) -> None:
        """Forget the whole plan; the platform is well again."""
        self._script.clear()
        self._chances.clear()

    async def surround(
        self,
        method: str,
        request: web.Request,
        dialect: Dialect,
        handle: Callable[[], Awaitable[web.Response]],
    ) -> web.Response:
        """Answer by *handle*, spoilt by whatever is planned for *method*."""
        strike = self._draw(method)
        if strike is None:
            return await handle()
        self.struck.append(strike)
        answer = web.Response()
        if strike.fault in _ACCEPTED_FIRST:
            answer = await handle()
        return await _spoil(strike, request, dialect, answer)

    def _draw(self, method: str) -> Strike | None:
        for name in (method, "*"):
            if self._script[name]:
                return Strike(method, *_how(self._script[name].popleft()))
        for one in self._chances:
            if one.strike.method in (method, "*") and one.dice.random() < one.probability:
                return Strike(method, *_how(one.strike))
        return None


def _how(strike: Strike) -> tuple[Fault, float]:
    return strike.fault, strike.seconds


async def _spoil(
    strike: Strike, request: web.Request, dialect: Dialect, answer: web.Response
) -> web.Response:
    if strike.fault in _PAGES:
        status, title = _PAGES[strike.fault]
        return web.Response(status=status, text=_GATEWAY.format(title), content_type="text/html")
    match strike.fault:
        case Fault.SLOW:
            await asyncio.sleep(strike.seconds)
            return answer
        case Fault.THROTTLED:
            return dialect.throttled(strike.seconds)
        case Fault.EXPIRED_TOKEN:
            return dialect.expired_token()
        case Fault.OK_FALSE | Fault.OK_FALSE_AFTER:
            return dialect.ok_false()
        case _:
            if request.transport:
                request.transport.abort()
            return answer
