"""Sending on Zalo, against a platform that refuses, stalls and lies."""

import asyncio
import socket
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.channel import Misconfigured, Refused, Throttled, Unavailable, Unreachable
from handlers.talk import Choice, bold
from tests.channels.zalo_office import (
    LAN,
    UPLOAD_IMAGE,
    V2,
    V3,
    Clock,
    answering,
    calls,
    channel_for,
    database_at,
    letter,
    office,
    put,
)
from tests.peers import Fault, ZaloPeer
from tests.peers.images import GIF, JPEG, PDF, PNG


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def database(tmp_path):
    async with database_at(f"sqlite+aiosqlite:///{tmp_path}/ward.db") as opened:
        yield opened


@pytest.fixture
async def ward(database, tmp_path, clock):
    async with office(database, tmp_path, clock) as both:
        yield both


async def test_lan_hears_an_answer_with_its_buttons(ward):
    peer, channel = ward
    choices = (Choice("Kết hôn", "/ho_so ket-hon"), Choice("Khai sinh", "/ho_so khai-sinh"))

    ref = await channel.send(letter(bold("Chọn") + " một việc", choices=choices))

    (sent,) = peer.accepted
    assert (sent.method, sent.chat_id, sent.message_id) == (V3, LAN, ref)
    assert sent.text == "Chọn một việc"
    assert [(one.label, one.data) for one in sent.buttons] == [(one.label, one.say) for one in choices]
    pressed = peer.person(LAN).presses("Kết hôn")
    assert pressed["message"]["text"] == "/ho_so ket-hon"


async def test_an_event_of_the_platform_goes_the_whole_way_in(ward):
    peer, channel = ward
    event = peer.person(LAN).says("/menu")
    parcel = peer.webhook.parcel(event)
    (arrival,) = channel.accept(parcel.body, parcel.headers)
    said = channel.read(arrival, arrival_time(event))
    assert (said.text, said.pressed, said.sender.user) == ("/menu", True, LAN)


def arrival_time(event):
    return datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)


async def test_a_picture_is_uploaded_once_and_remembered(ward, tmp_path, clock):
    peer, channel = ward
    name = put(tmp_path, PNG)
    await asyncio.gather(*(channel.send(letter("Giấy mời", attachments=(name,))) for _ in range(5)))
    assert [list(sent.files.values()) for sent in peer.accepted] == [[PNG]] * 5
    assert len({tuple(sent.files) for sent in peer.accepted}) == 1

    clock.ahead(days=6, minutes=1)
    await channel.send(letter("Giấy mời", attachments=(name,)))
    assert len({tuple(sent.files) for sent in peer.accepted}) == 2


async def test_a_picture_zalo_forgot_is_uploaded_again(ward, tmp_path):
    peer, channel = ward
    name = put(tmp_path, JPEG)
    await channel.send(letter(attachments=(name,)))
    peer.clock.ahead(days=7, minutes=1)
    peer.tokens._born = peer.clock.epoch()
    peer.person(LAN).says("Alo")

    await channel.send(letter(attachments=(name,)))

    assert [one.code for one in peer.refused] == [-100]
    assert len(peer.accepted) == 2


async def test_a_picture_zalo_keeps_forgetting_is_uploaded_again_only_once(database, tmp_path, clock):
    name = put(tmp_path, PNG)
    uploaded = {"data": {"attachment_id": "a"}, "error": 0}
    gone = {"error": -100, "message": "expired"}
    async with answering(uploaded, gone, uploaded, gone) as (url, asked):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
            with pytest.raises(Unavailable) as caught:
                await channel.send(letter("x", attachments=(name,)))
    assert caught.value.doubtful
    assert len(asked) == 5


async def test_a_paper_goes_as_a_file(ward, tmp_path):
    peer, channel = ward
    await channel.send(letter("", attachments=(put(tmp_path, PDF),)))
    assert list(peer.accepted[0].files.values()) == [PDF]


@pytest.mark.parametrize("content", [GIF, b"MZ", PNG + b"0" * 2**20])
async def test_a_file_zalo_does_not_take_never_leaves(ward, tmp_path, content):
    peer, channel = ward
    with pytest.raises(Refused):
        await channel.send(letter("x", attachments=(put(tmp_path, content),)))
    with pytest.raises(Refused):
        await channel.send(letter("x", attachments=("0" * 64,)))
    assert not peer.accepted


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.E502_AFTER, Fault.HTML_200, Fault.OK_FALSE])
async def test_a_lost_upload_is_never_doubtful(ward, tmp_path, fault):
    peer, channel = ward
    peer.faults.next(UPLOAD_IMAGE, fault)
    with pytest.raises(Unavailable) as caught:
        await channel.send(letter("x", attachments=(put(tmp_path, PNG),)))
    assert not caught.value.doubtful
    assert not peer.accepted


@pytest.mark.parametrize(
    ("fault", "reached"),
    [
        (Fault.REFUSE, 0),
        (Fault.RESET_AFTER, 1),
        (Fault.E500_BEFORE, 0),
        (Fault.E500_AFTER, 1),
        (Fault.E502_BEFORE, 0),
        (Fault.E502_AFTER, 1),
        (Fault.SLOW, 1),
        (Fault.HTML_200, 0),
        (Fault.HTML_200_AFTER, 1),
        (Fault.OK_FALSE, 0),
        (Fault.OK_FALSE_AFTER, 1),
    ],
)
async def test_after_an_unclear_answer_nobody_says_it_was_not_sent(ward, fault, reached):
    peer, channel = ward
    peer.faults.next(V3, fault, seconds=1.5)
    with pytest.raises(Unavailable) as caught:
        await channel.send(letter())
    assert caught.value.doubtful
    await asyncio.sleep(0)
    assert len(peer.accepted) == reached
    assert calls(peer, V2) == 0


@pytest.mark.parametrize(
    ("answer", "doubtful"),
    [
        (web.Response(text=""), True),
        (web.Response(text="[]"), True),
        (web.Response(text="{}"), True),
        (web.Response(text='{"error": "many"}'), True),
        (web.Response(text='{"error": null}'), True),
        (web.Response(text='{"error": NaN}'), True),
        (web.Response(body=b"\xff\xff"), True),
        (web.Response(text="[" * 100_000), True),
        (web.Response(text="x" * (2**20 + 1)), True),
        (web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), True),
        (web.Response(status=404, text="<html>"), True),
    ],
    ids=range(11),
)
async def test_an_answer_that_is_none_is_doubtful(database, tmp_path, clock, answer, doubtful):
    async with answering(answer) as (url, _):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
            with pytest.raises(Unavailable) as caught:
                await channel.send(letter())
    assert caught.value.doubtful is doubtful


async def test_a_success_without_an_id_is_a_success(database, tmp_path, clock):
    async with answering({"error": 0, "message": "Success", "data": {}}, {"error": "0"}) as (url, _):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
            assert await channel.send(letter()) == ""
            assert await channel.send(letter()) == ""


async def test_a_platform_nobody_answers_for_was_surely_not_reached(ward, database, tmp_path, clock):
    peer, _ = ward
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        for url in (nowhere, "http://zalo.invalid"):
            async with channel_for(peer, database, tmp_path, clock, api_url=url) as channel:
                with pytest.raises(Unavailable) as caught:
                    await channel.send(letter())
                assert not caught.value.doubtful


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (-244, Unreachable),
        (-227, Unreachable),
        (-211, Refused),
        (-218, Refused),
        (-234, Throttled),
        (-221, Misconfigured),
        (-201, Refused),
        (-987654, Unavailable),
    ],
)
async def test_a_refusal_says_whose_turn_it_is(ward, code, error):
    peer, channel = ward
    peer.person(LAN).refuses_with = code
    with pytest.raises(error):
        await channel.send(letter())
    assert calls(peer, V3) == 1
    assert calls(peer, V2) == 0


async def test_a_closed_window_is_told_as_such(ward):
    peer, channel = ward
    peer.clock.ahead(days=7, minutes=1)
    peer.tokens._born = peer.clock.epoch()
    with pytest.raises(Refused, match=r"^window_closed$"):
        await channel.send(letter())


async def test_a_stranger_is_unreachable(ward):
    _, channel = ward
    stranger = letter().to._replace(user="999")
    with pytest.raises(Unreachable):
        await channel.send(type(letter())(key="k", to=stranger, text="Xin chào"))


async def test_too_many_calls_close_the_channel_for_the_minute(ward):
    peer, channel = ward
    peer.faults.next(V3, Fault.THROTTLED)
    with pytest.raises(Throttled) as caught:
        await channel.send(letter())
    assert caught.value.retry_after.total_seconds() == 51


async def test_http_429_is_too_many_as_well(database, tmp_path, clock):
    async with answering(web.Response(status=429)) as (url, _):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
            with pytest.raises(Throttled):
                await channel.send(letter())
