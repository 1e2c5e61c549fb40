"""A miniature ward with its staff at their desks, and a clock that stands still until told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.settings import DEMO_WARD
from feedback import intake
from feedback.acts import Hand
from feedback.intake import Report, Taken
from feedback.work import Work
from knowledge.calendar import HERE, Calendar
from knowledge.concerns import Level, load_concerns
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.ward import load_ward
from records import staff
from records.cases import Permission, Source, Staff
from records.database import Database
from records.tables import Address, ChannelName, Delivery

WARD = load_ward(DEMO_WARD)
CALENDAR = Calendar(WARD.hours, load_overrides(OVERRIDES_FILE.read_text("utf-8")))
CONCERNS = load_concerns()
FRIDAY_2PM = datetime(2026, 11, 20, 14, 0, tzinfo=HERE)
LAN = Address(ChannelName.ZALO, "186729651760683225")
ROOM = Address(ChannelName.TELEGRAM, "-1001")
OFFICERS = (
    ("cao.xuan.khang", "Cao Xuân Khang", "do_thi", ("answer_feedback",)),
    ("dung", "Anh Dũng", "do_thi", ("answer_feedback",)),
    ("ta.huu.phuoc", "Tạ Hữu Phước", "moi_truong", ("answer_feedback",)),
    (
        "ha.thi.my.hanh",
        "Hà Thị Mỹ Hạnh",
        "van_phong",
        ("answer_feedback", "assign_feedback", "see_restricted"),
    ),
    ("phung.van.dung", "Phùng Văn Dũng", "mot_cua", ("answer_feedback",)),
    ("trinh.quoc.loc", "Trịnh Quốc Lộc", "ubnd", ("assign_feedback", "see_reports")),
    ("lam.thi.ngoc.hien", "Lâm Thị Ngọc Hiền", "ubnd", ("assign_feedback",)),
    (
        "doan.thi.minh.thinh",
        "Đoàn Thị Minh Thịnh",
        "ubnd",
        ("assign_feedback", "see_restricted", "sign_letters"),
    ),
    ("cong.an.phuong.an.thinh", "Công an phường (trực)", "cong_an", ("answer_feedback",)),
    ("ban.chi.huy.quan.su.phuong", "Ban Chỉ huy quân sự (trực)", "quan_su", ("answer_feedback",)),
    ("tram.y.te.phuong", "Trạm Y tế (trực)", "y_te", ("answer_feedback",)),
    ("kieu.thi.thanh.tam", "Kiều Thị Thanh Tâm", "van_hoa_xa_hoi", ("answer_feedback",)),
)


class Bench:
    """The ward at `now`, on a real database."""

    def __init__(self, database: Database, now: datetime = FRIDAY_2PM) -> None:
        self.database = database
        self.now = now
        self.count = 0

    def wait(self, **much: float) -> None:
        self.now += timedelta(**much)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self.database.writing() as db:
            yield Work(db=db, ward=WARD, concerns=CONCERNS, calendar=CALENDAR, now=self.now)

    async def hire(self) -> None:
        """Everybody of the ward's file comes to work, each with an account, the desk do_thi with a group."""
        async with self.database.writing() as db:
            for number, (login, name, desk, may) in enumerate(OFFICERS, start=1):
                person = await staff.add(
                    db,
                    login=login,
                    name=name,
                    desk=desk,
                    permissions=[Permission(one) for one in may],
                    now=self.now,
                )
                await staff.bind(db, Address(ChannelName.TELEGRAM, str(number)), person.id or 0, self.now)
            await staff.bind_room(db, ROOM, "do_thi", None, self.now)

    async def person(self, login: str) -> Staff:
        async with self.database.reading() as db:
            found = await staff.by_login(db, login)
        assert found is not None
        return found

    async def hand(self, login: str, version: int | None = None) -> Hand:
        return Hand(person=await self.person(login), version=version)

    async def report(self, text: str = "Nắp cống vỡ trước trường mầm non", **more: object) -> Taken:
        self.count += 1
        what = {
            "draft": f"draft-{self.count}",
            "text": text,
            "category": "flood_drain",
            "level": Level.NORMAL,
            "source": Source.ZALO,
            "who": LAN,
            "place": "hẻm 84 Nguyễn Trãi, khu phố 3",
        }
        async with self.work() as work:
            return await intake.take(work, Report(**(what | more)))  # type: ignore[arg-type]

    async def told(self, prefix: str = "") -> list[Delivery]:
        """Everything put in the outbox so far under keys that begin with *prefix*."""
        async with self.database.reading() as db:
            found = await db.exec(
                select(Delivery).where(col(Delivery.key).startswith(prefix)).order_by(col(Delivery.id))
            )
            return list(found.all())
