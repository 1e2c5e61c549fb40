"""A Telegram channel for tests, and a server that answers whatever a test wants."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.channel import Outgoing
from bot.settings import TelegramSettings
from bot.telegram import TelegramChannel
from records.tables import Address, ChannelName
from tests.peers.door import Door
from tests.peers.telegram import TOKEN

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SECRET = "mot-bi-mat_123"
LAN = 1001


def channel_at(
    url: str,
    *,
    media: Path = Path("/nowhere"),
    public_url: str | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
    group_pause_s: float = 3,
    **more: Any,
) -> TelegramChannel:
    wish: dict[str, Any] = {"send_timeout_s": 5, "poll_timeout_s": 1, "webhook_secret": SECRET, **more}
    return TelegramChannel(
        TelegramSettings(token=SecretStr(TOKEN), api_url=url, **wish),
        per_second=30,
        person_pause_s=1,
        group_pause_s=group_pause_s,
        public_url=public_url,
        media_path=media.joinpath,
        clock=clock,
    )


@asynccontextmanager
async def open_channel(url: str, **more: Any) -> AsyncIterator[TelegramChannel]:
    """A channel that may call, without the registration of `start`."""
    channel = channel_at(url, **more)
    await channel._request.initialize()
    try:
        yield channel
    finally:
        await channel.stop()


def letter(text: str = "Chào bà Lan", *, to: int | str = LAN, **more: Any) -> Outgoing:
    return Outgoing(key="reply:telegram:1", to=Address(ChannelName.TELEGRAM, str(to)), text=text, **more)


def secrets_in(error: BaseException | None) -> list[str]:
    """Every text in the chain of *error* that holds the token."""
    found = []
    while error is not None:
        found += [text for text in (str(error), repr(error)) if TOKEN in text or "AAtest-token" in text]
        error = error.__cause__ or error.__context__
    return found


@dataclass
class Answers:
    """A server that gives the same answer to everything, and remembers what was asked."""

    status: int = 200
    body: bytes = b""
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(status=self.status, body=self.body.replace(b"$PATH", request.path.encode()))


@asynccontextmanager
async def answering(status: int, body: bytes) -> AsyncIterator[Answers]:
    answers, door = Answers(status, body), Door(0)
    await door.open([web.route("*", "/{anything:.*}", answers._answer)])
    answers.url = door.url
    try:
        yield answers
    finally:
        await door.close()
