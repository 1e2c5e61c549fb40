"""Telling open pages what was sent to them: one server-sent event a delivery.

A page is woken by the channel of its own process at once. What another process sent is seen
by one question every two seconds for all pages together, not by a question from each.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import islice

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.web.answers import Mark, Reader, marks
from bot.web.guard import dress
from bot.web.listeners import Listener, Listeners
from records.database import Database

HEARTBEAT_S = 15  # proxies cut what is silent for 30 s or 60 s
HEARTBEAT = b": still here\nevent: beat\ndata: 1\n\n"  # a script does not see a bare comment
SWEEP_S = 2.0
LOOK_S = 1.0  # how soon a page that went away is noticed
STALLED_S = 30  # a page that takes nothing for so long is gone
MOST_ASKED = 500  # sessions in one question

log = logging.getLogger(__name__)


class Streams:
    """The open streams of this process."""

    def __init__(self, database: Database, listeners: Listeners) -> None:
        self._database = database
        self._listeners = listeners
        self._marks: dict[str, Mark] = {}

    async def follow(self, request: web.Request, user: str, after: int) -> web.StreamResponse:
        """Tell one page everything sent to *user* behind delivery *after*, until the page goes away."""
        reader = Reader(user)
        with self._listeners.listening(user) as listener:
            async with self._database.reading() as db:
                await reader.resume(db, after)
            response = _response()
            await response.prepare(request)
            with suppress(SQLAlchemyError, OSError, TimeoutError):  # the page comes back and asks again
                await self._tell(request, response, reader, listener)
        return response

    async def _tell(
        self, request: web.Request, response: web.StreamResponse, reader: Reader, listener: Listener
    ) -> None:
        await _write(response, b"retry: 3000\n\n")
        while not listener.closed:
            async with self._database.reading() as db:
                news = await reader.news(db, listener.accepted)
            for answer in news:
                await _write(response, answer.event())
            if not await _woken(request, listener):
                await _write(response, HEARTBEAT)

    @asynccontextmanager
    async def sweeping(self) -> AsyncIterator[None]:
        """Look every two seconds, for the length of the block, for what others have sent."""
        task = asyncio.create_task(self._sweep_on())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.sweep()
            except (SQLAlchemyError, OSError) as error:
                log.warning("the web chat could not look into the outbox: %s", type(error).__name__)

    async def sweep(self) -> None:
        """Wake every open page to which something was sent since the last sweep."""
        users = iter(self._listeners.users())
        now: dict[str, Mark] = {}
        while some := list(islice(users, MOST_ASKED)):
            now |= await marks(self._database, some)
        before, self._marks = self._marks, now
        for user, mark in now.items():
            if before.get(user) != mark:
                self._listeners.wake(user)


def _response() -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
    dress(response)
    return response


async def _woken(request: web.Request, listener: Listener) -> bool:
    """Wait for news. False after a heartbeat's time without. Raises ConnectionResetError when the page is gone."""
    for _ in range(int(HEARTBEAT_S / LOOK_S)):
        if await listener.woken(LOOK_S):
            return True
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError
    return False


async def _write(response: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(STALLED_S):
        await response.write(data)
