"""Calls to the bot platform: POST with JSON, an answer that says `ok`.

The token stands in every address, so no foreign exception leaves this module, and what the
platform says is passed on without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.channel import SendError, Unavailable, Unreadable
from bot.zalo_bot import errors
from bot.zalo_bot.reading import load

CONNECT_S = 5.0
KEEPALIVE_S = 5.0  # a POST on a connection that just died is doubtful: do not keep them long
LARGEST_ANSWER = 2**20

_BROKEN = 500
_NO_SUCH_BOT = (401, 403, 404)  # a wrong token is answered with a page, not with JSON
_PASSED_ON = (413, 429)
_UNNAMED = -1  # a refusal without a number
_TROUBLES = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


class _TooLarge(ValueError):
    """More came than an answer may have; the rest was not read."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the platform says: `code` 0 is yes. `said` is its own wording, without the token."""

    code: int
    said: str = ""
    result: Any = None


class Api:
    """One bot's calls to the API at *url*; the connection is opened at the first of them."""

    def __init__(self, url: str, token: str, timeout_s: float) -> None:
        self._base = f"{url.rstrip('/')}/bot{token}"
        self._token = token
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, method: str, values: Mapping[str, str], *, wait_s: float = 0) -> Answer:
        """Return the answer; the platform may take *wait_s* longer than usual. Raises Unavailable."""
        try:
            status, content = await self._exchange(method, values, self._timeout_s + wait_s)
        except _TROUBLES as error:
            trouble = _lost(error)
        else:
            return self._answer(status, content)
        # Outside the `except`: aiohttp's errors carry the address, and the address the token.
        raise trouble

    async def _exchange(self, method: str, values: Mapping[str, str], limit_s: float) -> tuple[int, bytes]:
        limit = aiohttp.ClientTimeout(total=limit_s, sock_connect=min(CONNECT_S, self._timeout_s))
        async with self._opened().post(
            f"{self._base}/{method}", json=dict(values), timeout=limit, allow_redirects=False
        ) as answer:
            content = bytearray()
            async for chunk in answer.content.iter_any():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise _TooLarge
            return answer.status, bytes(content)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _answer(self, status: int, content: bytes) -> Answer:
        """Judge by `ok`, then by their number, then by HTTP's."""
        try:
            fields = load(content)
        except Unreadable:
            return _page(status)
        if fields.get("ok") is True and status < errors.REFUSED:
            return Answer(code=0, result=fields.get("result"))
        number = fields.get("error_code", fields.get("errorCode"))
        code = _number(number) or (status if status >= errors.REFUSED else _UNNAMED)
        said = fields.get("description")
        return Answer(code=code, said=self._scrub(said) if isinstance(said, str) else "")

    def _scrub(self, said: str) -> str:
        return said.replace(self._token, "***").replace(self._token.rpartition(":")[2], "***")


def _page(status: int) -> Answer:
    """Judge an answer that is no JSON: a gateway's page, or a bot that does not exist."""
    if status in _NO_SUCH_BOT:
        return Answer(code=errors.TOKEN)
    if status in _PASSED_ON:
        return Answer(code=status)
    raise Unavailable(f"Zalo Bot trả lời HTTP {status} không phải JSON đã hẹn", doubtful=True)


def _number(found: Any) -> int:
    digits = found if isinstance(found, str) else ""
    return int(digits) if digits.removeprefix("-").isdecimal() and len(digits) < len(str(2**31)) else 0


def _lost(error: Exception) -> SendError:
    never_left = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
    doubtful = not isinstance(error, never_left)
    return Unavailable(f"Zalo Bot không trả lời: {type(error).__name__}", doubtful=doubtful)
