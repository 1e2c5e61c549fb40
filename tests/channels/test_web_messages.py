"""What a page posts: taken once, or refused with a sentence; never an accident."""

import asyncio
import gzip
import json
import unicodedata
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.channel import Arrival, Outgoing, Refused, Unreadable, Untrusted, Window
from handlers.talk import MAX_TEXT, Place
from records.tables import Address, ChannelName
from tests.channels.web_ward import NOW, Browser, WebWard, open_browser, open_ward


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[WebWard]:
    limits = {"web_messages_per_address_per_minute": 1000, "web_upload_mb": 1}
    async with open_ward(tmp_path, limits=limits) as opened:
        yield opened


@pytest.fixture
async def lan(ward: WebWard) -> AsyncIterator[Browser]:
    async with open_browser(ward) as browser:
        async with browser.http.get("/") as page:
            assert page.status == 200
        yield browser


def photo(size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    made = BytesIO()
    Image.effect_noise(size, 60).save(made, kind)
    return made.getvalue()


async def test_lan_writes_and_it_is_on_disk_when_she_hears_so(ward: WebWard, lan: Browser) -> None:
    assert await lan.post("/chat/messages", {"id": "a1", "text": "  đăng ký khai sinh "}) == (
        200,
        {"ok": True},
    )
    (heard,) = await ward.heard()
    assert heard.text == "đăng ký khai sinh"
    assert heard.sent_at == NOW
    assert heard.key == f"web:{heard.sender.user}:a1"
    assert heard.sender.channel is ChannelName.WEB
    assert not heard.pressed


async def test_a_message_repeated_is_taken_once(ward: WebWard, lan: Browser) -> None:
    for _ in range(3):
        assert (await lan.post("/chat/messages", {"id": "a1", "text": "khai sinh"}))[0] == 200
    tries = (lan.post("/chat/messages", {"id": "a2", "text": "khai tử"}) for _ in range(8))
    assert {status for status, _ in await asyncio.gather(*tries)} == {200}
    assert [heard.text for heard in await ward.heard()] == ["khai sinh", "khai tử"]


async def test_two_people_may_use_the_same_name_for_a_message(ward: WebWard, lan: Browser) -> None:
    async with open_browser(ward) as minh:
        await minh.user()
        await minh.post("/chat/messages", {"id": "a1", "text": "của Minh"})
    await lan.post("/chat/messages", {"id": "a1", "text": "của Lan"})
    assert [heard.text for heard in await ward.heard()][-2:] == ["của Minh", "của Lan"]


async def test_a_pressed_button_says_its_words(ward: WebWard, lan: Browser) -> None:
    await lan.post("/chat/messages", {"id": "a1", "text": "tthc 1.001193", "label": "Khai sinh"})
    (heard,) = await ward.heard()
    assert heard.pressed
    assert heard.text == "tthc 1.001193"


async def test_lan_shares_a_place(ward: WebWard, lan: Browser) -> None:
    await lan.post("/chat/messages", {"id": "a1", "place": {"latitude": 10.5, "longitude": 107}})
    (heard,) = await ward.heard()
    assert heard.place == Place(latitude=10.5, longitude=107.0)


async def test_lan_sends_a_photo_with_words(ward: WebWard, lan: Browser) -> None:
    status, answer = await lan.post("/chat/photos", photo())
    assert status == 200
    await lan.post("/chat/messages", {"id": "a1", "text": "đèn hỏng", "photos": [answer["photo"]]})
    (heard,) = await ward.heard()
    assert heard.photos == (f"media:{answer['photo']}",)
    assert Image.open(BytesIO(await ward.channel.fetch(heard.photos[0]))).format == "JPEG"


async def test_letters_written_apart_are_put_together(ward: WebWard, lan: Browser) -> None:
    await lan.post("/chat/messages", {"id": "a1", "text": unicodedata.normalize("NFD", "Kết hôn ở phường")})
    assert [heard.text for heard in await ward.heard()] == ["Kết hôn ở phường"]


async def test_surrogates_and_marks_of_ours_are_taken_out(ward: WebWard, lan: Browser) -> None:
    body = b'{"id": "a1", "text": "khai \\ud800\\u0002sinh\\u0003 \\u202e"}'
    assert (await lan.post("/chat/messages", body))[0] == 200
    assert [heard.text for heard in await ward.heard()] == ["khai sinh"]


HOSTILE: list[tuple[int, Any]] = [
    (400, b""),
    (400, b"\xff\xfe\x00"),
    (400, b"null"),
    (400, b"[]"),
    (400, b'"text"'),
    (400, b"{"),
    (400, b'{"id": "a", "text": NaN}'),
    (400, b'{"id": "a", "place": {"latitude": NaN, "longitude": 1}}'),
    (400, b'{"id": "a", "place": {"latitude": 1e999, "longitude": 1}}'),
    (400, b'{"id": "a", "place": {"latitude": -Infinity, "longitude": 1}}'),
    (400, b'{"id": "a", "place": {"latitude": ' + b"9" * 5000 + b', "longitude": 1}}'),
    (400, b'{"id": "a", "place": {"latitude": ' + b"9" * 400 + b', "longitude": 1}}'),
    (400, b"[" * 60_000),
    (400, b'{"id": "a", "text": ' + b'{"a":' * 12_000),
    (413, b'{"id": "a", "text": "' + b"x" * 1_000_000 + b'"}'),
    (400, {"text": "no id"}),
    (400, {"id": 7, "text": "x"}),
    (400, {"id": "", "text": "x"}),
    (400, {"id": "a" * 65, "text": "x"}),
    (400, {"id": "a:b", "text": "x"}),
    (400, {"id": "a\n", "text": "x"}),
    (400, {"id": "a"}),
    (400, {"id": "a", "text": ""}),
    (400, {"id": "a", "text": " \u200b\x00 "}),
    (400, {"id": "a", "text": None}),
    (400, {"id": "a", "text": ["x"]}),
    (400, {"id": "a", "text": {"x": 1}}),
    (400, {"id": "a", "text": "x" * (MAX_TEXT + 1)}),
    (400, {"id": "a", "place": "here"}),
    (400, {"id": "a", "place": []}),
    (400, {"id": "a", "place": {}}),
    (400, {"id": "a", "place": {"latitude": 91, "longitude": 0}}),
    (400, {"id": "a", "place": {"latitude": 0, "longitude": -181}}),
    (400, {"id": "a", "place": {"latitude": True, "longitude": 0}}),
    (400, {"id": "a", "place": {"latitude": "10", "longitude": "107"}}),
    (400, {"id": "a", "photos": "x"}),
    (400, {"id": "a", "photos": [1]}),
    (400, {"id": "a", "photos": ["../../etc/passwd"]}),
    (400, {"id": "a", "photos": ["0" * 64]}),
    (400, {"id": "a", "photos": [f"{number:064}" for number in range(6)]}),
]


@pytest.mark.parametrize(("status", "body"), HOSTILE, ids=range(len(HOSTILE)))
async def test_nonsense_is_refused_with_a_sentence(
    ward: WebWard, lan: Browser, status: int, body: Any
) -> None:
    answered, answer = await lan.post("/chat/messages", body)
    assert answered == status
    assert_vietnamese(answer["error"])
    assert await ward.received() == []


def assert_vietnamese(sentence: str) -> None:
    assert unicodedata.is_normalized("NFC", sentence)
    assert sentence.endswith(".")
    assert any(letter in sentence for letter in "ạảấầậắịộốờớụưđơ")


async def test_packed_bodies_are_counted_unpacked(ward: WebWard, lan: Browser) -> None:
    packed = gzip.compress(b'{"id": "a", "text": "' + b"x" * 5_000_000 + b'"}')
    status, _ = await lan.post("/chat/messages", packed, headers={"Content-Encoding": "gzip"})
    assert status == 413
    status, _ = await lan.post("/chat/messages", b"not gzip at all", headers={"Content-Encoding": "gzip"})
    assert status == 400
    assert await ward.received() == []


def bomb() -> bytes:
    made = BytesIO()
    Image.new("1", (20_000, 20_000)).save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (415, b""),
        (415, b"hello"),
        (415, b"<svg onload=alert(1)>"),
        (415, photo()[:200]),
        (413, bomb()),
        (413, b"\xff\xd8\xff" + bytes(2_000_000)),
    ],
    ids=["nothing", "text", "svg", "half", "pixel bomb", "too many bytes"],
)
async def test_what_is_no_photo_is_refused(ward: WebWard, lan: Browser, status: int, body: bytes) -> None:
    answered, answer = await lan.post("/chat/photos", body)
    assert answered == status
    assert_vietnamese(answer["error"])
    assert not ward.channel.media.root.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Ward-Chat": "0"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
    ids=str,
)
async def test_only_our_own_page_may_post(lan: Browser, headers: dict[str, str], status: int) -> None:
    for path in ("/chat/messages", "/chat/session"):
        answered, _ = await lan.post(path, {"id": "a1", "text": "x"}, headers=headers)
        assert answered == status


async def test_a_form_of_another_site_is_refused(lan: Browser) -> None:
    async with lan.http.post("/chat/messages", data=b'{"id": "a1", "text": "x"}') as answer:
        assert answer.status == 403


async def test_without_a_session_nothing_is_taken(ward: WebWard) -> None:
    async with open_browser(ward) as stranger:
        status, answer = await stranger.post("/chat/messages", {"id": "a1", "text": "x"})
        assert status == 401
        assert_vietnamese(answer["error"])
        await stranger.post("/chat/session")
        assert (await stranger.post("/chat/messages", {"id": "a1", "text": "x"}))[0] == 200


async def test_when_the_disk_does_not_answer_the_page_is_told_to_repeat(ward: WebWard, lan: Browser) -> None:
    ward.broken = OSError("disk")
    async with lan.http.post(
        "/chat/messages", data=json.dumps({"id": "a1", "text": "x"}), headers={"X-Ward-Chat": "1"}
    ) as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"]
        assert_vietnamese((await answer.json())["error"])


async def test_the_channel_as_the_house_sees_it(ward: WebWard) -> None:
    channel = ward.channel
    with pytest.raises(Untrusted):
        channel.accept(b"{}", {})
    assert channel.window(None, NOW) is Window.OPEN
    assert not channel.pause_after("x")
    to = Address(ChannelName.WEB, "x")
    assert await channel.send(Outgoing(key="reply:1", to=to, text="Dạ")) == "web:reply:1"
    with pytest.raises(Refused):
        await channel.send(Outgoing(key="reply:1", to=to, text="Dạ", attachments=("0" * 64,)))
    for ref in ("media:" + "0" * 64, "media:../x", "x"):
        with pytest.raises(Refused):
            await channel.fetch(ref)
    for body in ("", "[]", "{}", '{"id": "a"}', "\ud800"):
        with pytest.raises(Unreadable):
            channel.read(Arrival(key="web:x:a", user="x", body=body), NOW)
