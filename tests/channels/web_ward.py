"""A small ward with a real page on loopback, a real database, and an office of a few lines."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlmodel import SQLModel, col, select, update

from bot.channel import Arrival, Outgoing
from bot.settings import Settings
from bot.web import WebChannel, setup_web
from handlers.talk import Choice, Incoming
from records.database import Database
from records.dialect import insert_new
from records.media import MediaStore
from records.tables import Address, ChannelName, Delivery, DeliveryState, Purpose, Received

OURS = {"X-Ward-Chat": "1"}
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

Office = Callable[["WebWard", Incoming], Any]


@dataclass
class WebWard:
    """The ward as the tests see it."""

    database: Database
    channel: WebChannel
    url: str = ""
    now: datetime = NOW
    office: Office | None = None
    broken: Exception | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def clock(self) -> datetime:
        return self.now

    async def accept(self, channel: ChannelName, arrivals: Sequence[Arrival]) -> None:
        """Stand for records.inbox: each key once, durably."""
        if self.broken:
            raise self.broken
        for arrival in arrivals:
            row = {"key": arrival.key, "user": arrival.user, "body": arrival.body}
            async with self.database.writing() as db:
                is_new = await insert_new(db, Received, {**row, "channel": channel, "received_at": self.now})
            if is_new and self.office:
                task = asyncio.create_task(self._work(self.office, arrival))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    async def _work(self, office: Office, arrival: Arrival) -> None:
        await office(self, self.channel.read(arrival, self.now))

    async def received(self) -> list[Received]:
        async with self.database.reading() as db:
            return list((await db.exec(select(Received).order_by(col(Received.id)))).all())

    async def heard(self) -> list[Incoming]:
        return [
            self.channel.read(Arrival(key=row.key, user=row.user, body=row.body or ""), self.now)
            for row in await self.received()
        ]

    async def put(
        self, user: str, text: str | None, choices: Sequence[Choice] = (), **values: Any
    ) -> Delivery:
        """Queue one delivery, as the dispatcher would."""
        key = values.pop("key", f"reply:{user}:{text}")[:200]
        row = Delivery(
            key=key,
            channel=ChannelName.WEB,
            user=user,
            purpose=Purpose.REPLY,
            urgency=Purpose.REPLY.urgency,
            text=text,
            choices=[[choice.label, choice.say] for choice in choices],
            created_at=self.now,
            due_at=self.now,
        )
        for name, value in values.items():
            setattr(row, name, value)
        async with self.database.writing() as db:
            db.add(row)
        return row

    async def send(self, row: Delivery, *, here: bool = True) -> int:
        """Send a queued delivery, as the sender would; *here* is false for another process's sender."""
        to = Address(ChannelName.WEB, row.user)
        await self._move(row, {"state": DeliveryState.SENDING})
        if here:
            await self.channel.send(Outgoing(key=row.key, to=to, text=row.text or ""))
        self.now += timedelta(milliseconds=1)
        done = {"state": DeliveryState.SENT, "sent_at": self.now}
        await self._move(row, done)
        return row.id or 0

    async def _move(self, row: Delivery, values: dict[str, Any]) -> None:
        async with self.database.writing() as db:
            await db.exec(update(Delivery).where(col(Delivery.id) == row.id).values(**values))

    async def say(self, user: str, text: str, choices: Sequence[Choice] = (), *, here: bool = True) -> int:
        return await self.send(await self.put(user, text, choices), here=here)


@asynccontextmanager
async def open_ward(folder: Path, **settings: Any) -> AsyncIterator[WebWard]:
    """Serve a ward on loopback for the length of the block."""
    database = Database(f"sqlite+aiosqlite:///{folder}/ward.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    chosen = Settings(data_dir=folder, **settings)
    ward = WebWard(database, WebChannel(MediaStore(folder), chosen.limits))
    runner = web.AppRunner(_application(ward, chosen), shutdown_timeout=5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    ward.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield ward
    finally:
        await runner.cleanup()
        await database.close()


def _application(ward: WebWard, settings: Settings) -> web.Application:
    app = web.Application()
    setup_web(
        app,
        channel=ward.channel,
        database=ward.database,
        inbox_accept=ward.accept,
        settings=settings,
        clock=ward.clock,
        ward_title="Phường An Thịnh",
        ward_hotline="0254 3 123 456",
    )
    return app


class Browser:
    """A browser with its cookies, without a screen."""

    def __init__(self, ward: WebWard, session: aiohttp.ClientSession) -> None:
        self.ward = ward
        self.http = session

    async def user(self) -> str:
        """Open the page, and return the id under which the house knows this browser."""
        async with self.http.get("/") as answer:
            assert answer.status == 200
        await self.post("/chat/messages", {"id": "whoami", "text": "?"})
        return (await self.ward.received())[-1].user

    async def post(self, path: str, body: Any = None, **options: Any) -> tuple[int, dict[str, Any]]:
        data = BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        async with self.http.post(
            path, data=data, headers=OURS | options.pop("headers", {}), **options
        ) as answer:
            return answer.status, await answer.json()

    @asynccontextmanager
    async def events(
        self, after: int | None = None, headers: dict[str, str] | None = None
    ) -> AsyncIterator["Events"]:
        path = "/chat/events" + (f"?after={after}" if after is not None else "")
        async with self.http.get(path, headers=headers) as answer:
            yield Events(answer)


class Events:
    """An open stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer
        self.status = answer.status

    async def next(self, within_s: float = 5) -> dict[str, Any]:
        """Return the next answer; heartbeats are passed over."""
        async with asyncio.timeout(within_s):
            while True:
                block = await self._block()
                if "id" in block:
                    data: dict[str, Any] = json.loads(block["data"])
                    assert block["id"] == str(data["id"])
                    return data

    async def ids(self, count: int) -> list[int]:
        return [(await self.next())["id"] for _ in range(count)]

    async def is_silent(self, for_s: float = 0.3) -> bool:
        try:
            await self.next(for_s)
        except TimeoutError:
            return True
        return False

    async def _block(self) -> dict[str, str]:
        lines: dict[str, str] = {}
        while line := (await self.answer.content.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            lines[name] = value
        if self.answer.content.at_eof():
            raise EOFError
        return lines


@asynccontextmanager
async def open_browser(ward: WebWard) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(ward.url, cookie_jar=jar) as session:
        yield Browser(ward, session)
