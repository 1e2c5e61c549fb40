"""Two people who may change what residents read, and a resident who asks in the web chat."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from sqlmodel import col, func, select
from yarl import URL

from records.cases import Permission
from records.tables import Delivery
from tests.console.bench import Browser, Console

WRITER, DECIDER = "an.soan", "binh.duyet"


async def two_editors(console: Console) -> tuple[Browser, Browser]:
    """Return the browsers of two people who may both write and decide."""
    for login in (WRITER, DECIDER):
        await console.hire(login, Permission.EDIT_KNOWLEDGE)
    return await console.enter(WRITER), await console.enter(DECIDER)


class Resident:
    """Somebody at the web chat."""

    def __init__(self, console: Console, http: aiohttp.ClientSession) -> None:
        self._console = console
        self._http = http

    async def asks(self, text: str) -> str:
        """Say *text* and return everything that came back."""
        before = await self._newest()
        headers = {"X-Ward-Chat": "1"}
        said = {"id": secrets.token_hex(6), "text": text}
        async with self._http.post("/chat/messages", json=said, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        async with asyncio.timeout(20):
            while not (told := await self._since(before)):
                await asyncio.sleep(0.02)
        return "\n".join(told)

    async def _newest(self) -> int:
        async with self._console.database.reading() as db:
            return (await db.exec(select(func.max(Delivery.id)))).one() or 0

    async def _since(self, number: int) -> list[str]:
        async with self._console.database.reading() as db:
            found = await db.exec(
                select(Delivery.text).where(col(Delivery.id) > number).order_by(col(Delivery.id))
            )
            return [text or "" for text in found.all()]


@asynccontextmanager
async def resident(console: Console) -> AsyncIterator[Resident]:
    """Open the page of the web chat."""
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(console.url))
    async with aiohttp.ClientSession(console.url, cookie_jar=jar) as http:
        async with http.get("/") as page:
            assert page.status == 200
        yield Resident(console, http)
