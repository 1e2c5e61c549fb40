"""The public doors of a miniature ward on loopback: the list of answers, and Open311."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp import web
from PIL import Image
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.open311 import setup_open311
from bot.public_page import setup_public
from bot.settings import LimitSettings, Open311Settings, Settings, WebSettings
from bot.web.shelf import Shelf
from feedback.work import Work
from records import schema
from records.cases import Feedback, FeedbackPhoto
from records.database import Database
from records.media import MediaStore
from records.tables import Attachment, ChannelName
from tests.feedback.bench import CALENDAR, CONCERNS, WARD, Bench

KEY = "khoa-ung-dung-do-thi-1"
OTHER_KEY = "khoa-ung-dung-khac-2222"
SITE = "https://troly.phuong.example"
IN_ALLEY = {"lat": "15.9191", "long": "108.0093"}


class PublicHouse:
    """As much of the office as the public doors need, around a bench."""

    def __init__(self, bench: Bench, folder: Path, **settings: Any) -> None:
        given: dict[str, Any] = {
            "data_dir": folder,
            "web": WebSettings(public_url=SITE),
            "open311": Open311Settings.model_validate({"keys": f"do-thi = {KEY}\nkhac={OTHER_KEY}"}),
            "limits": LimitSettings(public_per_address_per_minute=100_000),
        }
        self.bench = bench
        self.settings = Settings(**(given | settings))
        self.database = bench.database
        self.media = MediaStore(folder)
        self.shelf: Any = SimpleNamespace(ward=WARD, concerns=CONCERNS)
        self.woken: list[ChannelName] = []
        self.senders: Mapping[ChannelName, Any] = {
            ChannelName.TELEGRAM: SimpleNamespace(wake=lambda: self.woken.append(ChannelName.TELEGRAM))
        }
        self.http: aiohttp.ClientSession

    def clock(self) -> datetime:
        return self.bench.now

    def work(self, db: AsyncSession, now: datetime) -> Work:
        return Work(db=db, ward=WARD, concerns=CONCERNS, calendar=CALENDAR, now=now)

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        """Return the status and what came, JSON understood."""
        async with self.http.get(path, **options) as answer:
            told = await answer.json() if "json" in answer.content_type else await answer.text()
            return answer.status, told

    async def post(self, form: str = "json", **fields: str) -> tuple[int, Any]:
        """Send a report with a key and all that is needed, except for what *fields* say."""
        data = {"api_key": KEY, "service_code": "lighting", "description": "Đèn tắt ba đêm nay"} | fields
        async with self.http.post(f"/open311/v2/requests.{form}", data=data) as answer:
            told = await answer.json() if form == "json" else await answer.text()
            return answer.status, told

    async def change(self, code: str, **values: Any) -> None:
        """Set columns of a case, as the console does."""
        async with self.database.writing() as db:
            await db.exec(update(Feedback).where(col(Feedback.code) == code).values(**values))

    async def add_photo(self, case: Feedback, *, after: bool = False, colour: str = "navy") -> str:
        """Let a real photo belong to *case*; return its name."""
        picture = BytesIO()
        Image.new("RGB", (640, 480), colour).save(picture, "JPEG")
        return await self.attach(case, await self.media.save_image(picture.getvalue()), after=after)

    async def attach(self, case: Feedback, name: str, *, after: bool = False, kind: str = "photo") -> str:
        now = self.bench.now
        row = Attachment(
            channel=ChannelName.ZALO,
            user="1",
            ref=f"{case.id}-{name}-{after}",
            kind=kind,
            sha256=name,
            asked_at=now,
            due_at=now,
        )
        async with self.database.writing() as db:
            db.add(row)
            await db.flush()
            db.add(FeedbackPhoto(feedback_id=case.id or 0, attachment_id=row.id or 0, after=after))
        return name


@asynccontextmanager
async def opened(house: PublicHouse) -> AsyncIterator[PublicHouse]:
    """Serve *house* on loopback for the length of the block."""
    app = web.Application(client_max_size=256 * 1024)
    shelf = Shelf()
    app.router.add_get("/chat/static/{version}/{name}", _giving(shelf))
    setup_public(app, house)
    setup_open311(app, house)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as house.http:
            yield house
    finally:
        await runner.cleanup()


def _giving(shelf: Shelf) -> Any:
    async def give(request: web.Request) -> web.Response:
        return shelf.give(request, request.match_info["name"], "no-store")

    return give


@asynccontextmanager
async def open_house(folder: Path, **settings: Any) -> AsyncIterator[PublicHouse]:
    """Serve a fresh ward with its staff."""
    database = Database(f"sqlite+aiosqlite:///{folder}/ward.db")
    await schema.upgrade(database)
    bench = Bench(database)
    await bench.hire()
    try:
        async with opened(PublicHouse(bench, folder, **settings)) as house:
            yield house
    finally:
        await database.close()


async def taken(house: PublicHouse) -> list[Feedback]:
    async with house.database.reading() as db:
        return list((await db.exec(select(Feedback).order_by(col(Feedback.id)))).all())


def errors_of(told: Any) -> list[str]:
    assert isinstance(told, list)
    assert all(set(error) == {"code", "description"} for error in told)
    return [error["description"] for error in told]
