"""Zalo's events: signed, repeated, lost; and what goes wrong on the way."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from tests.peers import Fault, ZaloPeer, images
from tests.peers.zalo_people import Person
from tests.peers.zalo_wire import signature
from tests.peers_test.asking import (
    CS,
    Hook,
    send,
)
from tests.peers_test.asking import LAN_ON_ZALO as LAN

VECTOR = (
    '{"app_id":"3608465249403009678","sender":{"id":"246845883529197922"},'
    '"user_id_by_app":"552177279717587730","recipient":{"id":"388613280878808645"},'
    '"event_name":"user_send_text","message":{"text":"Xin chào phường",'
    '"msg_id":"96d3cdf3af150460909"},"timestamp":"1795100000123"}'
)

VECTOR_MAC = "mac=fcc8f0787ac37c513c97174ff265ca036b9d1b4e604b599b4e6664b83b133bd4"


@pytest.fixture
async def peer() -> AsyncIterator[ZaloPeer]:
    async with ZaloPeer() as one:
        yield one


@pytest.fixture
def lan(peer: ZaloPeer) -> Person:
    return peer.person(LAN, "Lan", phone="84901234567")


@pytest.fixture
async def hook(peer: ZaloPeer) -> AsyncIterator[Hook]:
    one = Hook()
    await one.door.open([web.post("/hook", one.answer)])
    peer.webhook.url = f"{one.door.url}/hook"
    yield one
    await one.door.close()


def test_signatures_match_the_vectors() -> None:
    body = VECTOR.encode()
    assert len(body) == 277
    app_id, stamp, secret = "3608465249403009678", "1795100000123", "khoa-bi-mat-OA-1"
    assert signature(app_id, body, stamp, secret) == VECTOR_MAC
    small = "9d8b7a703447a117465d7d97fa0101d1f4fafaefc6e4c2ada58b317a2073276c"
    assert signature("1", b'{"timestamp":"2"}', "2", "s") == f"mac={small}"
    escaped = json.dumps(json.loads(body), separators=(",", ":")).encode()
    assert signature(app_id, escaped, stamp, secret)[4:12] == "5d2a2c8c"
    assert hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()[:8] == "5716e879"


async def test_the_peer_posts_the_vector_itself(peer: ZaloPeer, hook: Hook) -> None:
    peer.redeliver(json.loads(VECTOR))
    await peer.delivered()
    assert hook.bodies == [VECTOR.encode()]
    assert hook.headers[0]["X-ZEvent-Signature"] == VECTOR_MAC


async def test_a_spoken_text_has_the_order_of_the_vector(peer: ZaloPeer, lan: Person) -> None:
    event = lan.says("Xin chào phường")
    assert list(event) == list(json.loads(VECTOR))
    assert event["user_id_by_app"] == json.loads(VECTOR)["user_id_by_app"]
    assert peer.events == [event]


async def test_every_event_is_signed_and_arrives_in_order(peer: ZaloPeer, lan: Person, hook: Hook) -> None:
    lan.says("một")
    lan.sends_image(caption="ổ gà")
    lan.sends_gif()
    lan.sends_link("https://phuong.vn")
    lan.sends_audio()
    lan.sends_video()
    lan.sends_sticker()
    location = lan.sends_location(10.5, 106.25)
    card = lan.sends_business_card("84901")
    file = lan.sends_file()
    lan.follows()
    lan.submits_info("Lan", "84901234567")
    lan.clicks_chatnow()
    lan.sees("m1")
    lan.receives("m1")
    lan.reacts("m1")
    lan.says_in_group("g1", "chào tổ")
    lan.unfollows()
    lan.withdraws()
    await peer.delivered()
    sent = [one["event_name"] for one in peer.events]
    assert hook.names == sent
    assert len(set(sent)) == 19
    for body, headers in zip(hook.bodies, hook.headers, strict=True):
        stamp = json.loads(body)["timestamp"]
        expected = signature(peer.app_id, body, stamp, peer.oa_secret)
        assert headers["X-ZEvent-Signature"] == expected
    coordinates = location["message"]["attachments"][0]["payload"]["coordinates"]
    assert coordinates == {"latitude": "10.5", "longitude": "106.25"}
    description = card["message"]["attachments"][0]["payload"]["description"]
    assert json.loads(description)["phone"] == "84901"
    payload = file["message"]["attachments"][0]["payload"]
    assert payload["checksum"] == hashlib.md5(images.PDF).hexdigest()
    async with aiohttp.ClientSession() as session, session.get(payload["url"]) as answer:
        assert await answer.read() == images.PDF


async def test_the_office_and_the_platform_have_events_too(peer: ZaloPeer, lan: Person, hook: Hook) -> None:
    echo = peer.console.staff_says(lan, "tôi trả lời", admin_id="77")
    assert echo["sender"]["admin_id"] == "77"
    assert lan.heard == ["tôi trả lời"]
    peer.console.tags(lan, "a")
    peer.console.untags(lan, "a")
    peer.console.group("user_join_group", "g1", lan)
    peer.console.template_status("t1", "PENDING_REVIEW", "ENABLE")
    peer.console.template_quality("t1", "LOW")
    peer.console.daily_quota(500, 2000)
    peer.console.template_received("84901234567", "m1", "k-1")
    peer.console.feedback("m1", 5, "tốt")
    peer.console.tests_webhook()
    peer.console.anything("chua_ai_biet", data={"x": 1})
    peer.anonymous("a1", "c1").says("ẩn danh")
    await peer.delivered()
    assert len(hook.names) == 12
    zns = {n for n, h in zip(hook.names, hook.headers, strict=True) if h.get("X-ZEvent-Server") == "ZNS"}
    assert zns == {
        "change_oa_daily_quota",
        "change_template_quality",
        "change_template_status",
        "user_feedback",
        "user_received_message",
    }


async def test_a_webhook_is_tried_again_then_given_up(peer: ZaloPeer, lan: Person, hook: Hook) -> None:
    hook.statuses = [500, 500]
    event = lan.says("một")
    await peer.delivered()
    assert len(set(hook.bodies)) == 1
    assert [one.get("num_retry") for one in hook.headers] == [None, "1", "2"]
    peer.redeliver(event)
    peer.redeliver(event, signed=False)
    await peer.delivered()
    assert hook.bodies[0] == hook.bodies[3] == hook.bodies[4]
    assert "X-ZEvent-Signature" not in hook.headers[4]
    hook.statuses = [500] * 6
    lan.says("hai")
    await peer.delivered()
    assert peer.webhook.unsubscribed
    lan.says("ba")
    assert len(hook.bodies) == 11


async def test_own_messages_echo_when_wished(hook: Hook) -> None:
    async with ZaloPeer(echoes=True, webhook_url=f"{hook.door.url}/hook") as peer:
        peer.person(LAN).says("Chào")
        sent = (await send(peer, {"text": "Chào bà"}))["data"]["message_id"]
        await peer.delivered()
    echo = json.loads(hook.bodies[-1])
    assert (echo["event_name"], echo["message"]["msg_id"]) == ("oa_send_text", sent)
    assert "admin_id" not in echo["sender"]


@pytest.mark.parametrize(
    ("fault", "answer", "accepted"),
    [
        (Fault.THROTTLED, -32, 0),
        (Fault.EXPIRED_TOKEN, -216, 0),
        (Fault.OK_FALSE, -200, 0),
        (Fault.OK_FALSE_AFTER, -200, 1),
    ],
)
async def test_faults_in_zalo_s_own_words(
    peer: ZaloPeer, lan: Person, fault: Fault, answer: int, accepted: int
) -> None:
    lan.says("Chào")
    peer.faults.next(CS, fault)
    assert (await send(peer, {"text": "x"}))["error"] == answer
    assert len(lan.heard) == accepted
    assert (await send(peer, {"text": "x"}))["error"] == 0


async def test_faults_of_the_line(peer: ZaloPeer, lan: Person) -> None:
    lan.says("Chào")
    for fault in (Fault.REFUSE, Fault.RESET_AFTER):
        peer.faults.next(CS, fault)
        with pytest.raises(aiohttp.ClientError):
            await send(peer, {"text": fault.name})
    peer.faults.next(CS, Fault.SLOW, seconds=30)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(peer, {"text": "SLOW"}), 0.2)
    assert lan.heard == ["RESET_AFTER", "SLOW"]
