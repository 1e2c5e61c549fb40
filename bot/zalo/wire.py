"""One call to a Zalo server: bytes out, JSON in, and what it means when no answer comes.

Zalo says no with HTTP 200 and a number; that is an `Answer`, judged elsewhere. Here only
the road is judged: never arrived, perhaps arrived, too fast.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from bot.channel import SendError, Throttled, Unavailable, Unreadable
from bot.zalo.payload import at, parse, text_at

Body = bytes | aiohttp.FormData
MakeBody = Callable[[], Body | None]  # a form can be sent only once, so each attempt makes its own

CONNECT_S = 5.0
KEEPALIVE_S = 5.0  # a POST on a connection that just died is doubtful: do not keep them long
LARGEST_ANSWER = 2**20
PAUSE = timedelta(minutes=1)  # Zalo counts by the minute

_BROKEN = 500
_TOO_MANY = 429
_DIGITS = 9  # of an error number


class TooLarge(Exception):
    """More came than was allowed; the rest was not read."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What Zalo says: `code` 0 is yes. `said` is its own wording, without our secrets."""

    code: int
    said: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> Any:
        """Return the part that answers the question, if any."""
        return self.fields.get("data")


class Wire:
    """The connections to Zalo; opened at the first call, inside the running loop."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(CONNECT_S, timeout_s))
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Return the one session, opening it if need be."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
            )
        return self._session

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None = None
    ) -> Answer:
        """Return what Zalo answers. Raises Unavailable or Throttled."""
        try:
            status, content = await self._exchange(method, url, headers, body)
            return _answer(status, content, headers)
        except (aiohttp.ClientError, TimeoutError, TooLarge, OSError, ValueError) as error:
            trouble = _lost(error)
        # Outside the `except`: aiohttp's errors carry the request, and the request the token.
        raise trouble

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None
    ) -> tuple[int, bytes]:
        async with self.session.request(
            method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            return answer.status, await read_at_most(answer, LARGEST_ANSWER)


async def read_at_most(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    """Return the whole content. Raises TooLarge as soon as it is more than *largest* bytes."""
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > largest:
            raise TooLarge
    return bytes(content)


def _lost(error: Exception) -> SendError:
    never_left = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
    doubtful = not isinstance(error, never_left)
    return Unavailable(f"Zalo không trả lời: {type(error).__name__}", doubtful=doubtful)


def _answer(status: int, content: bytes, headers: Mapping[str, str]) -> Answer:
    if status >= _BROKEN:
        raise Unavailable(f"Zalo trả lời HTTP {status}", doubtful=True)
    if status == _TOO_MANY:
        raise Throttled(f"Zalo trả lời HTTP {status}", PAUSE)
    try:
        fields = parse(content)
        code = _code(fields)
    except Unreadable:
        raise Unavailable(f"Zalo trả lời HTTP {status} không phải JSON đã hẹn", doubtful=True) from None
    said = text_at(fields, "message")
    repeats_us = any(value in said for value in headers.values())
    return Answer(code=code, said="" if repeats_us else said, fields=fields)


def _code(fields: Mapping[str, Any]) -> int:
    """Return the error number; an answer without one must at least bring something."""
    if at(fields, "error") is None:
        if "data" in fields or "access_token" in fields:
            return 0
        raise Unreadable("neither an error nor data")
    number = text_at(fields, "error")
    if not number.removeprefix("-").isdecimal() or len(number) > _DIGITS:
        raise Unreadable("the error is no number")
    return int(number)
