"""Photos brought in, the account looked at, the channel started and stopped."""

import pytest
from aiohttp import web

from bot.channel import Refused, Unavailable
from bot.zalo import channel as zalo_channel
from tests.channels.zalo_office import LAN, Clock, answering, channel_for, database_at, office
from tests.peers import ZaloPeer
from tests.peers.door import Door
from tests.peers.images import JPEG


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
        async with channel_for(
            peer, database, tmp_path, clock, api_url=url, oauth_url=url, oa_id="1"
        ) as channel:
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
