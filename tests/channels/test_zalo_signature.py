"""Who is believed to be Zalo, and under which key an event is kept."""

import hashlib
import hmac
import json

import pytest
from pydantic import SecretStr

from bot.channel import Unreadable, Untrusted
from bot.settings import ZaloSettings
from bot.zalo import ZaloChannel, signature
from records.database import Database
from tests.channels.zalo_office import Clock

APP, SECRET = "3608465249403009678", "khoa-bi-mat-OA-1"
BODY = (
    '{"app_id":"3608465249403009678","sender":{"id":"246845883529197922"},"user_id_by_app":"552177279717587730",'
    '"recipient":{"id":"388613280878808645"},"event_name":"user_send_text","message":{"text":"Xin chào phường",'
    '"msg_id":"96d3cdf3af150460909"},"timestamp":"1795100000123"}'
).encode()
MAC = "fcc8f0787ac37c513c97174ff265ca036b9d1b4e604b599b4e6664b83b133bd4"


@pytest.fixture
def channel(tmp_path):
    settings = ZaloSettings(
        app_id=APP,
        app_secret=SecretStr("bi-mat-ung-dung"),
        oa_secret=SecretStr(SECRET),
        refresh_token=SecretStr("refresh-0"),
    )
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/ward.db")
    return ZaloChannel(settings, database, media_path=tmp_path.joinpath, clock=Clock())


def signed(body: bytes, timestamp: str = "") -> dict[str, str]:
    return {"X-ZEvent-Signature": f"mac={signature.digest(APP, body, timestamp, SECRET)}"}


def event(name: str, timestamp: object = "1795100000123", **content: object) -> bytes:
    fields = {"app_id": APP, "event_name": name, **content, "timestamp": timestamp}
    return json.dumps(fields, separators=(",", ":")).encode()


def test_the_vectors_of_the_reference_match():
    assert len(BODY) == 277
    assert signature.digest(APP, BODY, "1795100000123", SECRET) == MAC
    small = "9d8b7a703447a117465d7d97fa0101d1f4fafaefc6e4c2ada58b317a2073276c"
    assert signature.digest("1", b'{"timestamp":"2"}', "2", "s") == small
    proof = "8e4416844a305cc4fe40bc8a5515230210fdd8442bd755396dd7e12d77c01b4f"
    assert signature.proof("token-1", "app-secret") == proof


@pytest.mark.parametrize("header", [f"mac={MAC}", f"mac = {MAC}", MAC, MAC.upper(), f" mac={MAC} "])
@pytest.mark.parametrize("name", ["X-ZEvent-Signature", "x-zevent-signature"])
def test_a_signed_greeting_is_kept_under_its_own_id(channel, header, name):
    (arrival,) = channel.accept(BODY, {name: header})
    assert arrival.key == "zalo:96d3cdf3af150460909"
    assert arrival.user == "246845883529197922"
    assert arrival.body == BODY.decode()


def test_an_hmac_and_a_digest_over_escaped_json_do_not_match(channel):
    an_hmac = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    escaped = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    of_escaped = signature.digest(APP, escaped, "1795100000123", SECRET)
    assert an_hmac.startswith("5716e879")
    assert of_escaped.startswith("5d2a2c8c")
    for mac in (an_hmac, of_escaped):
        with pytest.raises(Untrusted):
            channel.accept(BODY, {"X-ZEvent-Signature": f"mac={mac}"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-ZEvent-Signature": ""},
        {"X-ZEvent-Signature": "mac="},
        {"X-ZEvent-Signature": f"mac={MAC}0"},
        {"X-ZEvent-Signature": f"sha256={MAC}"},
        {"X-ZEvent-Signature": "mac=" + "ă" * 64},
        {"X-ZEvent-Signature": "mac=" + "٣" * 64},
        {"X-ZEvent-Signature": "mac=" + "0" * 64},
        {"Authorization": MAC},
    ],
)
def test_a_stranger_is_not_believed(channel, headers):
    with pytest.raises(Untrusted):
        channel.accept(BODY, headers)


def test_a_changed_body_is_not_believed(channel):
    with pytest.raises(Untrusted):
        channel.accept(BODY.replace("chào".encode(), b"chao"), {"X-ZEvent-Signature": f"mac={MAC}"})


def test_an_event_of_another_app_is_not_ours(channel):
    body = BODY.replace(APP.encode(), b"1111111111111111111")
    with pytest.raises(Untrusted):
        channel.accept(body, signed(body, "1795100000123"))


def test_the_app_id_of_the_body_is_never_used_to_check_it(channel):
    body = BODY.replace(APP.encode(), b"1111111111111111111")
    mac = signature.digest("1111111111111111111", body, "1795100000123", SECRET)
    with pytest.raises(Untrusted):
        channel.accept(body, {"X-ZEvent-Signature": mac})


@pytest.mark.parametrize("written", ["1795100000123", "1.795100000123e12", "1795100000123.0"])
def test_a_timestamp_that_is_a_number_counts_with_its_own_digits(channel, written):
    body = event("follow", "T", follower={"id": "7"}).replace(b'"T"', written.encode())
    (arrival,) = channel.accept(body, signed(body, written))
    assert arrival.user == "7"


HOSTILE = [
    b"",
    b"\xff\xfe{}",
    b"not json",
    b"[]",
    b'"text"',
    b"null",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"timestamp":"5","x":NaN}',
    b'{"timestamp":5,"x":-Infinity}',
    b'{"timestamp":"5"} trailing',
]


def stamp_of(body: bytes) -> str:
    return "5" if b"timestamp" in body else ""


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_nonsense_is_unreadable_when_zalo_signed_it(channel, body):
    with pytest.raises(Unreadable):
        channel.accept(body, signed(body, stamp_of(body)))


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_nonsense_from_a_stranger_is_not_even_that(channel, body):
    with pytest.raises(Untrusted):
        channel.accept(body, {"X-ZEvent-Signature": "mac=" + "0" * 64})


@pytest.mark.parametrize(
    ("body", "timestamp"),
    [
        (b"{}", ""),
        (b'{"timestamp":"\\ud800"}', "\ud800"),
        (b'{"event_name":"\\ud800","sender":{"id":"\\ud800"},"message":{"msg_id":"\\ud800"}}', ""),
        (b'{"event_name":["user_send_text"],"sender":[],"message":"x"}', ""),
        (
            b'{"event_name":"user_send_text","message":{"msg_id":"'
            + b"9" * 5000
            + b'"},"sender":{"id":"a b"}}',
            "",
        ),
        (b'{"event_name":"user_send_text","message":{"msg_id":"' + "tệp".encode() + b'"}}', ""),
        (b'{"event_name":"' + b"x" * 5000 + b'"}', ""),
        (b'{"event_name":"user_send_text","sender":{"id":' + b"9" * 10_000 + b"}}", ""),
    ],
    ids=range(8),
)
def test_a_strange_object_still_gets_a_key_our_records_can_hold(channel, body, timestamp):
    (arrival,) = channel.accept(body, signed(body, timestamp))
    assert arrival.key.isascii()
    assert len(arrival.key) <= 200
    assert hashlib.sha256(body).hexdigest() in arrival.key
    assert len(arrival.user) <= 100
    arrival.body.encode()


def test_receipts_reactions_and_echoes_never_take_the_key_of_a_message(channel):
    message_id = "96d3cdf3af150460909"
    bodies = [
        event("user_send_text", sender={"id": "7"}, message={"text": "a", "msg_id": message_id}),
        event("user_received_message", sender={"id": "7"}, message={"msg_id": message_id}),
        event(
            "user_seen_message", sender={"id": "7"}, message={"msg_ids": [message_id], "msg_id": message_id}
        ),
        event("user_reacted_message", sender={"id": "7"}, message={"msg_id": message_id, "react_icon": ":o"}),
        event("oa_reacted_message", recipient={"id": "7"}, message={"msg_id": message_id}),
        event("oa_send_text", recipient={"id": "7"}, message={"text": "a", "msg_id": message_id}),
        event("user_feedback", message={"msg_id": message_id}),
    ]
    arrivals = [channel.accept(body, signed(body, "1795100000123"))[0] for body in bodies]
    assert arrivals[0].key == f"zalo:{message_id}"
    assert len({arrival.key for arrival in arrivals}) == len(bodies)
    assert [arrival.user for arrival in arrivals] == ["7"] * 6 + [""]


def test_a_repeat_has_the_same_key(channel):
    body = event("follow", follower={"id": "7"})
    first, second = (channel.accept(body, signed(body, "1795100000123")) for _ in range(2))
    assert first == second


def test_the_telephone_number_of_a_template_receipt_is_no_persons_id(channel):
    message = {"msg_id": "z1", "delivery_time": "1", "tracking_id": "t"}
    body = event(
        "user_received_message", sender={"id": "388"}, recipient={"id": "84900000001"}, message=message
    )
    (arrival,) = channel.accept(body, signed(body, "1795100000123"))
    assert arrival.user == ""
