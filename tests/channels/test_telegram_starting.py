"""What the platform is told at the start, and who may call our webhook."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.channel import Arrival, Misconfigured, Unreadable, Untrusted
from bot.settings import TelegramSettings
from bot.telegram import TelegramChannel
from bot.telegram import channel as channel_module
from tests.channels.telegram_setup import LAN, NOW, SECRET, channel_at
from tests.peers import Fault, TelegramPeer
from tests.peers.door import Door
from tests.peers.telegram import TOKEN

GOOD = {channel_module.SECRET_HEADER: SECRET}
UPDATE = {
    "update_id": 7,
    "message": {"message_id": 1, "date": 1795053600, "chat": {"id": LAN, "type": "private"}},
}
BODY = json.dumps(UPDATE).encode()


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as one:
        yield one


async def info(peer: TelegramPeer) -> dict[str, object]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{peer.base_url}/bot{TOKEN}/getWebhookInfo") as answer,
    ):
        result: dict[str, object] = (await answer.json())["result"]
        return result


def test_a_call_with_the_secret_is_named() -> None:
    channel = channel_at("http://127.0.0.1:1")
    assert channel.accept(BODY, GOOD) == (Arrival(key="telegram:7", user=str(LAN), body=BODY.decode()),)


@pytest.mark.parametrize(
    "headers",
    [{}, {channel_module.SECRET_HEADER: ""}]
    + [
        {channel_module.SECRET_HEADER: wrong}
        for wrong in (SECRET[:-1], SECRET + "x", "bí mật", "\udcff\ud800")
    ],
)
def test_a_call_without_the_secret_is_not_trusted(headers: Mapping[str, str]) -> None:
    with pytest.raises(Untrusted):
        channel_at("http://127.0.0.1:1").accept(BODY, headers)


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_of_our_own_nobody_is_trusted(secret: str | None) -> None:
    channel = channel_at("http://127.0.0.1:1", webhook_secret=secret)
    for headers in ({}, {channel_module.SECRET_HEADER: ""}):
        with pytest.raises(Untrusted):
            channel.accept(BODY, headers)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id":1e3}', b"[" * 200_000, b"\xff"])
def test_a_trusted_call_that_is_no_update_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        channel_at("http://127.0.0.1:1").accept(body, GOOD)


def test_without_a_token_there_is_no_channel() -> None:
    with pytest.raises(Misconfigured):
        TelegramChannel(
            TelegramSettings(),
            per_second=1,
            person_pause_s=1,
            group_pause_s=1,
            public_url=None,
            media_path=Path,
            clock=lambda: NOW,
        )


async def test_in_webhook_mode_telegram_learns_where_to_call(peer: TelegramPeer) -> None:
    got: list[Sequence[Arrival]] = []
    channel = channel_at("http://127.0.0.1:1")

    async def hook(request: web.Request) -> web.Response:
        got.append(channel.accept(await request.read(), request.headers))
        return web.Response()

    door = Door(0)
    await door.open([web.post("/webhooks/telegram", hook)])
    channel = channel_at(peer.base_url, mode="webhook", public_url=door.url + "/")
    await channel.start()
    try:
        assert await info(peer) == {
            "url": f"{door.url}/webhooks/telegram",
            "has_custom_certificate": False,
            "pending_update_count": 0,
            "max_connections": 40,
            "ip_address": "127.0.0.1",
            "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        }
        peer.person(LAN).says("menu")
        await peer.delivered()
        ((arrival,),) = got
        assert (arrival.user, channel.trouble) == (str(LAN), None)
    finally:
        await channel.stop()
        await door.close()


async def test_menu_and_description_are_in_vietnamese_for_every_phone(peer: TelegramPeer) -> None:
    channel = channel_at(peer.base_url)
    await channel.start()
    await channel.stop()
    for language in ("", "vi"):
        commands = peer.profile.commands['{"type": "default"}', language]
        assert [one["command"] for one in commands][:2] == ["batdau", "tracuu"]
        assert "trợ lý số" in peer.profile.description[language]
    assert channel._username == "phuong_thu_bot"


async def test_polling_takes_an_old_webhook_away(peer: TelegramPeer) -> None:
    first = channel_at(peer.base_url, mode="webhook", public_url="http://127.0.0.1:9")
    await first.start()
    await first.stop()
    second = channel_at(peer.base_url)
    await second.start()
    assert (await info(peer))["url"] == ""
    assert await second.updates(None) == []
    await second.stop()


async def test_a_platform_that_is_down_does_not_stop_the_start(
    peer: TelegramPeer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(channel_module, "FIRST_TRY_S", 0.05)
    monkeypatch.setattr(channel_module, "REST_S", (0.01, 0.05))
    peer.faults.always("*", Fault.E502_BEFORE)
    caplog.set_level(logging.DEBUG)
    channel = channel_at(peer.base_url)
    await channel.start()
    assert channel.trouble is not None
    assert TOKEN not in caplog.text

    peer.faults.clear()
    async with asyncio.timeout(5):
        while channel._registering and not channel._registering.done():
            await asyncio.sleep(0.01)
    assert channel.trouble is None
    assert peer.profile.description
    await channel.stop()


async def test_a_step_that_is_done_is_not_done_again(
    peer: TelegramPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "REST_S", (0.01, 0.05))
    peer.faults.next("setMyDescription", Fault.E502_BEFORE, times=2)
    channel = channel_at(peer.base_url)
    await channel.start()
    await channel.stop()
    methods = [call.method for call in peer.calls]
    assert methods.count("deleteWebhook") == 1
    assert methods.count("setMyCommands") == 2
    assert methods.count("setMyDescription") == 2


async def test_a_wrong_token_is_for_a_person_to_mend(
    peer: TelegramPeer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(channel_module, "FIRST_TRY_S", 0.2)
    peer.faults.always("*", Fault.EXPIRED_TOKEN)
    channel = channel_at(peer.base_url)
    await channel.start()
    await channel.stop()
    await channel.stop()
    assert channel.trouble == "Unauthorized"
    assert [one.levelname for one in caplog.records] == ["ERROR"]


def test_the_libraries_that_would_log_the_token_are_quiet() -> None:
    channel_at("http://127.0.0.1:1")
    for name in ("telegram", "httpx"):
        assert logging.getLogger(name).getEffectiveLevel() >= logging.WARNING
