"""Whatever a stranger posts to a webhook: no 5xx, no traceback, no second effect, no row for the forged."""

import asyncio
import json
import random

import aiohttp
import pytest
from sqlmodel import col, func, select

from bot import app
from records.tables import Delivery, Received
from tests.conversations.voices import SECRET, free_port, handled, settings, telegram_of, zalo_of
from tests.peers import TelegramPeer, ZaloPeer
from tests.peers.zalo_wire import signature

OURS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
DEEP = b"[" * 100_000 + b"]" * 100_000

HOSTILE = [
    b"",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b'{"update_id": "1"}',
    b'{"update_id": NaN}',
    b'{"update_id": 1e400}',
    b'{"update_id": -1, "message": 5}',
    b'{"update_id": 9, "message": {"chat": {"id": NaN}}}',
    (
        b'{"update_id": 10, "message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"},'
        b' "from": {"id": 5, "is_bot": false, "first_name": "\\ud800"}, "text": "\\udfff khai sinh \\ud83d"}}'
    ),
    b'{"update_id": 11, "callback_query": {"id": 7, "data": {"a": []}, "from": []}}',
    b'{"update_id": 12, "message": {"chat": {"id": ' + b"9" * 5000 + b"}}}",
    b'{"update_id": 13, "message": {"chat": {"id": 5}, "text": ' + DEEP + b"}}",
    DEEP,
    b"{" * 5000,
    b'{"app_id": "x"',
]


async def rows(office, table) -> int:
    async with office.database.reading() as db:
        return int((await db.exec(select(func.count()).select_from(table))).one())


@pytest.fixture
async def house(tmp_path):
    """An office with both webhooks open, and somebody to post to them."""
    async with (
        TelegramPeer(per_second=None, per_chat_per_second=None) as telegram,
        ZaloPeer() as zalo,
        aiohttp.ClientSession() as http,
    ):
        config = settings(
            tmp_path, port=free_port(), telegram=telegram_of(telegram, "webhook"), zalo=zalo_of(zalo)
        )
        async with app.build(config) as office:
            yield office, f"http://127.0.0.1:{office.port}/webhooks", http, telegram, zalo


async def post(http, url, body, headers) -> int:
    async with http.post(url, data=body, headers=headers) as answer:
        text = await answer.text()
        assert "Traceback" not in text
        return int(answer.status)


async def test_forged_and_missing_secrets_are_refused_and_leave_no_row(house):
    office, base, http, _, zalo = house
    update = json.dumps({"update_id": 1, "message": {"chat": {"id": 5}, "text": "x"}}).encode()
    event = json.dumps({"app_id": zalo.app_id, "event_name": "user_send_text", "timestamp": "1"}).encode()
    for headers in (
        {},
        {"X-Telegram-Bot-Api-Secret-Token": "wrong"},
        {"X-Telegram-Bot-Api-Secret-Token": ""},
    ):
        assert await post(http, f"{base}/telegram", update, headers) == 403
    for headers in ({}, {"X-ZEvent-Signature": "mac=" + "0" * 64}, {"X-ZEvent-Signature": ""}):
        assert await post(http, f"{base}/zalo", event, headers) == 403
    assert await rows(office, Received) == 0


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_body_makes_the_house_stumble(house, body):
    office, base, http, _, zalo = house
    assert await post(http, f"{base}/telegram", body, OURS) in {200, 413}
    mac = signature(zalo.app_id, body, "1795100000123", zalo.oa_secret)
    assert await post(http, f"{base}/zalo", body, {"X-ZEvent-Signature": mac}) in {200, 403}
    await handled(office)
    async with office.database.reading() as db:
        outcomes = (
            await db.exec(select(Received.outcome).where(col(Received.outcome).like("failed%")))
        ).all()
    assert outcomes == []


async def test_a_megabyte_is_refused_before_it_is_read(house):
    office, base, http, _, _ = house
    assert await post(http, f"{base}/telegram", b"x" * 1_000_000, OURS) == 413
    assert await post(http, f"{base}/zalo", b"x" * 1_000_000, {}) == 413
    assert await rows(office, Received) == 0


async def test_duplicates_and_a_shuffled_order_have_no_second_effect(house):
    office, base, http, telegram, _ = house
    people = [telegram.person(3000 + n, "Dân", started=True) for n in range(20)]
    updates = [
        {
            "update_id": 1000 + n,
            "message": {
                "message_id": n,
                "date": 1795000000,
                "chat": {"id": people[n % 20].id, "type": "private", "first_name": "Dân"},
                "from": {"id": people[n % 20].id, "is_bot": False, "first_name": "Dân"},
                "text": "giờ làm việc",
            },
        }
        for n in range(200)
    ]
    dice = random.Random(3)
    sent = updates + dice.sample(updates, 40)
    order = sorted(range(len(sent)), key=lambda place: place + dice.uniform(0, 8))
    for start in range(0, len(order), 8):
        calls = (
            post(http, f"{base}/telegram", json.dumps(sent[n]).encode(), OURS)
            for n in order[start : start + 8]
        )
        assert set(await asyncio.gather(*calls)) == {200}
    await handled(office)
    assert await rows(office, Received) == 200
    assert await rows(office, Delivery) == 200
    assert sum(item.method == "sendMessage" for item in telegram.accepted) == 200
