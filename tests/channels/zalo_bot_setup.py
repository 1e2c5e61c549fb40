"""A Zalo bot's channel for tests, against the played platform or against whatever a test wants."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from bot.channel import Outgoing
from bot.settings import ZaloBotSettings
from bot.zalo_bot import ZaloBotChannel
from records.tables import Address, ChannelName
from tests.peers.zalo_bot import TOKEN

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SECRET = "bi-mat-cua-bot-1"
LAN = "6ede9afa66b88fe6d6a9"
MINH = "7ede9afa66b88fe6d6b0"
STAFF = "9f0de9afa66b88fe6d6c1"


def channel_at(url: str, *, public_url: str | None = None, **more: Any) -> ZaloBotChannel:
    wish: dict[str, Any] = {"webhook_secret": SECRET, "send_timeout_s": 1, "poll_timeout_s": 1, **more}
    settings = ZaloBotSettings(token=SecretStr(TOKEN), api_url=url, **wish)
    return ZaloBotChannel(settings, public_url=public_url, clock=lambda: NOW)


@asynccontextmanager
async def open_channel(url: str, **more: Any) -> AsyncIterator[ZaloBotChannel]:
    channel = channel_at(url, **more)
    try:
        yield channel
    finally:
        await channel.stop()


def letter(text: str = "PA26-0417-9: đèn đường", *, to: str = LAN, **more: Any) -> Outgoing:
    return Outgoing(key="alert:1", to=Address(ChannelName.ZALO_BOT, to), text=text, **more)
