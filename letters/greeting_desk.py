"""The desk of greetings: the days that come, one drafted when a person wants it, its hour, and who is told on paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists
from sqlmodel import col, func, select

from knowledge.calendar import here
from knowledge.greetings import Audience, Occasion
from knowledge.lunar import in_words
from letters import audience as audiences
from letters import occasions
from letters.desk import Hand, open_letter
from letters.drafting import settle_on
from letters.states import UNSIGNED, NotAllowed
from letters.work import Work
from records import staff
from records.cases import Permission
from records.dialect import insert_new
from records.letters import Letter, Resident, ResidentAddress
from records.tables import Consent, Purpose

AHEAD: Final = timedelta(days=370)
CHANGED: Final = "danh sách người nhận đã khác"  # how the reason of a void approval begins
AUDIENCES: Final[Mapping[str, str]] = {
    Audience.EVERYONE: "toàn thể người dân",
    Audience.ELDERLY: "người cao tuổi",
    Audience.WOMEN: "phụ nữ",
    Audience.TEACHERS: "thầy cô giáo, trường học",
    Audience.HEALTH_WORKERS: "y bác sĩ, trạm y tế",
    Audience.PARENTS: "cha mẹ học sinh",
    Audience.YOUTH: "thanh niên",
    Audience.WORKERS: "người lao động",
    Audience.BUSINESSES: "doanh nghiệp, hộ kinh doanh",
    Audience.VETERANS: "cựu chiến binh, quân nhân",
    Audience.MERIT_FAMILIES: "gia đình chính sách, người có công",
    Audience.PUBLIC_POST: "chỉ đăng tin chung",
}


@dataclass(frozen=True, kw_only=True)
class Coming:
    """A day of greetings ahead, and its letter if there is one."""

    occasion: Occasion
    letter: Letter | None

    @property
    def lunar(self) -> str:
        """Return the lunar day in words."""
        return in_words(self.occasion.lunar).removeprefix("ngày ")

    @property
    def audience(self) -> str:
        """Return for whom it is."""
        return AUDIENCES[self.occasion.greeting.audience]

    @property
    def may_be_drafted(self) -> bool:
        """Tell whether a person may have it drafted now."""
        return self.letter is None and not self.occasion.held


async def coming(work: Work) -> list[Coming]:
    """Return the days of greetings of the next year, in order; one query for all their letters."""
    days = _days_ahead(work, work.today)
    found = await work.db.exec(select(Letter).where(col(Letter.occasion).in_([one.key for one in days])))
    letters = {one.occasion: one for one in found.all()}
    return [Coming(occasion=one, letter=letters.get(one.key)) for one in days]


def _days_ahead(work: Work, first: date) -> list[Occasion]:
    return [
        one
        for year in (first.year, first.year + 1)
        for one in work.shelf.greetings.occurrences(year)
        if first <= one.solar <= first + AHEAD
    ]


async def draft_now(work: Work, hand: Hand, key: str) -> Letter:
    """Draft the greeting called *key* before its time, also one that is off; once. Raises NotAllowed."""
    if not any(staff.may(hand.person, one) for one in (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)):
        raise NotAllowed("Anh/chị chưa được giao quyền soạn thư.")
    occasion = next((one for one in _days_ahead(work, work.today) if one.key == key), None)
    if occasion is None or occasion.held:
        why = f" ({occasion.held})" if occasion is not None else ""
        raise NotAllowed(f"Ngày lễ này không còn trong lịch sắp tới hoặc đang được giữ lại{why}.")
    fresh = Letter(occasion=key, template=occasion.greeting.template, drafted_at=work.now)
    row = {name: value for name, value in fresh.model_dump().items() if name != "id"}
    new = await insert_new(work.db, Letter, row)
    letter = (await work.db.exec(select(Letter).where(col(Letter.occasion) == key))).one()
    if new:
        await occasions.draft_again(work, letter)
    return letter


async def schedule(work: Work, number: int, hand: Hand, at: datetime) -> Letter:
    """Set when a greeting leaves, before it is signed. Raises NotAllowed or Stale."""
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
    if letter.occasion is None or letter.state not in UNSIGNED:
        raise NotAllowed("Chỉ đổi được giờ gửi của lời chúc chưa ký. Lời chúc đã ký: bấm Dừng rồi soạn lại.")
    hours = work.shelf.policy.hours
    if not hours.allow(at):
        raise NotAllowed(f"Lời chúc chỉ gửi từ {hours.opens:%H:%M} đến trước {hours.closes:%H:%M}.")
    if at <= work.now or (letter.stale_at is not None and at >= letter.stale_at):
        end = f" và trước {here(letter.stale_at):%H:%M ngày %d/%m/%Y}" if letter.stale_at else ""
        raise NotAllowed(f"Giờ gửi cần ở phía trước{end}, để lời chúc không tới muộn.")
    letter.due_at = at
    await settle_on(work, letter, letter.state, gap=letter.gap, by=hand.person.login)
    return letter


def approval_is_void(letter: Letter) -> bool:
    """Tell whether *letter* was halted because those it goes to are not those that were approved."""
    return letter.reason.startswith(CHANGED)


async def without_channel(
    work: Work, audience: str, limit: int, offset: int = 0
) -> tuple[Sequence[Resident], int]:
    """Return who belongs to *audience* and can be told only on paper, by quarter; and how many they are."""
    if not audiences.can_choose(audience):
        return [], 0
    wanted = _on_paper(work, audience)
    total = (await work.db.exec(select(func.count()).select_from(Resident).where(*wanted))).one()
    found = await work.db.exec(
        select(Resident)
        .where(*wanted)
        .order_by(col(Resident.quarter), col(Resident.address), col(Resident.id))
        .limit(limit)
        .offset(offset)
    )
    return list(found.all()), total


def _on_paper(work: Work, audience: str) -> list[Any]:  # conditions, of several classes of SQLAlchemy's own
    """Alive, no mourning, no "no" anywhere, and no account that can be written to now."""
    accounts = audiences.chosen(work, audience, work.now)
    said_no = exists().where(
        col(ResidentAddress.resident_id) == col(Resident.id),
        col(ResidentAddress.closed_at).is_(None),
        col(Consent.channel) == col(ResidentAddress.channel),
        col(Consent.user) == col(ResidentAddress.user),
        col(Consent.purpose) == Purpose.GREETING,
        col(Consent.granted).is_(False),
    )
    return [
        audiences.GROUPS[audience](work.today),
        col(Resident.deceased_on).is_(None),
        ~audiences.mourning(work),
        ~said_no,
        col(Resident.id).not_in(select(accounts.c.resident).where(accounts.c.place == 1)),
    ]
