"""Recorded updates (invented people), and what each of them says."""

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channel import Arrival, Movement, Presence, Unreadable
from bot.telegram import reading
from handlers.talk import Incoming, Place
from records.tables import Address, ChannelName

PAYLOADS = Path(__file__).parent.parent / "payloads" / "telegram"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ALL = {path.stem: path.read_text("utf-8") for path in sorted(PAYLOADS.glob("*.json"))}
GROUP = "-1002233445566"
LAN = Address(ChannelName.TELEGRAM, "1001")
FORUM = {"id": -1002233445566, "type": "supergroup", "title": "Tổ tiếp nhận", "is_forum": True}


def arrived(name: str) -> Arrival:
    return reading.name(reading.load(ALL[name]), ALL[name])


def read(name: str, username: str = "AnThinhBot") -> Incoming | Movement | None:
    return reading.read(arrived(name), NOW, username)


def said(name: str) -> Incoming:
    incoming = read(name)
    assert isinstance(incoming, Incoming)
    return incoming


def with_message(**changes: object) -> Arrival:
    update = json.loads(ALL["text"])
    update["message"] |= changes
    return reading.name(update, json.dumps(update))


def test_lan_writes_a_text() -> None:
    assert said("text") == Incoming(
        key="telegram:730100001",
        sender=Address(ChannelName.TELEGRAM, "1001"),
        text="Đèn đường hỏng ba đêm nay",
        sent_at=datetime.fromtimestamp(1795053600, UTC),
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("start", {"text": "/start qr7Kd0", "group": False}),
        ("group_command", {"text": "/tracuu khai sinh", "group": True, "author": LAN}),
        ("edited", {"text": "Đèn đường hỏng bốn đêm nay", "edited": True}),
        ("photo", {"photos": ("photo:AgACAgUAAxkBAAIB-x",), "text": "Chỗ này ạ", "unsupported": None}),
        ("album", {"photos": ("photo:AgACAgUAAxkBAAIB-x",), "album": "13921847120394857"}),
        ("picture_as_file", {"photos": ("photo:BQACAgUAAxkBAAIC",), "text": "ảnh gốc", "unsupported": None}),
        ("picture_as_file_too_large", {"photos": (), "unsupported": "file"}),
        ("svg_as_file", {"photos": (), "unsupported": "file"}),
        ("document", {"photos": (), "unsupported": "file"}),
        ("voice", {"voice": "voice:AwACAgUAAxkBAAIE", "unsupported": None}),
        ("audio", {"voice": "voice:CQACAgUAAxkBAAIF", "unsupported": None}),
        ("video", {"unsupported": "video", "text": "xem giúp tôi"}),
        ("animation", {"unsupported": "video", "photos": ()}),
        ("sticker", {"unsupported": "sticker"}),
        ("poll", {"unsupported": "other"}),
        ("location", {"place": Place(latitude=10.7769, longitude=106.7009)}),
        (
            "venue",
            {"place": Place(latitude=10.7769, longitude=106.7009, label="Nhà văn hóa khu phố 3, 42 Lê Lợi")},
        ),
        ("own_contact", {"phone": "+84901234567", "unsupported": None}),
        ("foreign_contact", {"phone": None, "unsupported": "contact"}),
        (
            "callback",
            {"text": "phản ánh", "pressed": True, "sent_at": NOW, "group": False, "author": None},
        ),
        (
            "callback_on_old_message",
            {"text": "phản ánh", "pressed": True, "sent_at": NOW, "group": True, "author": LAN},
        ),
        ("from_a_hidden_administrator", {"text": "#xong PA26-0417-9", "group": True, "author": None}),
        ("with_newer_fields", {"text": "menu"}),
    ],
)
def test_what_a_person_sends_is_understood(name: str, expected: dict[str, object]) -> None:
    incoming = said(name)
    assert {field: getattr(incoming, field) for field in expected} == expected


@pytest.mark.parametrize(
    "name",
    [
        "live_location_moves",
        "callback_inline",
        "callback_game",
        "added_to_group",
        "removed_from_channel",
        "migrated_from",
        "from_a_bot",
        "from_a_channel",
        "pinned",
        "channel_post",
        "unknown_kind",
    ],
)
def test_what_is_no_word_of_a_person_is_ignored(name: str) -> None:
    assert read(name) is None


@pytest.mark.parametrize(
    ("name", "user", "what", "moved_to"),
    [
        ("blocked", "1001", Presence.LEFT, None),
        ("unblocked", "1001", Presence.CAME, None),
        ("removed_from_group", GROUP, Presence.LEFT, None),
        ("migrated", "-4455", Presence.LEFT, GROUP),
    ],
)
def test_coming_and_going_is_noticed(name: str, user: str, what: Presence, moved_to: str | None) -> None:
    moved = read(name)
    assert isinstance(moved, Movement)
    assert (moved.who.user, moved.what, moved.moved_to) == (user, what, moved_to)
    assert moved.at == datetime.fromtimestamp(1795053600, UTC)


def test_every_recorded_update_has_a_test_and_a_key_of_its_own() -> None:
    source = Path(__file__).read_text("utf-8")
    assert all(f'"{name}"' in source for name in ALL)
    assert len({arrived(name).key for name in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("text", "1001"),
        ("group_command", GROUP),
        ("callback", "1001"),
        ("blocked", "1001"),
        ("unknown_kind", "-"),
        ("callback_inline", "-"),
        ("channel_post", "-"),
    ],
)
def test_an_update_belongs_to_its_chat(name: str, user: str) -> None:
    assert arrived(name).user == user


@pytest.mark.parametrize(
    ("text", "username", "heard"),
    [
        ("/tracuu@AnThinhBot khai sinh", "", "/tracuu khai sinh"),
        ("/TraCuu@anthinhbot", "AnThinhBot", "/TraCuu"),
        ("/tracuu@anthinhbot\nkhai sinh", "AnThinhBot", "/tracuu\nkhai sinh"),
        ("gửi lan@AnThinhBot.vn", "AnThinhBot", "gửi lan@AnThinhBot.vn"),
        ("Nga\u0300y\x02 \ud83dmai\u200b", "AnThinhBot", "Ngày mai"),
    ],
)
def test_a_text_is_clean_and_without_our_name(text: str, username: str, heard: str) -> None:
    incoming = reading.read(with_message(text=text), NOW, username)
    assert isinstance(incoming, Incoming)
    assert incoming.text == heard


def test_a_command_to_another_bot_of_the_group_says_nothing_to_us() -> None:
    assert reading.read(with_message(text="/start@KhacBot"), NOW, "AnThinhBot") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"date": 10**18},
        {"date": "hôm qua"},
        {"text": 7},
        {"text": {"a": 1}},
        {"chat": {"id": 1001}},
        {"location": {"latitude": 95, "longitude": 0}},
        {"location": {"latitude": "x", "longitude": 0}},
        {"date": None},
        {"photo": [{"file_id": "a\n", "file_unique_id": "a", "width": 1, "height": 1}]},
        {"photo": {"file_id": "a"}},
        {"media_group_id": "\ud800"},
        {"migrate_to_chat_id": "-100"},
        {"from": "Lan"},
        {"chat": FORUM, "from": {"id": -5, "is_bot": False, "first_name": "Lan"}},
        {"chat": FORUM, "from": {"id": "1001", "is_bot": False, "first_name": "Lan"}},
        {"chat": FORUM, "is_topic_message": True},
        {"chat": FORUM, "is_topic_message": True, "message_thread_id": "7"},
        {"chat": FORUM, "is_topic_message": True, "message_thread_id": -7},
        {"chat": FORUM, "is_topic_message": True, "message_thread_id": 2**70},
    ],
)
def test_an_update_of_the_wrong_shape_is_unreadable(changes: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        reading.read(with_message(**changes), NOW)


@pytest.mark.parametrize(
    ("place", "user"),
    [
        ({"chat": FORUM, "is_topic_message": True, "message_thread_id": 7}, f"{GROUP}/7"),
        ({"chat": FORUM, "is_topic_message": True, "message_thread_id": 1}, GROUP),
        ({"chat": FORUM, "message_thread_id": 7}, GROUP),
        ({"chat": FORUM, "is_topic_message": "yes", "message_thread_id": 7}, GROUP),
        ({"chat": FORUM}, GROUP),
        ({"is_topic_message": True, "message_thread_id": 7}, "1001"),
    ],
)
def test_in_a_forum_the_sender_is_the_topic_and_in_general_the_group(
    place: dict[str, object], user: str
) -> None:
    arrival = with_message(**place)
    incoming = reading.read(arrival, NOW)
    assert isinstance(incoming, Incoming)
    assert (arrival.user, incoming.sender.user) == (user, user)
    assert (incoming.group, incoming.author) == (("chat" in place), LAN if "chat" in place else None)


def test_whoever_writes_in_the_name_of_a_channel_is_nobody_we_know() -> None:
    behind = {"id": -1009, "type": "channel", "title": "Tin phường"}
    incoming = reading.read(with_message(chat=FORUM, sender_chat=behind), NOW)
    assert isinstance(incoming, Incoming)
    assert (incoming.group, incoming.author) == (True, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 1.0}',
        b'{"update_id": NaN}',
        b'{"update_id": 1, "x": Infinity}',
        b'{"update_id": 1, "x": "\xed\xa0\x80"}',
        b'{"update_id": ' + b"9" * 30 + b"}",
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": 1, "message": {"chat": {"id": "1001"}}}',
        b'{"update_id": 1, "message": {"chat": {"id": ' + b"9" * 40 + b"}}}",
        b'{"update_id": 1, "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"update_id": 1, "x": ' + b'{"a":' * 100_000,
    ],
)
def test_what_is_no_update_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        reading.name(reading.load(body), "")


def test_only_a_press_has_something_to_answer() -> None:
    assert reading.callback_id(arrived("callback")) == "4382000000000001"
    assert reading.callback_id(arrived("text")) is None
    assert reading.callback_id(Arrival(key="k", user="-", body='{"callback_query": [')) is None
    assert reading.callback_id(Arrival(key="k", user="-", body='{"callback_query": {"id": 5}}')) is None


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(categories=None), max_size=8),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [[]]),
    st.builds(lambda: {"id": None}),
)


def places(node: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [path] if path else []
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        found += places(child, (*path, key))
    return found


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_damage_to_an_update_leads_to_more_than_unreadable(data: st.DataObject) -> None:
    update = copy.deepcopy(json.loads(ALL[data.draw(st.sampled_from(sorted(ALL)))]))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(update)))
        node = update
        for step in way:
            node = node[step]
        node[last] = data.draw(ODD)
    try:
        result = reading.read(reading.name(reading.load(json.dumps(update)), json.dumps(update)), NOW)
    except Unreadable:
        return
    if isinstance(result, Movement):
        assert result.at.utcoffset() == timedelta()
    if isinstance(result, Incoming):
        assert isinstance(result.text, str)
        assert all(isinstance(ref, str) for ref in result.photos)
        json.dumps([result.text, result.photos, result.voice, result.album, result.phone]).encode()
        "".join([result.text, *result.photos, result.phone or "", result.album or ""]).encode("utf-8")
        assert result.sent_at.utcoffset() == timedelta()
