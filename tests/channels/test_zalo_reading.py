"""What every event of Zalo says; a recorded body is a complete test."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Arrival, Movement, Presence, Receipt, Unreadable
from bot.zalo import reading
from bot.zalo.media import Media
from bot.zalo.payload import parse
from bot.zalo.wire import Wire
from handlers.talk import Incoming, Place
from records.tables import Address, ChannelName, DeliveryState

PAYLOADS = Path(__file__).parent.parent / "payloads" / "zalo"
SENT = datetime(2026, 11, 19, 14, 53, 20, 123000, tzinfo=UTC)
NOW = SENT + timedelta(seconds=1)
LAN = Address(ChannelName.ZALO, "246845883529197922")
PHOTO = "https://photo-stal-12.zdn.vn/jpg/7d2d4bb1a5c04c9e15d1.jpg"

MEDIA = Media(Wire(1), loopback=False)
AT_HOME = Media(Wire(1), loopback=True)

# zalo.md §12, the whole table, both readings where sources disagree.
DOCUMENTED = [
    "user_send_text",
    "user_send_image",
    "user_send_gif",
    "user_send_link",
    "user_send_audio",
    "user_send_video",
    "user_send_sticker",
    "user_send_location",
    "user_send_business_card",
    "user_send_file",
    "follow",
    "unfollow",
    "user_submit_info",
    "user_click_chatnow",
    "user_seen_message",
    "user_received_message",
    "user_reacted_message",
    "oa_reacted_message",
    "oa_send_text",
    "oa_send_image",
    "oa_send_gif",
    "oa_send_list",
    "oa_send_file",
    "oa_send_sticker",
    "anonymous_send_text",
    "anonymous_send_image",
    "anonymous_send_file",
    "anonymous_send_sticker",
    "oa_send_anonymous_text",
    "oa_send_anonymous_image",
    "oa_send_anonymous_file",
    "oa_send_anonymous_sticker",
    "add_user_to_tag",
    "remove_user_from_tag",
    "remove_tag",
    "update_user_info",
    "user_withdraw",
    "widget_interaction_accepted",
    "widget_failed_to_sync_user_external_id",
    "create_group",
    "user_join_group",
    "user_request_join_group",
    "accept_request_join_group",
    "reject_request_join_group",
    "add_group_admin",
    "remove_group_admin",
    "update_group_info",
    "user_out_group",
    "delete_group",
    "react_request_join_group_accept",
    "react_request_join_group_reject",
    "user_leave_group",
    "user_send_group_text",
    "user_send_group_image",
    "oa_send_group_text",
    "oa_send_group_image",
    "oa_send_consent",
    "user_reply_consent",
    "user_call_oa",
    "oa_call_user",
    "change_template_status",
    "change_template_quality",
    "change_oa_daily_quota",
    "change_template_quota",
    "change_oa_template_tags",
    "event_journey_acknowledged",
    "event_journey_time_out",
    "user_feedback",
    "user_click_response_button",
    "extension_purchased",
]


def recorded(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))


def read(event: dict[str, Any] | str, now: datetime = NOW, media: Media = MEDIA):
    fields = recorded(event) if isinstance(event, str) else event
    body = json.dumps(fields).encode()
    # `accept` and `read` both go through our own reading of numbers.
    arrival = reading.arrival_of(parse(body), body)
    return reading.read(arrival, now, media.trusts)


def said(key: str, **what) -> Incoming:
    return Incoming(key=f"zalo:{key}", sender=LAN, sent_at=SENT, **what)


def moved(what: Presence) -> Movement:
    return Movement(who=LAN, what=what, at=SENT)


FACTS = {
    "text": said("96d3cdf3af150460909", text="Đèn đường hẻm 42 hỏng ba đêm nay"),
    "pressed": said("a1d3cdf3af150460910", text="/tra_cuu ket hon", pressed=True),
    "quote": said("b1d3cdf3af150460911", text="Cái này ạ"),
    "image": said("c1d3cdf3af150460912", text="Cột đèn đây ạ", photos=(PHOTO,)),
    "image_old_host": said("c2d3cdf3af150460912", photos=("https://s1-photo.zadn.vn/a.jpg",)),
    "image_elsewhere": said("c3d3cdf3af150460912", text="Ảnh", unsupported="file"),
    "gif": said("d1d3cdf3af150460913", photos=("https://f12-zpc.zdn.vn/gif/1b3b.gif",)),
    "link": said("e1d3cdf3af150460914", text="Phường xem giúp https://bao.example.vn/hem-42"),
    "audio": said("f1d3cdf3af150460915", voice="https://voice-1.zdn.vn/a1b2.amr"),
    "video": said("01d3cdf3af150460916", unsupported="video"),
    "sticker": said("11d3cdf3af150460917", unsupported="sticker"),
    "file": said("21d3cdf3af150460918", unsupported="file"),
    "location": said(
        "31d3cdf3af150460919", place=Place(latitude=10.7769331, longitude=106.7009238, label="42 Lê Lợi")
    ),
    "location_nowhere": said("32d3cdf3af150460919", unsupported="file"),
    "business_card": said("41d3cdf3af150460920", unsupported="file"),
    "follow": moved(Presence.CAME),
    "unfollow": moved(Presence.LEFT),
    "click_chatnow": moved(Presence.TOUCHED),
    "submit_info": moved(Presence.TOUCHED),
    "submit_info_old": moved(Presence.TOUCHED),
    "widget": moved(Presence.TOUCHED),
    "withdraw": moved(Presence.WITHDREW),
    "seen": Receipt(refs=("a4d0243feee163bd3af2", "a4d0243feee163bd3af3"), state=DeliveryState.SEEN, at=SENT),
    "received": Receipt(refs=("a4d0243feee163bd3af2",), state=DeliveryState.DELIVERED, at=SENT),
    "received_zbs": Receipt(
        refs=("zbs4d0243feee163bd",),
        state=DeliveryState.DELIVERED,
        at=datetime(2026, 11, 19, 14, 53, 10, tzinfo=UTC),
    ),
    "reacted": None,
    "oa_reacted": None,
    "oa_text": None,
    "oa_text_by_staff": None,
    "anonymous": None,
    "group_text": Incoming(
        key="zalo:61d3cdf3af150460922",
        sender=Address(ChannelName.ZALO, "group:f414c8f76fa586fbdfb4"),
        author=LAN,
        text="Tổ 3 họp tối nay",
        sent_at=SENT,
        group=True,
    ),
    "group_join": None,
    "tag": None,
    "template_status": None,
    "daily_quota": None,
    "feedback": None,
    "console_test": None,
    "unknown": None,
    "numbers": said("81", text="Số"),
}


@pytest.mark.parametrize("name", FACTS)
def test_every_recorded_event_says_one_thing(name):
    assert read(name) == FACTS[name]


def test_every_recorded_event_is_looked_at():
    assert {path.stem for path in PAYLOADS.glob("*.json")} == FACTS.keys()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_event_is_read_or_ignored_for_a_reason(name):
    reader = reading.EVENTS[name]
    assert callable(reader) or reader.because


@pytest.mark.parametrize("name", DOCUMENTED)
def test_no_event_without_its_parts_breaks_anything(name):
    event = {"event_name": name, "timestamp": "1795100000123", "app_id": "1"}
    assert read(event) is None
    assert read(event | {"message": {}, "sender": {}, "info": {}}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["1", "url", PHOTO]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "text",
                    "msg_id",
                    "msg_ids",
                    "attachments",
                    "payload",
                    "url",
                    "coordinates",
                    "latitude",
                ]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(DOCUMENTED), JSON, JSON, JSON)
def test_no_event_with_strange_parts_breaks_anything(name, message, sender, stamp):
    event = {"event_name": name, "message": message, "sender": sender, "timestamp": stamp}
    try:
        fact = read(event)
    except Unreadable:
        return
    assert fact is None or isinstance(fact, Incoming | Movement | Receipt)


def test_a_text_is_cleaned_and_cannot_forge_our_marks():
    event = recorded("text")
    event["message"]["text"] = "Nga\u0300y\x02 mai\ud800 \u202eabc"
    assert read(event).text == "Ngày mai abc"


def test_nobody_speaks_from_the_future():
    assert read("text", now=SENT - timedelta(days=1)).sent_at == SENT - timedelta(days=1)
    assert read("unfollow", now=SENT - timedelta(days=1)).at == SENT - timedelta(days=1)


@pytest.mark.parametrize("stamp", [None, "", "yesterday", "-5", "1e12", "٣", "9" * 40, True, {}])
@pytest.mark.parametrize("name", ["text", "withdraw", "seen"])
def test_an_event_without_a_time_is_not_acted_upon(name, stamp):
    with pytest.raises(Unreadable):
        read(recorded(name) | {"timestamp": stamp})


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("90.1", "0"),
        ("0", "180.5"),
        ("nan", "1"),
        ("inf", "1"),
        ("1e1", "1"),
        ("1_0", "1"),
        ("", ""),
        ("٣", "1"),
        (None, None),
    ],
)
def test_a_place_off_the_map_is_not_a_place(latitude, longitude):
    event = recorded("location")
    event["message"]["attachments"][0]["payload"]["coordinates"] = {
        "latitude": latitude,
        "longitude": longitude,
    }
    assert read(event) == said("31d3cdf3af150460919", text="42 Lê Lợi")


@pytest.mark.parametrize(
    "url",
    [
        "http://photo.zdn.vn/a.jpg",
        "https://zdn.vn.example.org/a.jpg",
        "https://evilzdn.vn/a.jpg",
        "https://photo.zdn.vn@example.org/a.jpg",
        "https://user@photo.zdn.vn/a.jpg",
        "https://photo.zdn.vn:8443/a.jpg",
        "https://example.org/?photo.zdn.vn",
        "https://example.org#.zdn.vn",
        "https://example.org\\.zdn.vn/",
        "file:///etc/passwd",
        "http://127.0.0.1/a.jpg",
        "https://[::1",
        "//photo.zdn.vn/a.jpg",
        "",
        "https://photo.zdn.vn/" + "a" * 1000,
    ],
)
def test_a_picture_elsewhere_is_not_fetched(url):
    assert not MEDIA.trusts(url)


def test_an_emulators_pictures_are_believed_only_beside_an_emulators_api():
    url = "http://127.0.0.1:8099/media/0.jpg"
    assert AT_HOME.trusts(url)
    assert AT_HOME.trusts(PHOTO)
    assert not MEDIA.trusts(url)
    assert not AT_HOME.trusts("http://10.0.0.1/media/0.jpg")


def test_an_album_in_one_event_brings_all_its_pictures():
    event = recorded("image")
    event["message"]["attachments"] *= 3
    assert read(event).photos == (PHOTO,) * 3


def test_a_link_that_is_already_in_the_words_is_said_once():
    event = recorded("link")
    event["message"]["text"] = "https://bao.example.vn/hem-42"
    assert read(event).text == "https://bao.example.vn/hem-42"


def test_an_unreadable_body_is_told():
    arrival = Arrival(key="zalo:1", user="1", body="{")
    with pytest.raises(Unreadable):
        reading.read(arrival, NOW, MEDIA.trusts)


def test_the_log_of_an_unknown_event_names_no_person(caplog):
    caplog.set_level("DEBUG")
    read("unknown")
    assert "user_send_hologram" in caplog.text
    assert LAN.user not in caplog.text
