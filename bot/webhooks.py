"""Let messages in: body limit, the channel's own check, stored durably, then 200.

Forged calls get 403 and leave no row; calls from the platform that nobody could read get
200 and one line with size and hash; a database that is down gets 503, so that the platform
repeats.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import ClientPayloadError, web

from bot.channel import Arrival, Channel, Unreadable, Untrusted
from bot.metrics import Metrics
from records.tables import ChannelName

MAX_BODY = 256 * 1024  # bytes; the largest event either platform documents is far smaller
READ_TIMEOUT_S = 10
ANSWERS = (200, 400, 403, 413, 503)

Accept = Callable[[ChannelName, Sequence[Arrival]], Awaitable[None]]
log = logging.getLogger(__name__)


async def _body(request: web.Request) -> bytes:
    """Read the body; one that is not here at once may take a while, not for ever."""
    if request.content.is_eof():
        return await request.read()
    async with asyncio.timeout(READ_TIMEOUT_S):
        return await request.read()


def path_of(name: ChannelName) -> str:
    """Return where the platform *name* calls.

    >>> path_of(ChannelName.ZALO_BOT)
    '/webhooks/zalo-bot'
    """
    return f"/webhooks/{name.replace('_', '-')}"


class Webhook:
    """One platform's entrance."""

    def __init__(self, channel: Channel, accept: Accept, metrics: Metrics) -> None:
        self._channel = channel
        self._accept = accept
        name = channel.name
        self._counters = {status: metrics.webhooks.labels(name, status) for status in ANSWERS}
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def receive(self, request: web.Request) -> web.Response:
        """Take one call."""
        status = await self._take(request)
        self._counters[status].inc()
        return web.Response(status=status)

    async def _take(self, request: web.Request) -> int:
        try:
            body = await _body(request)
        except web.HTTPRequestEntityTooLarge:
            return 413
        except (TimeoutError, ClientPayloadError, ConnectionError):
            return 400
        try:
            arrivals = self._channel.accept(body, request.headers)
        except Untrusted:
            return 403
        except Unreadable:
            digest = hashlib.sha256(body).hexdigest()[:16]
            log.warning("%s: unreadable call of %d bytes, %s", self._channel.name, len(body), digest)
            return 200
        return await self._keep(arrivals)

    async def _keep(self, arrivals: Sequence[Arrival]) -> int:
        """Store, then acknowledge; the platform's spinner is stopped beside the answer, not before it."""
        try:
            await self._accept(self._channel.name, arrivals)
        except Exception as error:  # noqa: BLE001  whatever the database says, the platform must repeat
            log.error("%s: not stored: %s", self._channel.name, type(error).__name__)  # noqa: TRY400  no values
            return 503
        if any(item.answerable for item in arrivals):
            task = asyncio.create_task(self._channel.acknowledge(arrivals))
            self._acknowledging.add(task)
            task.add_done_callback(self._acknowledging.discard)
        return 200
