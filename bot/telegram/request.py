"""python-telegram-bot's way to the network, over one shared aiohttp session.

Several times faster than the library's own client, and it keeps a secret: every address holds
the token, so no foreign exception leaves this module and every answer is scrubbed.
"""

import io
import json
from typing import Any
from urllib.parse import quote

import aiohttp
from telegram import error as tg
from telegram.request import BaseRequest, RequestData

from bot.telegram.errors import NotSent, TooLarge

MAX_BYTES = 20 * 2**20  # getFile gives no larger files (telegram.md §3), and no answer is larger
CONNECTIONS = 64  # more than `Limits.in_flight` of sends, fetches, button answers and one poll together
_CONNECT_SHARE = 0.5  # of the time for a call; so a failed connection is never mistaken for a lost answer
_CHUNK = 2**16
_MULTIPLE_CHOICES, _BAD_REQUEST, _TOO_LARGE, _TOO_MANY, _SERVER_ERROR = 300, 400, 413, 429, 500
_NOT_FOUND = 404
_CONNECTING = (aiohttp.ClientConnectorError, aiohttp.ClientSSLError, aiohttp.ConnectionTimeoutError)
_TROUBLES = (aiohttp.ClientError, TimeoutError, OSError, ValueError, RuntimeError)


class AiohttpRequest(BaseRequest):
    """Calls with a time limit each; `upload_s` comes on top when a file goes along.

    Raises `TimedOut` and `NetworkError` where an answer was lost, `NotSent` where the call
    certainly did not arrive. `initialize` may follow `shutdown`.
    """

    __slots__ = ("_secrets", "_session", "_timeout_s", "_upload_s")

    def __init__(self, *, token: str, timeout_s: float, upload_s: float = 0) -> None:
        self._secrets = {token.encode(), quote(token, safe="").encode()}
        self._timeout_s = timeout_s
        self._upload_s = upload_s
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Return the seconds a call may take if nothing else is asked."""
        return self._timeout_s

    async def initialize(self) -> None:
        """Open the session; a second call does nothing."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close the session and everything under way."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the answer as an object. Raises TelegramError, without logging what came."""
        answer = _object(payload)
        if answer is None:
            raise tg.TelegramError("Invalid server response")
        return answer

    async def do_request(  # noqa: PLR0917  the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # Any: the library's placeholder type is private
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one call and return its status and its body, without the token in either."""
        del write_timeout, pool_timeout  # one limit for the whole call holds for both
        sends_files = request_data is not None and request_data.contains_files
        limit = self._limit(read_timeout, connect_timeout, sends_files=sends_files)
        try:
            status, body = await self._exchange(method, url, request_data, limit)
        except _TROUBLES as error:
            trouble = _translated(error)
        else:
            return _checked(status, self._scrub(body) if method == "POST" else body)
        raise trouble  # outside of `except`: so the foreign error, with its address, stays behind

    async def _exchange(
        self, method: str, url: str, request_data: RequestData | None, limit: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NotSent("The channel is not started")
        data, headers = _body(request_data)
        async with self._session.request(
            method, url, data=data, headers=headers, timeout=limit, allow_redirects=False
        ) as response:
            return response.status, await _read(response)

    def _limit(self, read: Any, connect: Any, *, sends_files: bool) -> aiohttp.ClientTimeout:
        total = self._timeout_s if read is self.DEFAULT_NONE else read
        if total is None:
            return aiohttp.ClientTimeout(total=None)
        first = total * _CONNECT_SHARE if connect is self.DEFAULT_NONE else connect
        return aiohttp.ClientTimeout(total=total + self._upload_s * sends_files, connect=first)

    def _scrub(self, body: bytes) -> bytes:
        """Take the token out: an error page likes to quote the address that was asked for."""
        for secret in self._secrets:
            body = body.replace(secret, b"***")
        return body


def _body(data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    if data is None:
        return None, {}
    if not data.contains_files:
        return data.json_payload, {"Content-Type": "application/json"}
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        handle = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, handle, filename=filename, content_type=kind)
    return form, {}


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read the body piece by piece, to stop before it fills the memory."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge("Request Entity Too Large: more than 20 MB")
    return bytes(body)


def _checked(status: int, body: bytes) -> tuple[int, bytes]:
    """Tell Telegram's own refusals, always JSON, from those of a gateway on the way to it."""
    if status == _TOO_LARGE:
        raise TooLarge("Request Entity Too Large")
    from_gateway = _MULTIPLE_CHOICES <= status < _SERVER_ERROR and status not in {_NOT_FOUND, _TOO_MANY}
    if from_gateway and _object(body) is None:
        raise NotSent(f"HTTP {status} from something on the way to Telegram")
    return status, body


def _object(payload: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _translated(error: Exception) -> tg.TelegramError:
    """Name a trouble by its kind only: its text may hold the address."""
    kind = type(error).__name__
    if isinstance(error, tg.TelegramError):
        return error
    if isinstance(error, aiohttp.InvalidURL):
        return tg.InvalidToken("The address of the Bot API, or the token in it, is not valid")
    if isinstance(error, _CONNECTING):
        return NotSent(f"No connection: {kind}{_reason(error)}")
    if isinstance(error, TimeoutError):
        return tg.TimedOut(f"Timed out: {kind}")
    return tg.NetworkError(f"Connection lost: {kind}{_reason(error)}")


def _reason(error: Exception) -> str:
    """Return what the operating system says; that holds no address."""
    number = getattr(error, "errno", None)
    return f" (errno {number})" if number else ""
