"""What the bot platform tells: who may tell it, in which wrapping, and what a person said."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Arrival, Unreadable, Untrusted
from bot.zalo_bot import reading
from bot.zalo_bot.channel import SECRET_HEADER
from handlers.talk import Incoming
from records.tables import Address, ChannelName
from tests.channels.zalo_bot_setup import LAN, NOW, SECRET, STAFF, channel_at
from tests.peers.records import Json

GOOD = {SECRET_HEADER: SECRET}
SENT = datetime(2026, 11, 20, 7, 59, 59, 123000, tzinfo=UTC)
ME = Address(ChannelName.ZALO_BOT, LAN)


SPEAKER = {"id": LAN, "display_name": "Lan", "is_bot": False}


def event(kind: str = "text", *, group: bool = False, speaker: object = SPEAKER, **content: Any) -> Json:
    chat = {"id": STAFF, "chat_type": "GROUP"} if group else {"id": LAN, "chat_type": "PRIVATE"}
    message = {
        "message_id": "2d758cb5e222177a4e35",
        "date": 1795161599123,
        "from": speaker,
        "chat": chat,
        **content,
    }
    return {"event_name": f"message.{kind}.received", "message": message}


def arrived(fields: Json) -> Arrival:
    (arrival,) = channel_at("http://127.0.0.1:1").accept(json.dumps(fields).encode(), GOOD)
    return arrival


def said(fields: Json) -> Incoming:
    incoming = reading.read(arrived(fields), NOW)
    assert isinstance(incoming, Incoming)
    return incoming


def test_lan_writes_to_the_bot() -> None:
    assert said(event(text="/viec")) == Incoming(
        key="zalo_bot:2d758cb5e222177a4e35", sender=ME, text="/viec", sent_at=SENT
    )


def test_in_a_group_the_sender_is_the_group_and_lan_the_author() -> None:
    incoming = said(event(group=True, text="@Bot Phường An Thịnh /nhan PA26-0417-9"))
    assert (incoming.sender, incoming.author) == (Address(ChannelName.ZALO_BOT, STAFF), ME)
    assert (incoming.group, incoming.text, incoming.pressed) == (True, "/nhan PA26-0417-9", False)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("@Bot Phường An Thịnh /viec", "/viec"),
        ("@Bot /viec", "/viec"),
        ("@Bot Phường An Thịnh xong rồi", "@Bot Phường An Thịnh xong rồi"),
        ("@Bot xem https://phuong.example/a", "@Bot xem https://phuong.example/a"),
        ("@Bot 1/2", "@Bot 1/2"),
        ("/viec @Bot", "/viec @Bot"),
        ("@" + "x" * 80 + " /viec", "@" + "x" * 80 + " /viec"),
    ],
)
def test_our_name_before_a_command_is_taken_off_in_a_group_only(text: str, heard: str) -> None:
    assert said(event(group=True, text=text)).text == heard
    assert said(event(text=text)).text == text


@pytest.mark.parametrize("fields", [event(text="chào"), event(group=True, text="chào")])
def test_both_wrappings_say_the_same_under_the_same_key(fields: Json) -> None:
    wrapped = {"ok": True, "result": fields}
    assert said(wrapped) == said(fields)
    assert arrived(wrapped).user == arrived(fields).user == fields["message"]["chat"]["id"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (event("image", photo_url="https://x.zdn.vn/1.jpg", caption="đây"), ("đây", "file")),
        (event("image", photo="https://x.zdn.vn/1.jpg"), ("", "file")),
        (event("voice", voice_url="https://x.zdn.vn/1.aac"), ("", "file")),
        (event("sticker", sticker="bfe458bf"), ("", "sticker")),
        (event("unsupported"), ("", "other")),
        (event("link", text="xem", url="https://phuong.example"), ("xem https://phuong.example", None)),
        (
            event("link", text="https://phuong.example/1", url="https://phuong.example/1"),
            ("https://phuong.example/1", None),
        ),
        (event(text="Nga\u0300y\u0002 mai\u200b"), ("Ngày mai", None)),
    ],
)
def test_what_a_person_sends_is_understood(fields: Json, expected: tuple[str, str | None]) -> None:
    incoming = said(fields)
    assert (incoming.text, incoming.unsupported) == expected
    assert (incoming.photos, incoming.voice) == ((), None)


@pytest.mark.parametrize(
    "fields",
    [
        event("reaction", text="x"),
        event("poll", text="x"),
        event(text=""),
        event(text=["x"]),
        event(text="x", speaker={"id": LAN, "is_bot": True}),
        event(text="x", speaker={}),
        event(text="x", speaker="Lan"),
        event(text="x", chat={}),
        event(text="x", chat={"id": "x" * 101, "chat_type": "GROUP"}),
        {"event_name": "message.text.received"},
        {"event_name": "message.text.received", "message": []},
    ],
)
def test_what_is_no_word_of_a_person_is_ignored(fields: Json) -> None:
    assert reading.read(arrived(fields), NOW) is None


@pytest.mark.parametrize("date", [None, "", "hôm qua", -5, 1.5, {}, 10**30])
def test_words_without_a_time_were_said_now(date: object) -> None:
    assert said(event(text="x", date=date)).sent_at == NOW


def test_nobody_speaks_from_the_future() -> None:
    later = int((NOW + timedelta(days=1)).timestamp() * 1000)
    assert said(event(text="x", date=later)).sent_at == NOW


def test_without_an_id_the_words_themselves_are_the_key() -> None:
    keys = {arrived(event(text=text, message_id=None)).key for text in ("một", "hai", "một")}
    assert len(keys) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SECRET_HEADER: ""},
        {SECRET_HEADER: SECRET[:-1]},
        {SECRET_HEADER: SECRET + "x"},
        {SECRET_HEADER: "bí mật"},
        {SECRET_HEADER: "\udcff\ud800"},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET},
    ],
)
def test_a_call_without_the_secret_is_not_trusted(headers: Mapping[str, str]) -> None:
    with pytest.raises(Untrusted):
        channel_at("http://127.0.0.1:1").accept(json.dumps(event(text="x")).encode(), headers)


def test_without_a_secret_of_our_own_nobody_is_trusted() -> None:
    for headers in ({}, {SECRET_HEADER: ""}):
        with pytest.raises(Untrusted):
            channel_at("http://127.0.0.1:1", webhook_secret=None).accept(b"{}", headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b"\xff\xfe{}",
        b'{"event_name": [7]}',
        b'{"event_name": "message.text.received", "x": NaN}',
        b'{"ok": true}',
        b'{"ok": true, "result": []}',
        b'{"ok": true, "result": {"message": {}}}',
        b"[" * 200_000,
        b'{"event_name": "a", "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    ],
)
def test_a_trusted_call_that_is_no_event_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        channel_at("http://127.0.0.1:1").accept(body, GOOD)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "text"]), inner),
    max_leaves=6,
)


@given(
    st.sampled_from(sorted(reading.EVENTS)),
    st.dictionaries(st.sampled_from(["message_id", "date", "from", "chat", "text", "url", "caption"]), ODD),
)
def test_no_damage_to_an_event_leads_to_more_than_silence(name: str, damage: Json) -> None:
    fields = event(text="chào")
    fields = {"event_name": name, "message": fields["message"] | damage}
    try:
        incoming = reading.read(arrived(fields), NOW)
    except Unreadable:
        return
    if incoming is not None:
        assert incoming.sent_at <= NOW
        incoming.text.encode()
        assert incoming.sender.user
