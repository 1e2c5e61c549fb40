"""The manhole, from a resident's photo to an answer they accept: on Telegram, on Zalo, on the page.

The desk sits in a Telegram group, the officer answers from a private chat, as in
conversation.md §10.3, 10.4, 10.6 and 10.7. Everything goes over real HTTP; what counts is
what the peers accepted.
"""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot import app
from knowledge.calendar import HERE
from records import staff
from records.cases import Permission
from tests.conftest import WallClock
from tests.conversations.voices import (
    ChatVoice,
    WebVoice,
    agree,
    free_port,
    handled,
    no_pause,
    settings,
    telegram_of,
    until,
    zalo_of,
)
from tests.peers import TelegramPeer, ZaloPeer

FRIDAY_2PM = datetime(2026, 11, 20, 14, 0, tzinfo=HERE)
PEOPLE = (
    ("dung", "Anh Dũng", "do_thi", (Permission.ANSWER_FEEDBACK,)),
    ("cao.xuan.khang", "Cao Xuân Khang", "do_thi", (Permission.ANSWER_FEEDBACK,)),
    ("trinh.quoc.loc", "Trịnh Quốc Lộc", "ubnd", (Permission.ASSIGN_FEEDBACK,)),
)


def photo(colour: str) -> bytes:
    """A real JPEG with a camera's EXIF in it, its place included."""
    made, exif = BytesIO(), Image.Exif()
    exif[0x010F] = "Canary Camera"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (800, 600), colour).save(made, "JPEG", exif=exif)
    return made.getvalue()


class Town:
    """The office, its desk in a Telegram group, and Lan on one of the roads."""

    def __init__(self, office, telegram, group, lan, clock) -> None:
        self.office, self.telegram, self.group, self.lan, self.clock = office, telegram, group, lan, clock
        self.dung = telegram.person(501, "Dũng")
        self.khang = telegram.person(502, "Khang")
        self.loc = telegram.person(503, "Lộc")

    async def settle(self) -> None:
        await handled(
            self.office, self.telegram, *([self.lan.peer] if isinstance(self.lan, ChatVoice) else [])
        )

    async def hire(self) -> None:
        """The staff bind their accounts, and Dũng the desk's group, each with a one-time code."""
        codes = {}
        async with self.office.database.writing() as db:
            for login, name, desk, may in PEOPLE:
                person = await staff.add(
                    db, login=login, name=name, desk=desk, permissions=may, now=self.clock()
                )
                codes[login] = await staff.invite(db, person, self.clock())
            room = await staff.invite_room(db, "do_thi", self.clock())
        for who, login in ((self.dung, "dung"), (self.khang, "cao.xuan.khang"), (self.loc, "trinh.quoc.loc")):
            who.says(f"/canbo {codes[login]}")
        await self.settle()
        self.group.adds_bot(self.dung)
        self.dung.says(f"/canbo {room}", to=self.group)
        await self.settle()
        assert "Tổ Quản lý đô thị" in self.group.heard[-1]

    async def sends_photos(self, *pictures: bytes) -> str:
        """Lan sends photos, alone; what is heard last counts."""
        before = len(self.lan.heard)
        if isinstance(self.lan, WebVoice):
            names = []
            for picture in pictures:
                async with self.lan.http.post("/chat/photos", data=picture) as answer:
                    assert answer.status == 200, await answer.text()
                    names.append((await answer.json())["photo"])
            self.lan.count += 1
            message = {"id": f"m{self.lan.count}", "text": "", "photos": names}
            async with self.lan.http.post("/chat/messages", json=message) as answer:
                assert answer.status == 200, await answer.text()
        elif hasattr(self.lan.person, "sends_album"):
            self.lan.person.sends_album(*pictures)
        else:
            for picture in pictures:
                self.lan.person.sends_image(picture)
        await until(lambda: len(self.lan.heard) > before)
        await self.settle()
        return str(self.lan.heard[-1])


@asynccontextmanager
async def town(road, folder, clock):
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(
            TelegramPeer(per_second=None, per_chat_per_second=None, per_group_per_minute=None)
        )
        more: dict[str, Any] = {"telegram": telegram_of(telegram, "polling")}
        lan: Any
        zalo = await stack.enter_async_context(ZaloPeer()) if road == "zalo" else None
        agree(telegram, clock)
        if zalo is not None:
            agree(zalo, clock)
            more["zalo"] = zalo_of(zalo)
        office = await stack.enter_async_context(app.build(settings(folder, port=free_port(), **more), clock))
        if zalo is not None:
            stack.enter_context(no_pause())
            zalo.webhook.url = f"http://127.0.0.1:{office.port}/webhooks/zalo"
            lan = ChatVoice(zalo.person("186729651760683225", "Lan"), office, zalo)
        elif road == "web":
            base = f"http://127.0.0.1:{office.port}"
            jar = aiohttp.CookieJar(unsafe=True)
            http = await stack.enter_async_context(
                aiohttp.ClientSession(base, headers={"X-Ward-Chat": "1"}, cookie_jar=jar)
            )
            async with http.get("/") as page:
                assert page.status == 200
            lan = WebVoice(office, http)
            stream = asyncio.create_task(lan.listen())
            stack.callback(stream.cancel)
        else:
            lan = ChatVoice(telegram.person(1001, "Lan"), office, telegram)
        group = telegram.group(-1_002_233_445_566, "Quản lý đô thị")
        made = Town(office, telegram, group, lan, clock)
        await made.hire()
        yield made


async def lan_reports(place: Town) -> None:
    """10.3: photos first, then what it is, then where."""
    lan = place.lan
    await lan.says("xin chào")
    assert "2 ảnh" in await place.sends_photos(photo("red"), photo("blue"))
    heard = await lan.says("nắp cống bể ngay trường mầm non, tối qua có người té")
    for word in ("mức gấp", "115", "vị trí"):
        assert word in heard
    assert "số điện thoại" in await lan.says("hẻm 84 Nguyễn Trãi")
    summary = await lan.says("chi bao qua day")
    for word in ("2 ảnh", "hẻm 84 Nguyễn Trãi, khu phố 3", "Chỉ cán bộ thấy"):
        assert word in summary
    sent = await lan.says("1")
    assert "PA26-0001-7" in sent
    assert "chậm nhất 8:30 thứ Hai 23/11" in sent


async def the_desk_hears(place: Town) -> None:
    """10.7: at once, with both photos and without Lan's account; Dũng takes it."""
    group, dung = place.group, place.dung
    await place.settle()
    alert = next(text for text in group.heard if "GẤP" in text)
    assert "PA26-0001-7" in alert
    assert "khu phố 3" in alert
    assert "186729651760683225" not in "".join(group.heard)
    await until(lambda: sum("ảnh" in text and "/2" in text for text in group.heard) == 2)
    dung.presses("Nhận việc", to=group)
    await place.settle()
    assert any("đã nhận" in text for text in group.heard)
    assert "PA26-0001-7" in dung.heard[-1]


async def dung_tells_how_far_it_is(place: Town) -> None:
    """10.4: Lan reads the very words Dũng saw beforehand."""
    lan, dung = place.lan, place.dung
    before = len(lan.heard)
    dung.presses("Báo tiến độ")
    await place.settle()
    dung.says("đã rào, mai thay nắp")
    await place.settle()
    preview = dung.heard[-1]
    assert "Người dân sẽ đọc" in preview
    dung.presses("Gửi")
    await until(lambda: len(lan.heard) > before)
    told = lan.heard[before]
    assert "đã rào, mai thay nắp" in told
    assert told in preview
    assert "đã rào, mai thay nắp" in await lan.says("tinh trang 0001")


async def dung_answers(place: Town, words: str) -> None:
    before = len(place.lan.heard)
    place.dung.says("đóng 0001")
    await place.settle()
    place.dung.presses("Đã xử lý")
    await place.settle()
    place.dung.says(words)
    await place.settle()
    place.dung.presses("Gửi")
    await until(lambda: len(place.lan.heard) > before)
    assert words in place.lan.heard[before]


async def lan_says_it_is_not_done(place: Town) -> None:
    """The one who closed it hears of it, and those above."""
    assert "Còn vướng gì" in await place.lan.says("Chưa xong")
    assert "mở lại" in await place.lan.says("Vẫn còn, nguy hiểm")
    await place.settle()
    for who in (place.dung, place.khang, place.loc):
        assert any("Mở lại lần 1" in text for text in who.heard), who.user


@pytest.mark.parametrize("road", ["telegram", "zalo", "web"])
async def test_the_manhole_from_a_photo_to_an_answer_and_back_again(road, tmp_path):
    async with town(road, tmp_path, WallClock(FRIDAY_2PM)) as place:
        await lan_reports(place)
        await the_desk_hears(place)
        await dung_tells_how_far_it_is(place)
        await dung_answers(place, "đã thay nắp gang mới lúc 9:40")
        await lan_says_it_is_not_done(place)
        await dung_answers(place, "đã chèn lại nắp, hết kênh")
        assert "đã đóng" in await place.lan.says("Đã xong")  # 10.6
        assert "cảm ơn" in await place.lan.says("Hài lòng")
    stored = [path.read_bytes() for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert len(stored) == 2
    assert not any(b"Canary Camera" in content or b"Exif" in content for content in stored)
