"""Every trouble of the Bot API has exactly one meaning, and none of them tells the token."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from telegram import error as tg

from bot.channel import Misconfigured, Refused, SendError, Throttled, Unavailable, Unreachable
from bot.telegram.errors import NotSent, TooLarge, TopicGone, Unparsed, meaning
from tests.channels.telegram_setup import answering, letter, open_channel, secrets_in
from tests.peers import Fault, TelegramPeer
from tests.peers.telegram import TOKEN

PAGE = b"<html><h1>$PATH</h1></html>"


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as one:
        one.person(1001, started=True)
        yield one


async def failure(url: str, **more: object) -> SendError:
    async with open_channel(url, **more) as channel:
        with pytest.raises(SendError) as caught:
            await channel.send(letter())
    assert secrets_in(caught.value) == []
    return caught.value


@pytest.mark.parametrize(
    ("theirs", "ours", "doubtful"),
    [
        (tg.ChatMigrated(-100), Unreachable, None),
        (tg.Forbidden("Forbidden: bot was blocked by the user"), Unreachable, None),
        (tg.Forbidden("Forbidden: user is deactivated"), Unreachable, None),
        (tg.BadRequest("Bad Request: chat not found"), Unreachable, None),
        (tg.BadRequest("Chat not found"), Unreachable, None),
        (tg.BadRequest("Bad Request: PEER_ID_INVALID"), Unreachable, None),
        (tg.BadRequest("Bad Request: can't parse entities: x"), Unparsed, None),
        (tg.BadRequest("Bad Request: message thread not found"), TopicGone, None),
        (tg.BadRequest("Bad Request: TOPIC_CLOSED"), TopicGone, None),
        (tg.BadRequest("Bad Request: message is too long"), Refused, None),
        (
            tg.BadRequest("Bad Request: wrong file_id or the file is temporarily unavailable"),
            Unavailable,
            False,
        ),
        (tg.InvalidToken(), Misconfigured, None),
        (tg.Conflict("Conflict: terminated by other getUpdates request"), Misconfigured, None),
        (tg.TimedOut(), Unavailable, True),
        (tg.NetworkError("Bad Gateway"), Unavailable, True),
        (tg.NetworkError("Too Many Requests (429)"), Throttled, None),
        (tg.TelegramError("Invalid server response"), Unavailable, True),
        (NotSent("No connection"), Unavailable, False),
        (TooLarge("Request Entity Too Large"), Refused, None),
    ],
)
def test_every_error_of_the_library_has_one_meaning(
    theirs: tg.TelegramError,
    ours: type[SendError],
    doubtful: bool | None,  # noqa: FBT001
) -> None:
    error = meaning(theirs)
    assert type(error) is ours
    assert getattr(error, "doubtful", None) is doubtful


@pytest.mark.parametrize("flag", ["true", "false"])
@pytest.mark.filterwarnings("ignore:.*retry_after")
def test_the_wait_is_understood_as_number_and_as_span(monkeypatch: pytest.MonkeyPatch, flag: str) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", flag)
    error = meaning(tg.RetryAfter(7))
    assert isinstance(error, Throttled)
    assert error.retry_after == timedelta(seconds=7)


def test_a_group_that_moved_names_its_new_number() -> None:
    error = meaning(tg.ChatMigrated(-1002233445566))
    assert isinstance(error, Unreachable)
    assert error.moved_to == "-1002233445566"


@pytest.mark.parametrize(
    ("status", "body", "ours", "doubtful"),
    [
        (429, b'{"ok":false,"description":"x","parameters":{"retry_after":4}}', Throttled, None),
        (429, b'{"ok":false,"description":"Too Many Requests: slow down"}', Throttled, None),
        (429, PAGE, Throttled, None),
        (403, b'{"ok":false,"description":"Forbidden: bot was kicked"}', Unreachable, None),
        (400, b'{"ok":false,"description":"x","parameters":{"migrate_to_chat_id":-5}}', Unreachable, None),
        (400, b'{"ok":false,"description":"Bad Request: message text is empty"}', Refused, None),
        (401, b'{"ok":false,"description":"Unauthorized"}', Misconfigured, None),
        (404, b'{"ok":false,"description":"Not Found"}', Misconfigured, None),
        (404, PAGE, Misconfigured, None),
        (409, b'{"ok":false,"description":"Conflict"}', Misconfigured, None),
        (413, b'{"ok":false,"description":"Request Entity Too Large"}', Refused, None),
        (413, PAGE, Refused, None),
        (500, b'{"ok":false,"description":"Internal Server Error"}', Unavailable, True),
        (502, PAGE, Unavailable, True),
        (599, b"", Unavailable, True),
        (200, PAGE, Unavailable, True),
        (200, b"", Unavailable, True),
        (200, b"[]", Unavailable, True),
        (200, b"[" * 100_000, Unavailable, True),
        (200, b'{"ok":false,"description":"Internal"}', Unavailable, True),
        (200, b'{"ok":true,"result":true}', Unavailable, True),
        (200, b'{"ok":true,"result":{"message_id":1}}', Unavailable, True),
        # A gateway or a censor on the way: nobody is gone because of it, and nothing has arrived.
        (403, PAGE, Unavailable, False),
        (400, PAGE, Unavailable, False),
        (401, PAGE, Unavailable, False),
        (302, b"", Unavailable, False),
    ],
)
async def test_every_answer_has_one_meaning_and_never_shows_the_token(
    status: int,
    body: bytes,
    ours: type[SendError],
    doubtful: bool | None,  # noqa: FBT001
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with answering(status, body) as server:
        error = await failure(server.url)
    assert type(error) is ours
    assert getattr(error, "doubtful", None) is doubtful
    assert len(server.asked) == 1
    assert TOKEN in server.asked[0]
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("fault", "ours", "arrived"),
    [
        (Fault.REFUSE, Unavailable, 0),
        (Fault.RESET_AFTER, Unavailable, 1),
        (Fault.E500_BEFORE, Unavailable, 0),
        (Fault.E502_AFTER, Unavailable, 1),
        (Fault.HTML_200_AFTER, Unavailable, 1),
        (Fault.OK_FALSE_AFTER, Unavailable, 1),
        (Fault.THROTTLED, Throttled, 0),
        (Fault.EXPIRED_TOKEN, Misconfigured, 0),
    ],
)
async def test_what_may_have_arrived_is_in_doubt(
    peer: TelegramPeer, fault: Fault, ours: type[SendError], arrived: int
) -> None:
    peer.faults.next("sendMessage", fault)
    error = await failure(peer.base_url)
    assert type(error) is ours
    assert getattr(error, "doubtful", True)
    assert len(peer.accepted) == arrived


async def test_a_slow_answer_is_in_doubt(peer: TelegramPeer) -> None:
    peer.faults.next("sendMessage", Fault.SLOW, seconds=3)
    error = await failure(peer.base_url, send_timeout_s=0.3)
    assert isinstance(error, Unavailable)
    assert error.doubtful
    assert len(peer.accepted) == 1


async def test_without_a_connection_there_is_no_doubt() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failure(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert isinstance(error, Unavailable)
    assert not error.doubtful


@pytest.mark.parametrize("url", ["http://khong-co.invalid", "https://127.0.0.1:{port}"])
async def test_neither_without_a_name_nor_without_tls_is_there_doubt(peer: TelegramPeer, url: str) -> None:
    error = await failure(url.format(port=peer.base_url.rpartition(":")[2]))
    assert isinstance(error, Unavailable)
    assert not error.doubtful


async def test_a_connection_that_is_never_taken_leaves_no_doubt() -> None:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    port = server.getsockname()[1]
    waiting = [socket.socket() for _ in range(8)]  # they fill the queue, and nobody serves it
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))
    try:
        error = await failure(f"http://127.0.0.1:{port}", send_timeout_s=0.6)
    finally:
        for one in (server, *waiting):
            one.close()
    assert isinstance(error, Unavailable)
    assert not error.doubtful


async def test_before_the_start_and_after_the_end_nothing_is_sent(peer: TelegramPeer) -> None:
    async with open_channel(peer.base_url) as channel:
        await channel.stop()
        with pytest.raises(Unavailable) as caught:
            await channel.send(letter())
    assert not caught.value.doubtful


async def test_an_impossible_address_is_for_a_person_to_mend() -> None:
    assert isinstance(await failure("http://[::1"), Misconfigured)


async def test_a_body_without_end_is_cut_off() -> None:
    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            while True:
                writer.write(b" " * 2**20)
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server:
        error = await failure(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert isinstance(error, Refused)
