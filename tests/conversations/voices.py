"""People who speak to the whole product over real HTTP: by Telegram, by Zalo, on the web page.

Each voice says a text and hears the next answer, as the platform shows it. What is heard is
only what the peer (or the page) accepted.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest
from sqlmodel import col, select

from bot import app
from bot.app import Office
from bot.settings import LimitSettings, Settings, TelegramSettings, WebSettings, ZaloSettings
from bot.zalo import channel as zalo_channel
from records import inbox, outbox
from records.tables import Attachment, Delivery, DeliveryState
from tests import ready_made
from tests.peers import TelegramPeer, ZaloPeer

PATIENCE_S = 15
SOON = timedelta(seconds=3)  # an answer to an album waits a moment for its last photo
SECRET = "bi-mat_webhook-123"


class Voice(Protocol):
    """Somebody who can be heard and answered."""

    async def says(self, text: str) -> str:
        """Say *text* and return the next answer."""
        ...

    async def hears_nothing_after(self, text: str) -> None:
        """Say *text*; fail if anything is answered."""
        ...


async def until(true: Callable[[], bool], within: float = PATIENCE_S) -> None:
    """Wait for something to become true, as an impatient person does."""
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.01)


@dataclass
class ChatVoice:
    """A person on one of the platforms' peers."""

    person: Any
    office: Office
    peer: Any

    @property
    def heard(self) -> list[str]:
        return list(self.person.heard)

    async def says(self, text: str) -> str:
        before = len(self.person.heard)
        self.person.says(text)
        await until(lambda: len(self.person.heard) > before)
        return str(self.person.heard[before])

    async def hears_nothing_after(self, text: str) -> None:
        before = len(self.person.heard)
        self.person.says(text)
        await handled(self.office, self.peer)
        assert self.person.heard[before:] == []


@dataclass
class WebVoice:
    """A person on the ward's page, seen from the wire: a session, posts and a stream."""

    office: Office
    http: aiohttp.ClientSession
    heard: list[str] = field(default_factory=list)
    choices: list[list[dict[str, str]]] = field(default_factory=list)
    count: int = 0

    async def says(self, text: str) -> str:
        before = len(self.heard)
        await self._post(text)
        await until(lambda: len(self.heard) > before)
        return self.heard[before]

    async def hears_nothing_after(self, text: str) -> None:
        before = len(self.heard)
        await self._post(text)
        await handled(self.office)
        assert self.heard[before:] == []

    async def _post(self, text: str) -> None:
        self.count += 1
        async with self.http.post("/chat/messages", json={"id": f"m{self.count}", "text": text}) as answer:
            assert answer.status == 200, await answer.text()

    async def listen(self) -> None:
        """Read the stream until cancelled."""
        forever = aiohttp.ClientTimeout(total=None, sock_read=None)
        async with self.http.get("/chat/events", timeout=forever) as stream:
            async for line in stream.content:
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    if not isinstance(event, dict):
                        continue  # a heartbeat
                    self.heard.append("".join(part["text"] for part in event["text"]))
                    self.choices.append(event["choices"])


async def handled(office: Office, *peers: Any) -> None:
    """Wait until what was said to *peers* is handled, files are here, and what is due was sent and noted."""
    async with asyncio.timeout(PATIENCE_S):
        for peer in peers:
            await peer.delivered()
        while await busy(office):
            await asyncio.sleep(0.01)


async def busy(office: Office) -> bool:
    """Tell whether the office still has something to do about what it was told."""
    coming = select(Attachment.id).where(
        col(Attachment.fetched_at).is_(None), col(Attachment.error).is_(None)
    )
    leaving = select(Delivery.id).where(col(Delivery.state) == DeliveryState.SENDING)
    async with office.database.reading() as db:
        return bool(
            await inbox.waiting(db)
            or await outbox.oldest_due(db, office.clock() + SOON)
            or (await db.exec(coming.limit(1))).first()
            or (await db.exec(leaving.limit(1))).first()
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(folder: Path, *, url: str | None = None, port: int = 0, **more: Any) -> Settings:
    """The settings of a miniature ward: no pacing between two words to one person or group."""
    ready_made.lay(folder / "ward.db")
    return Settings(
        database_url=url or f"sqlite+aiosqlite:///{folder}/ward.db",
        data_dir=folder,
        web=WebSettings(port=port, public_url=f"http://127.0.0.1:{port}"),
        limits=LimitSettings(
            telegram_per_second=500,
            telegram_person_pause_s=0,
            telegram_group_pause_s=0,
            zalo_per_minute=30000,
            messages_per_person_per_minute=500,
            web_messages_per_address_per_minute=5000,
        ),
        **more,
    )


def telegram_of(peer: TelegramPeer, mode: str) -> TelegramSettings:
    return TelegramSettings.model_validate(
        {
            "token": peer.token,
            "api_url": peer.base_url,
            "mode": mode,
            "webhook_secret": SECRET,
            "poll_timeout_s": 1,
        }
    )


def zalo_of(peer: ZaloPeer) -> ZaloSettings:
    return ZaloSettings.model_validate(
        {
            "app_id": peer.app_id,
            "app_secret": peer.app_secret,
            "oa_id": peer.account.oa_id,
            "oa_secret": peer.oa_secret,
            "refresh_token": "refresh-0",
            "api_url": peer.base_url,
            "oauth_url": peer.base_url,
            "zns_url": peer.base_url,
        }
    )


def agree(peer: TelegramPeer | ZaloPeer, clock: Callable[[], datetime]) -> None:
    """Let the platform's clock show what the ward's shows, whatever day the machine believes in."""
    peer.clock.offset = clock() - datetime.now(UTC)


@contextmanager
def no_pause() -> Iterator[None]:
    """Let two words to one person on Zalo follow each other at once, as `settings` does on Telegram."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zalo_channel, "PAUSE", timedelta(0))
        yield


@asynccontextmanager
async def telegram(folder: Path, clock: Callable[[], datetime], mode: str) -> AsyncIterator[ChatVoice]:
    """Lan on Telegram, reached by polling or by webhook."""
    peer = TelegramPeer(per_second=None, per_chat_per_second=None)
    agree(peer, clock)
    async with peer:
        config = settings(folder, port=free_port(), telegram=telegram_of(peer, mode))
        async with app.build(config, clock) as office:
            yield ChatVoice(peer.person(1001, "Lan"), office, peer)


@asynccontextmanager
async def zalo(folder: Path, clock: Callable[[], datetime]) -> AsyncIterator[ChatVoice]:
    """Lan on Zalo."""
    async with ZaloPeer() as peer:
        agree(peer, clock)
        config = settings(folder, port=free_port(), zalo=zalo_of(peer))
        async with app.build(config, clock) as office:
            peer.webhook.url = f"http://127.0.0.1:{office.port}/webhooks/zalo"
            with no_pause():
                yield ChatVoice(peer.person("186729651760683225", "Lan"), office, peer)


@asynccontextmanager
async def web(folder: Path, clock: Callable[[], datetime]) -> AsyncIterator[WebVoice]:
    """Lan on the ward's page."""
    async with app.build(settings(folder, port=free_port()), clock) as office:
        base = f"http://127.0.0.1:{office.port}"
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(base, headers={"X-Ward-Chat": "1"}, cookie_jar=jar) as http:
            async with http.get("/") as page:
                assert page.status == 200
            voice = WebVoice(office, http)
            stream = asyncio.create_task(voice.listen())
            yield voice
            stream.cancel()
            await asyncio.gather(stream, return_exceptions=True)


def open_voice(road: str, folder: Path, clock: Callable[[], datetime]) -> Any:
    """Open the office with Lan on one of its roads."""
    if road == "web":
        return web(folder, clock)
    if road == "zalo":
        return zalo(folder, clock)
    return telegram(folder, clock, road.removeprefix("telegram-"))


ROADS = ("telegram-polling", "telegram-webhook", "zalo", "web")
