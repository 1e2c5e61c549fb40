"""The bot platform's own rules, asked over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.peers import ZaloBotPeer
from tests.peers.door import Door
from tests.peers.records import Json
from tests.peers.zalo_bot import TOKEN

LAN = "6ede9afa66b88fe6d6a9"


@pytest.fixture
async def peer() -> AsyncIterator[ZaloBotPeer]:
    async with ZaloBotPeer() as one:
        yield one


async def ask(peer: ZaloBotPeer, method: str, **values: Any) -> Json:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{peer.base_url}/bot{TOKEN}/{method}", json=values) as answer,
    ):
        assert answer.status == 200
        found: Json = await answer.json()
        return found


async def code(peer: ZaloBotPeer, method: str, **values: Any) -> int:
    answer = await ask(peer, method, **values)
    return 0 if answer["ok"] else int(answer["error_code"])


async def test_a_chat_is_known_only_after_the_person_wrote(peer: ZaloBotPeer) -> None:
    lan = peer.person(LAN)
    assert await code(peer, "sendMessage", chat_id=LAN, text="x") == 400
    lan.says("chào")
    assert await code(peer, "sendMessage", chat_id=LAN, text="Chào bà Lan") == 0
    assert await lan.hears("bà Lan") == lan.heard[0]


@pytest.mark.parametrize(
    ("method", "values", "expected"),
    [
        ("sendMessage", {"text": "x" * 2000}, 0),
        ("sendMessage", {"text": "x" * 2001}, 400),
        ("sendMessage", {"text": ""}, 400),
        ("sendMessage", {}, 400),
        ("sendPhoto", {"photo": "https://phuong.example/1.jpg"}, 0),
        ("sendPhoto", {"photo": "1.jpg"}, 400),
        ("sendDocument", {}, 404),
        ("getMe", {}, 0),
        ("getWebhookInfo", {}, 0),
        ("setWebhook", {"url": "https://phuong.example", "secret_token": "12345678"}, 0),
        ("setWebhook", {"url": "https://phuong.example", "secret_token": "1234567"}, 400),
        ("setWebhook", {"url": "http://phuong.example", "secret_token": "12345678"}, 400),
        ("getUpdates", {"timeout": 1}, 400),
    ],
)
async def test_what_the_platform_takes(peer: ZaloBotPeer, method: str, values: Json, expected: int) -> None:
    peer.person(LAN).says("chào")
    assert await code(peer, method, chat_id=LAN, **values) == expected


async def test_an_event_is_given_once_and_then_there_is_nothing(peer: ZaloBotPeer) -> None:
    waiting = asyncio.create_task(ask(peer, "getUpdates", timeout="5"))
    while not peer.methods:
        await asyncio.sleep(0.01)
    event = peer.person(LAN).says("một")
    assert (await waiting)["result"] == event
    assert await code(peer, "getUpdates", timeout="0") == 408


async def test_while_a_webhook_is_set_nothing_can_be_fetched(peer: ZaloBotPeer) -> None:
    got: list[tuple[str, Json]] = []

    async def hook(request: web.Request) -> web.Response:
        got.append((request.headers["X-Bot-Api-Secret-Token"], await request.json()))
        return web.Response(status=500 if len(got) == 1 else 200)

    door = Door(0)
    await door.open([web.post("/hook", hook)])
    await ask(peer, "setWebhook", url=f"{door.url}/hook", secret_token="bi-mat-12")
    assert await code(peer, "getUpdates", timeout="0") == 400
    event = peer.person(LAN).says("một")
    await peer.delivered()
    assert got == [("bi-mat-12", event)] * 2
    await ask(peer, "deleteWebhook")
    assert await code(peer, "getUpdates", timeout="0") == 408
    await door.close()


async def test_in_a_group_only_what_mentions_the_bot_is_seen(peer: ZaloBotPeer) -> None:
    lan, group = peer.person(LAN), peer.group("9f0de9afa66b88fe6d6c1")
    lan.says("chuyện riêng của tổ", to=group, mention=False)
    assert not peer.pending
    event = lan.says("/viec", to=group)
    assert event["message"]["text"] == "@Bot Phường An Thịnh /viec"
    assert event["message"]["chat"] == {"id": group.id, "chat_type": "GROUP"}


async def test_a_wrong_token_gets_a_page_and_a_small_plan_ends(peer: ZaloBotPeer) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{peer.base_url}/bot1:wrong/getMe", json={}) as answer,
    ):
        assert (answer.status, answer.content_type) == (401, "text/html")
    async with ZaloBotPeer(messages_per_month=1, people=1) as small:
        small.person(LAN).says("chào")
        assert await code(small, "sendMessage", chat_id=LAN, text="x") == 0
        assert await code(small, "sendMessage", chat_id=LAN, text="x") == 429
        with pytest.raises(PermissionError):
            small.person("khac")
