"""Alerts by the Zalo bot, against a platform that refuses, stalls and lies."""

import logging
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from bot.channel import Misconfigured, Refused, SendError, Throttled, Unavailable, Unreachable, Window
from bot.settings import ZaloBotSettings
from bot.zalo_bot import ZaloBotChannel
from bot.zalo_bot.errors import error_of
from handlers.talk import Choice, bold
from tests.channels.telegram_setup import answering
from tests.channels.zalo_bot_setup import LAN, NOW, STAFF, channel_at, letter, open_channel
from tests.channels.zalo_office import everything_in
from tests.peers import Fault, ZaloBotPeer
from tests.peers.door import Door
from tests.peers.zalo_bot import TOKEN

HALF = TOKEN.rpartition(":")[2]


@pytest.fixture
async def peer() -> AsyncIterator[ZaloBotPeer]:
    async with ZaloBotPeer() as one:
        one.person(LAN).says("chào")
        yield one


@pytest.fixture
async def channel(peer: ZaloBotPeer) -> AsyncIterator[ZaloBotChannel]:
    async with open_channel(peer.base_url) as one:
        yield one


async def failure(url: str) -> SendError:
    async with open_channel(url) as channel:
        with pytest.raises(SendError) as caught:
            await channel.send(letter())
    return caught.value


async def test_lan_reads_an_alert_in_plain_words(channel: ZaloBotChannel, peer: ZaloBotPeer) -> None:
    choices = (Choice("Nhận việc", "/nhan"),)
    ref = await channel.send(letter(f"{bold('PA26-0417-9')} a\u0300\n1. Nhận việc", choices=choices))
    (sent,) = peer.accepted
    assert (sent.method, sent.message_id) == ("sendMessage", ref)
    assert sent.payload == {"chat_id": LAN, "text": "PA26-0417-9 à\n1. Nhận việc"}


async def test_the_staff_group_hears_it_too(channel: ZaloBotChannel, peer: ZaloBotPeer) -> None:
    group = peer.group(STAFF)
    with pytest.raises(Unreachable):  # not before somebody called us there
        await channel.send(letter(to=STAFF))
    peer.person(LAN).says("/viec", to=group)
    await channel.send(letter(to=STAFF))
    assert group.heard == ["PA26-0417-9: đèn đường"]


async def test_attachments_are_left_out_and_nothing_is_raised(
    channel: ZaloBotChannel, peer: ZaloBotPeer
) -> None:
    await channel.send(letter("Ảnh hiện trường", attachments=("0" * 64,)))
    assert await channel.send(letter("", attachments=("0" * 64,))) == ""
    assert [one.text for one in peer.accepted] == ["Ảnh hiện trường"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
async def test_what_the_platform_would_refuse_never_leaves(
    channel: ZaloBotChannel, peer: ZaloBotPeer, text: str
) -> None:
    with pytest.raises(Refused):
        await channel.send(letter(text))
    assert peer.methods == []


async def test_two_thousand_characters_arrive(channel: ZaloBotChannel, peer: ZaloBotPeer) -> None:
    await channel.send(letter("ặ" * 2000))
    assert peer.accepted[0].text == "ặ" * 2000


async def test_who_blocked_the_bot_or_never_wrote_is_unreachable(
    channel: ZaloBotChannel, peer: ZaloBotPeer
) -> None:
    peer.person(LAN).closed_because = "Forbidden"
    for to in (LAN, "khong-co"):
        with pytest.raises(Unreachable):
            await channel.send(letter(to=to))


async def test_when_the_month_is_used_up_the_channel_waits() -> None:
    async with ZaloBotPeer(messages_per_month=1) as small, open_channel(small.base_url) as other:
        small.person(LAN).says("chào")
        await other.send(letter())
        with pytest.raises(Throttled) as caught:
            await other.send(letter())
    assert caught.value.retry_after == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("code", "said", "error", "doubtful"),
    [
        (400, "Bad request: text is invalid", Refused, None),
        (400, "Bad request: Chat not found", Unreachable, None),
        (401, "Unauthorized", Misconfigured, None),
        (403, "Forbidden", Unreachable, None),
        (404, "Not found", Misconfigured, None),
        (408, "Request timeout", Unavailable, True),
        (409, "Conflict", Misconfigured, None),
        (413, "", Refused, None),
        (429, "Quota exceeded", Throttled, None),
        (500, "Internal", Unavailable, True),
        (-1, "", Unavailable, True),
        (-216, "x", Unavailable, True),
    ],
)
def test_every_number_has_one_meaning(
    code: int, said: str, error: type[SendError], *, doubtful: bool | None
) -> None:
    found = error_of(code, said)
    assert type(found) is error
    assert getattr(found, "doubtful", None) is doubtful
    assert str(code) in str(found)


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault.RESET_AFTER, Unavailable, 1),
        (Fault.E500_AFTER, Unavailable, 1),
        (Fault.E502_BEFORE, Unavailable, 0),
        (Fault.HTML_200, Unavailable, 0),
        (Fault.OK_FALSE, Unavailable, 0),
        (Fault.THROTTLED, Throttled, 0),
        (Fault.EXPIRED_TOKEN, Misconfigured, 0),
    ],
)
async def test_every_trouble_on_the_way_is_told(
    *, channel: ZaloBotChannel, peer: ZaloBotPeer, fault: Fault, error: type[SendError], arrived: int
) -> None:
    peer.faults.next("sendMessage", fault)
    with pytest.raises(error) as caught:
        await channel.send(letter())
    assert len(peer.accepted) == arrived
    assert getattr(caught.value, "doubtful", True)
    await channel.send(letter())


async def test_too_slow_an_answer_leaves_a_doubt(peer: ZaloBotPeer) -> None:
    peer.faults.next("sendMessage", Fault.SLOW, seconds=2)
    async with open_channel(peer.base_url, send_timeout_s=0.2) as channel:
        with pytest.raises(Unavailable) as caught:
            await channel.send(letter())
    assert caught.value.doubtful


async def test_what_never_left_is_certain() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = await failure(f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert isinstance(found, Unavailable)
    assert not found.doubtful


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b'{"ok": true}', None),
        (200, b'{"ok": true, "result": {"message_id": []}}', None),
        (200, b'{"ok": true, "result": []}', None),
        (200, b'{"ok": false, "errorCode": 401}', Misconfigured),
        (200, b'{"ok": false, "error_code": "401"}', Misconfigured),
        (200, b'{"ok": false, "error_code": {}}', Unavailable),
        (200, b'{"ok": "true"}', Unavailable),
        (200, b"[]", Unavailable),
        (200, b"", Unavailable),
        (200, b'{"ok": true' + b" " * 2**20 + b"}", Unavailable),
        (400, b'{"ok": true}', Refused),
        (400, b'{"ok": false, "description": "$PATH"}', Refused),
        (404, b"<html>$PATH</html>", Misconfigured),
        (413, b"<html>", Refused),
        (429, b"<html>", Throttled),
        (302, b"", Unavailable),
        (503, b"<html>$PATH</html>", Unavailable),
    ],
)
async def test_an_answer_of_any_shape_has_a_meaning_and_never_the_token(
    status: int, body: bytes, error: type[SendError] | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with answering(status, body) as server:
        if error is None:
            async with open_channel(server.url) as channel:
                assert await channel.send(letter()) == ""
            return
        found = await failure(server.url)
    assert type(found) is error
    assert HALF not in everything_in(found) + caplog.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1", "http://x.invalid:99999", "http://"])
async def test_no_address_tells_the_token(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found = await failure(url)
    assert isinstance(found, Unavailable)
    assert HALF not in everything_in(found) + caplog.text


async def test_redirects_are_not_followed_with_the_token(peer: ZaloBotPeer) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(f"{peer.base_url}{request.path}")

    door = Door(0)
    await door.open([web.route("*", "/{any:.*}", elsewhere)])
    found = await failure(door.url)
    await door.close()
    assert isinstance(found, Unavailable)
    assert peer.methods == []


async def test_nothing_can_be_fetched_and_the_window_is_always_open() -> None:
    channel = channel_at("http://127.0.0.1:1")
    with pytest.raises(Refused):
        await channel.fetch("https://x.zdn.vn/1.jpg")
    assert channel.window(None, NOW) is Window.OPEN
    assert channel.pause_after(LAN) == channel.pause_after(STAFF)
    assert channel.name == "zalo_bot"
    await channel.acknowledge([])
    await channel.stop()


def test_without_a_token_there_is_no_channel() -> None:
    with pytest.raises(Misconfigured):
        ZaloBotChannel(ZaloBotSettings(), public_url=None, clock=lambda: NOW)
