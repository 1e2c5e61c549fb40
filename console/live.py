"""A piece of a page that is written anew while one looks at it, by server-sent events.

A handler gives a function that writes the piece in a reading transaction of its own; the
stream sends it whenever it changed, and ends when the session does, when the piece says it is
finished, or after a while: the browser then comes back by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from console import gate
from console.visit import Visit
from records import sessions

PAUSE_S: Final = 0.5
LONGEST_S: Final = 300.0
BEAT_S: Final = 15.0  # so that a proxy does not take the stream for dead

Piece = Callable[[Visit], Awaitable[tuple[str, bool]]]  # the HTML, and whether it is finished


async def stream(visit: Visit, piece: Piece) -> web.StreamResponse:
    """Send *piece* now and whenever it changes. The door must be `alone`."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    gate.dress(response, visit.cookies)
    await response.prepare(visit.request)
    loop = asyncio.get_running_loop()
    ends, beat, sent = loop.time() + LONGEST_S, loop.time(), ""
    while loop.time() < ends and await _still_in(visit):
        text, finished = await _written(visit, piece)
        if text != sent:
            sent = text
            await response.write(_event("piece", text))
            beat = loop.time()
        elif loop.time() - beat > BEAT_S:
            await response.write(b": still here\n\n")
            beat = loop.time()
        if finished:
            await response.write(_event("end", ""))
            return response
        await asyncio.sleep(PAUSE_S)
    return response


async def _written(visit: Visit, piece: Piece) -> tuple[str, bool]:
    async with visit.house.database.reading() as db:
        visit.session, visit.now = db, visit.house.clock()
        try:
            return await piece(visit)
        finally:
            visit.session = None


async def _still_in(visit: Visit) -> bool:
    """Tell whether the session still holds: somebody disabled sees nothing more."""
    name = visit.request.cookies.get(gate.COOKIE, "")
    async with visit.house.database.reading() as db:
        held = await sessions.entry(db, name, visit.house.clock())
    needs = visit.door.needs
    visit.entry = held
    return held is not None and (not isinstance(needs, frozenset) or visit.may(*needs))


def _event(name: str, text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.split("\n"))
    return f"event: {name}\n{lines}\n".encode()
