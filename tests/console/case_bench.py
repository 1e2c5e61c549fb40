"""What the tests of the desks Phản ánh and Hôm nay share: reports, and a resident on the ward's page."""

import asyncio
import html
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
from PIL import Image
from sqlmodel import col, select

from feedback import history, intake
from feedback.intake import Report
from knowledge.concerns import Level
from records.cases import Feedback, FeedbackEntry, Source
from records.tables import Address, Attachment, ChannelName, Delivery, Trace
from tests.console.bench import Answer, Console
from tests.conversations.voices import WebVoice

KHANG, PHUOC, TAM = "cao.xuan.khang", "ta.huu.phuoc", "kieu.thi.thanh.tam"
CHAIR, OFFICE, ONE_STOP = "doan.thi.minh.thinh", "ha.thi.my.hanh", "phung.van.dung"
LAN = Address(ChannelName.WEB, "lan-o-trang-web")


def picture(colour: str = "navy") -> bytes:
    made = BytesIO()
    Image.new("RGB", (640, 480), colour).save(made, "PNG")
    return made.getvalue()


async def report(console: Console, text: str = "Nắp cống vỡ trước trường mầm non", **more: Any) -> Feedback:
    what: dict[str, Any] = {
        "draft": secrets.token_hex(8),
        "text": text,
        "category": "flood_drain",
        "level": Level.NORMAL,
        "source": Source.WEB,
        "who": LAN,
        "place": "hẻm 84 Nguyễn Trãi, khu phố 3",
        "quarter": "kp3",
        "contact_name": "Lê Thị Lan Bịa",
        "contact_phone": "0900 000 111",
    }
    async with console.database.writing() as db:
        taken = await intake.take(console.office.work(db, console.clock()), Report(**(what | more)))
    return taken.case


async def with_photo(console: Console, **more: Any) -> tuple[Feedback, int]:
    """A report with one photo that has arrived; and the photo's number."""
    name = await console.office.media.save_image(picture())
    ref, now = secrets.token_hex(8), console.clock()
    row = Attachment(
        channel=LAN.channel,
        user=LAN.user,
        ref=ref,
        kind="photo",
        sha256=name,
        asked_at=now,
        due_at=now,
        fetched_at=now,
    )
    async with console.database.writing() as db:
        db.add(row)
        await db.flush()
        number = row.id or 0
    return await report(console, photos=(ref,), **more), number


async def now_of(console: Console, code: str) -> Feedback:
    async with console.database.reading() as db:
        case = await history.by_code(db, code)
    assert case is not None
    return case


async def lines_of(console: Console, code: str) -> list[FeedbackEntry]:
    async with console.database.reading() as db:
        case = await history.by_code(db, code)
        assert case is not None
        return await history.lines(db, case)


async def sent_to(console: Console, who: Address = LAN) -> list[Delivery]:
    async with console.database.reading() as db:
        found = await db.exec(
            select(Delivery).where(col(Delivery.user) == who.user).order_by(col(Delivery.id))
        )
        return list(found.all())


async def looks(console: Console, what: str, on: str) -> int:
    """How often somebody's look was written down."""
    async with console.database.reading() as db:
        found = await db.exec(select(Trace.id).where(col(Trace.what) == what, col(Trace.object) == on))
        return len(found.all())


def previewed(page: Answer) -> str:
    """What stands in the frame of the preview, as a person reads it."""
    found = re.search(r'class="preview">(.*?)</div>', page.text, re.DOTALL)
    assert found is not None
    return html.unescape(re.sub(r"<[^>]+>", "", found[1]))


@asynccontextmanager
async def resident(console: Console) -> AsyncIterator[WebVoice]:
    """Lan on the ward's page."""
    headers, jar = {"X-Ward-Chat": "1"}, aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(console.url, headers=headers, cookie_jar=jar) as http:
        async with http.get("/") as page:
            assert page.status == 200
        voice = WebVoice(console.office, http)
        stream = asyncio.create_task(voice.listen())
        yield voice
        stream.cancel()
        await asyncio.gather(stream, return_exceptions=True)
