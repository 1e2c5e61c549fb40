"""Which of the two endpoints an account is sent by, and with which token."""

import asyncio

import pytest

from bot.channel import Misconfigured, Refused, SendError, Unavailable
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
    everything_in,
    letter,
    office,
    put,
)
from tests.peers import Fault, ZaloPeer
from tests.peers.images import PNG

SECRETS = ("access-", "refresh-", "bi-mat-ung-dung", "khoa-bi-mat-OA-1")


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


async def test_a_message_that_left_is_not_called_failed_because_the_disk_is(
    database, tmp_path, clock, monkeypatch
):
    peer = ZaloPeer(oa_type=4)
    async with office(database, tmp_path, clock, peer=peer) as (platform, channel):

        async def full(_name, _value):
            raise Unavailable("disk", doubtful=False)

        monkeypatch.setattr(channel.tokens, "note_quirk", full)
        assert await channel.send(letter("một")) == platform.accepted[0].message_id


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
    plan = [
        Fault.RESET_AFTER,
        Fault.E500_BEFORE,
        Fault.HTML_200,
        Fault.EXPIRED_TOKEN,
        Fault.OK_FALSE,
        Fault.SLOW,
    ]
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
    async with (
        server,
        ZaloPeer() as peer,
        channel_for(peer, database, tmp_path, clock, api_url=url) as channel,
    ):
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
