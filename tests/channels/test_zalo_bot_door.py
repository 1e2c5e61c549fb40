"""Whatever a stranger posts to the Zalo bot's webhook: no 5xx, no second effect, no row for the forged."""

import json

import aiohttp
import pytest
from sqlmodel import col, func, select

from bot import app
from bot.settings import ZaloBotSettings
from records.tables import Delivery, Received
from tests.channels.zalo_bot_setup import LAN
from tests.conversations.voices import SECRET, free_port, handled, settings
from tests.peers import ZaloBotPeer
from tests.peers.zalo_bot import TOKEN

OURS = {"X-Bot-Api-Secret-Token": SECRET}
DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.fixture
async def house(tmp_path):
    """An office that the platform calls, and somebody to post to it."""
    async with ZaloBotPeer() as peer, aiohttp.ClientSession() as http:
        given = {"token": TOKEN, "api_url": peer.base_url, "webhook_secret": SECRET}
        config = settings(tmp_path, port=free_port(), zalo_bot=ZaloBotSettings.model_validate(given))
        async with app.build(config) as office:

            async def post(body: bytes, headers: dict[str, str]) -> int:
                url = f"http://127.0.0.1:{office.port}/webhooks/zalo-bot"
                async with http.post(url, data=body, headers=headers) as answer:
                    assert "Traceback" not in await answer.text()
                    return answer.status

            yield office, post, peer


async def rows(office, table) -> int:
    async with office.database.reading() as db:
        return int((await db.exec(select(func.count()).select_from(table))).one())


async def test_the_forged_are_refused_and_leave_no_row(house):
    office, post, peer = house
    body = peer.parcel(peer.person(LAN).sends("message.text.received", seen=False, text="x"))
    for headers in ({}, {"X-Bot-Api-Secret-Token": ""}, {"X-Bot-Api-Secret-Token": SECRET[:-1]}):
        assert await post(body, headers) == 403
    assert await rows(office, Received) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"null",
        b"{}",
        DEEP,
        b'{"event_name": "message.text.received", "message": ' + DEEP + b"}",
        b'{"event_name": "message.text.received", "message": {"chat": {"id": NaN}}}',
        b'{"event_name": "message.text.received", "message": {"chat": {"id": "1", "chat_type": "GROUP"},'
        b' "from": {"id": "2"}, "text": "\\ud800 /viec", "date": ' + b"9" * 5000 + b"}}",
        b'{"event_name": "message.text.received", "message": {"text": []}}',
        b'{"ok": true, "result": {"event_name": "\\u0000"}}',
    ],
    ids=range(10),
)
async def test_no_body_makes_the_house_stumble(house, body):
    office, post, _ = house
    assert await post(body, OURS) in {200, 413}
    await handled(office)
    async with office.database.reading() as db:
        failed = select(Received.outcome).where(col(Received.outcome).like("failed%"))
        assert (await db.exec(failed)).all() == []


async def test_a_megabyte_is_refused_before_it_is_read(house):
    _, post, _ = house
    assert await post(b"x" * 1_000_000, OURS) == 413


async def test_a_repeat_is_answered_once_in_either_wrapping(house):
    office, post, peer = house
    lan = peer.person(LAN)
    event = lan.sends("message.text.received", seen=False, text="giờ làm việc")
    for body in (event, {"ok": True, "result": event}, event):
        assert await post(json.dumps(body).encode(), OURS) == 200
    await handled(office)
    assert (await rows(office, Received), await rows(office, Delivery)) == (1, 1)
    assert len(lan.heard) == 1
