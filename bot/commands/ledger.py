"""What the commands around cases share: the records, who acts, and a day as an operator writes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import app
from bot.commands.trouble import Trouble
from bot.settings import Settings
from bot.store import open_database
from feedback.work import Work
from handlers.talk import clean
from knowledge.calendar import HERE
from knowledge.desks import Desks
from records import schema, staff
from records.cases import Staff
from records.database import Database


@asynccontextmanager
async def opened(config: Settings) -> AsyncIterator[Database]:
    """Give the database of *config*, brought up to date."""
    database = open_database(config)
    try:
        await schema.upgrade(database)
        yield database
    finally:
        await database.close()


def work(db: AsyncSession, shelf: app.Shelf) -> Work:
    """Return what an act on a case works with, now, in the transaction *db*."""
    return Work(db=db, ward=shelf.ward, concerns=shelf.concerns, calendar=shelf.calendar, now=app.clock())


async def person_of(db: AsyncSession, login: str) -> Staff:
    """Return the staff person with this *login* who still works here. Raises `Trouble`."""
    person = await staff.by_login(db, login)
    if person is None:
        raise Trouble(f"Không có cán bộ nào tên đăng nhập “{login}”. Xem: ward staff list")
    if person.disabled_at is not None:
        raise Trouble(f"Tài khoản “{login}” đã ngừng. Mở lại bằng: ward staff invite")
    return person


def desk_in(desks: Desks, code: str) -> str:
    """Return *code* if it names a desk. Raises `Trouble` with those that are."""
    known = {desk.code: desk.name for desk in desks.desks}
    if code not in known:
        raise Trouble(f"Không có đơn vị mã “{code}”. Các mã đang có:\n{_listed(known)}")
    return code


def said(text: str) -> str:
    """Return what was typed in one line: composed, without what cannot be seen, single spaces."""
    return " ".join(clean(text).split())


def day(text: str) -> date:
    """Read a day. Raises `Trouble`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Trouble(f"“{text}” không phải ngày dạng 2026-11-20.") from error


def beginning(text: str) -> datetime:
    """Return when the day *text* begins in the ward."""
    return datetime.combine(day(text), time.min, tzinfo=HERE)


def _listed(known: dict[str, str]) -> str:
    return "\n".join(f"  {code}: {name}" for code, name in known.items())
