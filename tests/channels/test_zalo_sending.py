"""Sending on Zalo, against a platform that refuses, stalls, lies and forgets."""

import asyncio
import hashlib
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.channel import Misconfigured, Refused, SendError, Throttled, Unavailable, Unreachable
from bot.zalo import channel as zalo_channel
from handlers.talk import Choice, bold
from tests.channels.zalo_office import LAN, Clock, channel_for, database_at, everything_in, letter
from tests.peers import Fault, ZaloPeer
from tests.peers.door import Door
from tests.peers.images import GIF, JPEG, PDF, PNG

V3, V2 = "v3.0/oa/message/cs", "v2.0/oa/message"
UPLOAD_IMAGE, UPLOAD_FILE = "v2.0/oa/upload/image", "v2.0/oa/upload/file"
SECRETS = ("access-", "refresh-", "bi-mat-ung-dung", "khoa-bi-mat-OA-1")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def database(tmp_path):
    async with database_at(f"sqlite+aiosqlite:///{tmp_path}/ward.db") as opened:
        yield opened


@asynccontextmanager
async def office(database, folder, clock, *, peer=None, **settings):
    async with (
        peer or ZaloPeer(demands_proof=True) as platform,
        channel_for(platform, database, folder, clock, **settings) as channel,
    ):
        platform.person(LAN).says("Alo")
        yield platform, channel


@pytest.fixture
async def ward(database, tmp_path, clock):
    async with office(database, tmp_path, clock) as both:
        yield both


def put(folder, content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    (folder / name).write_bytes(content)
    return name


def calls(peer, method: str) -> int:
    return sum(one.method == method for one in [*peer.accepted, *peer.refused])


@asynccontextmanager
async def answering(*answers: web.Response | dict):
    """A Zalo that says yes to tokens, then exactly *answers* to whatever is sent."""
    waiting, asked = list(answers), []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        if "access_token" in request.path:
            pair = {"access_token": f"access-{len(asked)}", "refresh_token": "r", "expires_in": "90000"}
            return web.json_response(pair)
        await request.read()
        said = waiting.pop(0)
        return web.json_response(said) if isinstance(said, dict) else said

    door = Door(0)
    await door.open([web.route("*", "/{any:.*}", answer)])
    try:
        yield door.url, asked
    finally:
        await door.close()


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


# The two endpoints -----------------------------------------------------------------


async def test_a_state_agency_is_sent_by_v2_and_this_is_remembered(database, tmp_path, clock):
    peer = ZaloPeer(oa_type=4)
    async with office(database, tmp_path, clock, peer=peer) as (platform, channel):
        await channel.send(letter("một"))
        await channel.send(letter("hai"))
        assert [sent.method for sent in platform.accepted] == [V2, V2]
        assert calls(platform, V3) == 1
        async with channel_for(platform, database, tmp_path, clock) as after_restart:
            await after_restart.send(letter("ba"))
        assert calls(platform, V3) == 1
        assert platform.person(LAN).heard == ["một", "hai", "ba"]


async def test_a_business_that_was_an_agency_goes_back_to_v3(database, tmp_path, clock):
    peer = ZaloPeer(oa_type=4)
    async with office(database, tmp_path, clock, peer=peer) as (platform, channel):
        await channel.send(letter("một"))
        platform.account.oa_type = 2
        await channel.send(letter("hai"))
        await channel.send(letter("ba"))
        assert [sent.method for sent in platform.accepted] == [V2, V3, V3]
        assert await channel.tokens.quirk("endpoint") == "v3"


@pytest.mark.parametrize(
    "fault", [Fault.OK_FALSE_AFTER, Fault.E500_AFTER, Fault.RESET_AFTER, Fault.THROTTLED, Fault.HTML_200]
)
async def test_on_any_other_error_the_second_endpoint_is_never_tried(ward, fault):
    peer, channel = ward
    peer.faults.next(V3, fault)
    with pytest.raises(SendError):
        await channel.send(letter())
    assert calls(peer, V2) == 0
    assert len(peer.accepted) <= 1


async def test_two_closed_endpoints_call_a_person(database, tmp_path, clock):
    closed = ({"error": -235, "message": ""}, {"error": -240, "message": ""})
    async with answering(*closed, *closed) as (url, asked):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
            for _ in range(2):
                with pytest.raises(Misconfigured):
                    await channel.send(letter())
            assert await channel.tokens.quirk("endpoint") is None
    assert [request.path for request in asked[1:]] == [f"/{V3}", f"/{V2}"] * 2


async def test_a_refusal_by_v2_is_v2s_and_v2_is_remembered(database, tmp_path, clock):
    async with answering({"error": -235}, {"error": -230}, {"error": -230}) as (url, asked):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
            for _ in range(2):
                with pytest.raises(Refused):
                    await channel.send(letter())
    assert [request.path for request in asked[1:]] == [f"/{V3}", f"/{V2}", f"/{V2}"]


async def test_a_message_that_left_is_not_called_failed_because_the_disk_is(database, tmp_path, clock, monkeypatch):
    peer = ZaloPeer(oa_type=4)
    async with office(database, tmp_path, clock, peer=peer) as (platform, channel):

        async def full(_name, _value):
            raise Unavailable("disk", doubtful=False)

        monkeypatch.setattr(channel.tokens, "note_quirk", full)
        assert await channel.send(letter("một")) == platform.accepted[0].message_id


# Tokens in use ---------------------------------------------------------------------


async def test_a_token_that_ended_is_renewed_and_the_message_goes_once(ward):
    peer, channel = ward
    await channel.send(letter("một"))
    peer.tokens.end_access()
    await channel.send(letter("hai"))
    assert peer.person(LAN).heard == ["một", "hai"]
    assert peer.tokens.refreshed == 2


async def test_a_token_that_is_always_refused_is_renewed_once_and_no_more(ward):
    peer, channel = ward
    await channel.send(letter("một"))
    peer.faults.always(V3, Fault.EXPIRED_TOKEN)
    with pytest.raises(Misconfigured):
        await channel.send(letter("hai"))
    assert len(peer.faults.struck) == 2
    assert peer.tokens.refreshed == 2


async def test_many_messages_meeting_a_dead_token_renew_it_once(ward):
    peer, channel = ward
    await channel.send(letter("đầu"))
    peer.tokens.end_access()
    await asyncio.gather(*(channel.send(letter(f"tin {n}")) for n in range(8)))
    assert peer.tokens.refreshed == 2
    assert len(peer.accepted) == 9


async def test_no_secret_is_ever_written_down(ward, database, tmp_path, clock, caplog):
    peer, channel = ward
    caplog.set_level("DEBUG")
    caplog.set_level("INFO", logger="aiosqlite")  # at DEBUG it writes every parameter of every statement
    name = put(tmp_path, PNG)
    errors = []
    plan = [Fault.RESET_AFTER, Fault.E500_BEFORE, Fault.HTML_200, Fault.EXPIRED_TOKEN, Fault.OK_FALSE, Fault.SLOW]
    for method in (V3, UPLOAD_IMAGE, "v4/oa/access_token"):
        for fault in plan:
            peer.faults.clear()
            peer.faults.next(method, fault, times=2, seconds=1.2)
            if method.startswith("v4"):
                peer.tokens.end_access()
            try:
                await channel.send(letter("Bí mật của bà Lan", attachments=(name,)))
            except SendError as error:
                errors.append(error)
            channel._uploads.forget(name)
    async with channel_for(peer, database, tmp_path, clock, api_url="http://zalo.invalid") as nowhere:
        with pytest.raises(SendError) as caught:
            await nowhere.send(letter())
    errors.append(caught.value)
    assert len(errors) > 10
    written = caplog.text + "".join(map(everything_in, errors)) + repr(channel.tokens._given)
    assert [secret for secret in (*SECRETS, "bà Lan") if secret in written] == []


async def test_a_platform_that_quotes_our_token_is_not_quoted(database, tmp_path, clock, caplog):
    async with answering({"error": -201, "message": "token access-1 is invalid"}) as (url, _):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
            with pytest.raises(Refused) as caught:
                await channel.send(letter())
    assert "access-1" not in everything_in(caught.value) + caplog.text


async def test_a_broken_answer_does_not_carry_the_request_into_the_error(database, tmp_path, clock):
    """aiohttp's own error for bad HTTP holds the request's headers."""

    async def babble(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, ZaloPeer() as peer, channel_for(peer, database, tmp_path, clock, api_url=url) as channel:
        with pytest.raises(Unavailable) as caught:
            await channel.send(letter())
    assert caught.value.doubtful
    assert "access-" not in everything_in(caught.value)


async def test_the_token_travels_in_a_header_with_its_proof(database, tmp_path, clock):
    async with answering({"error": 0, "data": {"message_id": "m1"}}) as (url, asked):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
            assert await channel.send(letter()) == "m1"
    assert asked[1].headers["access_token"] == "access-1"
    assert len(asked[1].headers["appsecret_proof"]) == 64
    assert asked[1].content_type == "application/json"
    assert all("=" not in str(request.rel_url) and "access-" not in str(request.rel_url) for request in asked)


# Photos, start, stop ---------------------------------------------------------------


async def test_a_photo_is_brought_in(ward):
    peer, channel = ward
    event = peer.person(LAN).sends_image(JPEG)
    url = event["message"]["attachments"][0]["payload"]["url"]
    assert await channel.fetch(url) == JPEG


async def test_a_photo_that_is_gone_or_elsewhere_is_refused(ward):
    peer, channel = ward
    for url in (f"{peer.base_url}/media/none.jpg", "http://10.0.0.1/a.jpg", "https://example.org/a.jpg", ""):
        with pytest.raises(Refused):
            await channel.fetch(url)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.Response(status=302, headers={"Location": "https://example.org/a.jpg"}), Refused),
        (web.Response(status=302, headers={"Location": "/again"}), Refused),
        (web.Response(status=302), Refused),
        (web.Response(status=500), Unavailable),
        (web.Response(status=403), Refused),
        (web.Response(body=b"0" * (10 * 2**20 + 1)), Refused),
    ],
    ids=range(6),
)
async def test_a_photo_does_not_lead_us_away_nor_fill_us_up(database, tmp_path, clock, answer, error):
    async def same(_: web.Request) -> web.StreamResponse:
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    door = Door(0)
    await door.open([web.route("*", "/{any:.*}", same)])
    async with channel_for(ZaloPeer(), database, tmp_path, clock, api_url=door.url) as channel:
        with pytest.raises(error):
            await channel.fetch(f"{door.url}/a.jpg")
    await door.close()


async def test_an_endless_photo_is_cut_off(database, tmp_path, clock):
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"0" * 2**18)
                sent += 2**18
        except ConnectionError:
            return answer

    door = Door(0)
    await door.open([web.get("/a.jpg", endless)])
    async with channel_for(ZaloPeer(), database, tmp_path, clock, api_url=door.url) as channel:
        with pytest.raises(Refused):
            await channel.fetch(f"{door.url}/a.jpg")
    await door.close()
    assert sent < 2**25


async def looked_at(channel, caplog):
    caplog.set_level("INFO")
    await channel.start()
    await channel._looking
    return caplog.text


async def test_the_account_is_looked_at(database, tmp_path, clock, caplog):
    peer = ZaloPeer(oa_type=4)
    async with office(database, tmp_path, clock, peer=peer, oa_id="1") as (_, channel):
        told = await looked_at(channel, caplog)
    assert "oa_type 4, package Growth" in told
    assert "state agency" in told
    assert "WARD_ZALO__OA_ID" in told


async def test_a_small_unverified_account_is_remarked_upon(database, tmp_path, clock, caplog):
    data = {"oaid": "1", "is_verified": False, "oa_type": 2, "package_name": "Basic"}
    async with answering({"error": 0, "data": data}, {"error": -212}) as (url, _):
        peer = ZaloPeer()
        async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url, oa_id="1") as channel:
            told = await looked_at(channel, caplog)
            assert "-221" in told
            assert "-224" in told
            assert "could not be looked at" in await looked_at(channel, caplog)


async def test_a_platform_that_is_down_does_not_stop_the_start(database, tmp_path, clock, caplog):
    peer = ZaloPeer()
    url = "http://127.0.0.1:1"
    async with channel_for(peer, database, tmp_path, clock, api_url=url, oauth_url=url) as channel:
        assert "could not be looked at" in await looked_at(channel, caplog)


async def test_a_channel_that_was_never_used_stops_quietly(database, tmp_path, clock):
    async with channel_for(ZaloPeer(), database, tmp_path, clock) as channel:
        await channel.start()


def test_only_two_refusals_lead_to_the_other_endpoint():
    assert zalo_channel.OTHER == {("v3", -235): "v2", ("v2", -240): "v3"}
