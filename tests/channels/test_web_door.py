"""The door of the web chat: headers, cookies, limits, the page and its files."""

import re
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.web import limits, page, shelf
from bot.web.limits import Pace, Seats, address_of
from bot.web.trouble import NotTaken, Trouble
from tests.channels.web_ward import OURS, Browser, WebWard, open_browser, open_ward


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[WebWard]:
    async with open_ward(tmp_path) as opened:
        yield opened


@pytest.fixture
async def lan(ward: WebWard) -> AsyncIterator[Browser]:
    async with open_browser(ward) as browser:
        yield browser


async def cookie_of(browser: Browser, path: str) -> tuple[str, Morsel[str]]:
    async with browser.http.get(path) as answer:
        raw = answer.headers["Set-Cookie"]
    return raw, SimpleCookie(raw.replace("; Partitioned", ""))["ward_chat"]


async def test_the_page_says_who_is_speaking_and_whom_to_call(lan: Browser) -> None:
    async with lan.http.get("/") as answer:
        text = await answer.text()
        assert answer.content_type == "text/html"
    assert "Phường An Thịnh" in text
    assert "Trợ lý số — máy trả lời tự động, không phải cán bộ" in text
    assert "0254 3 123 456" in text[text.index("<noscript>") : text.index("</noscript>")]
    assert 'href="tel:02543123456"' in text
    assert unicodedata.is_normalized("NFC", text)


async def test_the_page_forbids_the_browser_what_it_does_not_need(lan: Browser) -> None:
    async with lan.http.get("/") as answer:
        headers, text = answer.headers, await answer.text()
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", text)


async def test_every_answer_wears_the_same_headers(lan: Browser) -> None:
    await lan.user()
    for path in ("/", "/chat/widget.js", "/chat/static/x/none.js", "/chat/session"):
        async with lan.http.get(path) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/?embed=0", "/?embed", "/?embed=11", "/?tthc=1.001193"])
async def test_only_the_embedded_page_may_be_framed(lan: Browser, path: str) -> None:
    async with lan.http.get(path) as answer:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    async with lan.http.get("/?embed=1") as answer:
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors *")
        assert "X-Frame-Options" not in answer.headers


async def test_the_cookie_is_random_and_hidden_from_scripts(ward: WebWard, lan: Browser) -> None:
    raw, cookie = await cookie_of(lan, "/")
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", cookie.value)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert int(cookie["max-age"]) == 30 * 24 * 3600
    assert "Secure" not in raw
    async with open_browser(ward) as minh:
        assert (await cookie_of(minh, "/"))[1].value != cookie.value
    assert (await cookie_of(lan, "/"))[1].value == cookie.value


async def test_the_id_in_the_tables_does_not_lead_back_to_the_cookie(lan: Browser) -> None:
    user = await lan.user()
    _, cookie = await cookie_of(lan, "/")
    assert cookie.value not in user
    assert len(user) == 32


@pytest.mark.parametrize(
    "value", ["", "x", "a" * 31, "a" * 33, "a" * 31 + "!", "../../../../../../../../../../x"]
)
async def test_a_cookie_not_of_our_form_is_replaced(ward: WebWard, value: str) -> None:
    async with open_browser(ward) as stranger:
        async with stranger.http.post(
            "/chat/messages", data=b'{"id":"a","text":"x"}', headers=OURS | {"Cookie": f"ward_chat={value}"}
        ) as refused:
            assert refused.status == 401
        async with stranger.http.get("/", headers={"Cookie": f"ward_chat={value}"}) as answer:
            assert SimpleCookie(answer.headers["Set-Cookie"])["ward_chat"].value != value


async def test_behind_https_the_cookie_is_secure_and_partitioned_only_when_embedded(tmp_path: Path) -> None:
    settings = {"web": {"public_url": "https://anthinh.example.vn"}}
    async with open_ward(tmp_path, **settings) as ward, open_browser(ward) as lan:
        own, _ = await cookie_of(lan, "/")
        embedded, _ = await cookie_of(lan, "/?embed=1")
        status, _ = await lan.post("/chat/messages", {}, headers={"Origin": "https://anthinh.example.vn"})
        assert status == 401  # past the origin: the cookie is Secure, and this line is not
    assert "Secure; SameSite=Lax" in own
    assert "Partitioned" not in own
    assert "Secure; SameSite=None; Partitioned" in embedded


async def test_files_may_be_kept_as_long_as_their_address_lasts(lan: Browser) -> None:
    async with lan.http.get("/") as answer:
        paths = re.findall(r'"(/chat/static/[^"]+)"', await answer.text())
    assert len(paths) >= 7
    for path in paths:
        async with lan.http.get(path) as answer:
            assert answer.status == 200
            assert "immutable" in answer.headers["Cache-Control"]
            tag = answer.headers["ETag"]
        async with lan.http.get(path, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        old = re.sub(r"static/[^/]+/", "static/0000/", path)
        async with lan.http.get(old) as answer:
            assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["none.js", "..%2f..%2frouteS.py", "..%2fpage.py", "chat.html"])
async def test_no_other_file_is_given(lan: Browser, name: str) -> None:
    async with lan.http.get(f"/chat/static/x/{name}") as answer:
        assert answer.status == 404


async def test_the_button_may_be_loaded_by_other_sites(lan: Browser) -> None:
    async with lan.http.get("/chat/widget.js", headers={"Accept-Encoding": "identity"}) as answer:
        assert answer.status == 200
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.content_type == "text/javascript"
        assert "/?embed=1" in await answer.text()


def test_what_the_page_says_is_well_written() -> None:
    texts = [path.read_text("utf-8") for path in (*shelf.FOLDER.iterdir(), *page.TEMPLATES.iterdir())]
    for text in [*texts, *(trouble.sentence for trouble in Trouble)]:
        assert unicodedata.is_normalized("NFC", text)
        assert "hoá" not in text  # one spelling of tone marks: hóa
        assert "innerHTML" not in text
    for trouble in Trouble:
        assert trouble.sentence.endswith(".")
        assert len(trouble.sentence) <= 120


async def test_too_many_messages_of_one_address_wait(tmp_path: Path) -> None:
    async with (
        open_ward(tmp_path, limits={"web_messages_per_address_per_minute": 4}) as ward,
        open_browser(ward) as lan,
    ):
        await lan.user()
        for number in range(3):
            assert (await lan.post("/chat/messages", {"id": f"a{number}", "text": "x"}))[0] == 200
        async with lan.http.post("/chat/messages", data=b'{"id":"b","text":"x"}', headers=OURS) as answer:
            assert answer.status == 429
            assert int(answer.headers["Retry-After"]) <= 16
            assert "giữ" in (await answer.json())["error"]
        ward.now += timedelta(seconds=16)
        assert (await lan.post("/chat/messages", {"id": "b", "text": "x"}))[0] == 200


async def test_a_photo_counts_for_three_messages(tmp_path: Path) -> None:
    async with (
        open_ward(tmp_path, limits={"web_messages_per_address_per_minute": 4}) as ward,
        open_browser(ward) as lan,
    ):
        await lan.user()
        assert (await lan.post("/chat/photos", b"x"))[0] == 415
        assert (await lan.post("/chat/photos", b"x"))[0] == 429


async def test_too_many_streams_of_one_address_wait(tmp_path: Path) -> None:
    async with open_ward(tmp_path, limits={"web_streams_per_address": 2}) as ward, open_browser(ward) as lan:
        await lan.user()
        async with lan.events(), lan.events(), lan.events() as third:
            assert third.status == 429


async def test_behind_a_proxy_people_are_told_apart(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"limits": {"web_streams_per_address": 1}, "web": {"behind_proxy": True}}
    async with open_ward(tmp_path, **settings) as ward, open_browser(ward) as lan:
        await lan.user()
        async with (
            lan.events(headers={"X-Forwarded-For": "203.0.113.1"}) as one,
            lan.events(headers={"X-Forwarded-For": "203.0.113.2"}) as two,
            lan.events(headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.1"}) as forged,
        ):
            assert [one.status, two.status, forged.status] == [200, 200, 429]


async def test_without_a_proxy_nobody_can_pretend_to_be_another(tmp_path: Path) -> None:
    async with open_ward(tmp_path, limits={"web_streams_per_address": 1}) as ward, open_browser(ward) as lan:
        await lan.user()
        async with lan.events(), lan.events(headers={"X-Forwarded-For": "203.0.113.2"}) as second:
            assert second.status == 429


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_whom_a_request_counts_for(said: str, counted: str) -> None:
    request: web.Request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": said})
    assert address_of(request, behind_proxy=True) == counted


def test_the_memory_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ADDRESSES", 100)
    pace = Pace(1, lambda: datetime(2026, 11, 20, tzinfo=UTC))
    for number in range(5000):
        pace.admit(str(number))
    assert len(pace._left) == 100
    with pytest.raises(NotTaken):
        pace.admit("4999")


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    times = [datetime(2026, 11, 20, 1, tzinfo=UTC), datetime(2026, 11, 20, 0, tzinfo=UTC)]
    pace = Pace(2, lambda: times.pop(0))
    pace.admit("a")
    pace.admit("a")


def test_a_seat_is_free_again_whatever_happened() -> None:
    seats = Seats(1)
    with pytest.raises(ZeroDivisionError), seats.sit("a"):
        raise ZeroDivisionError
    with seats.sit("a"):
        pass
    assert not seats._taken
