"""The stops every letter meets at drafting, at signing and when each delivery is queued (domain.md §2.1).

A `Bar` says in Vietnamese why not, and whether that is the end (`final`) or for a person to decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlmodel import col, select

from knowledge.calendar import DAY, HERE, here
from letters import enclosures, frozen, matching, reading, render, rules
from letters.rules import Kind, Rule
from letters.work import Work
from records import residents
from records.letters import CivilEvent, Household, Letter, Recipient, Resident, ResidentAddress
from records.tables import Consent, Delivery, DeliveryState, Purpose

LATE: Final = timedelta(hours=24)  # past this nothing is sent by itself any more (rule Q12)
_NOT_SENT: Final = (DeliveryState.WITHHELD, DeliveryState.FAILED)
MOURNING: Final = "nhà đang có tang"


@dataclass(frozen=True)
class Bar:
    """Why something does not go now; `final`: not later either."""

    why: str
    final: bool = False


async def of_letter(work: Work, letter: Letter) -> Bar | None:
    """Return what stands against the letter as a whole."""
    rule = rules.of_template(letter.template)
    event = await _event(work, letter)
    if event is not None and event.cancelled_at is not None:
        return Bar("bản ghi nguồn đã bị hủy", final=True)
    if event is not None and event.revision != letter.event_revision:
        return Bar("bản ghi nguồn vừa được sửa")
    if letter.stale_at is not None and work.now >= letter.stale_at:
        return Bar("đã quá thời gian thư còn hợp lý", final=True)
    bar = _of_words(work, letter)
    if bar is not None or rule is None or event is None:
        return bar
    return await _of_people(work, letter, rule, event)


def _of_words(work: Work, letter: Letter) -> Bar | None:
    """Return what stands against what the letter says and promises."""
    sheet = enclosures.promised(letter.facts)
    if sheet is not None and not _is_there(work, letter, sheet):
        return Bar("tờ đi kèm mà thư nhắc tới không còn, hoặc đã đổi; soạn lại thư rồi soát lại")
    odd = render.suspicious(frozen.text_of(letter)) if frozen.has_words(letter) else ()
    return Bar(f"trong thư còn chữ lạ: {', '.join(odd)}; sửa lời rồi soát lại") if odd else None


def _is_there(work: Work, letter: Letter, sheet: Mapping[str, object]) -> bool:
    """Tell whether the ward still has the very sheet a letter promises."""
    here_now = work.shelf.enclosures.get(letter.template)
    return here_now is not None and here_now.sha256 == sheet.get("sha256")


async def _event(work: Work, letter: Letter) -> CivilEvent | None:
    if letter.event_id is None:
        return None
    found = await work.db.exec(
        select(CivilEvent)
        .where(col(CivilEvent.id) == letter.event_id)
        .execution_options(populate_existing=True)
    )
    return found.first()


async def _of_people(work: Work, letter: Letter, rule: Rule, event: CivilEvent) -> Bar | None:
    for row in await matching.recipients(work, letter.id or 0):
        bar = await of_person(work, row, rule)
        if bar is not None:
            return bar
    for person in matching.subjects(rule, event.facts):
        found = await residents.fitting(work.db, person)
        if any(one.deceased_on is not None for one in found.candidates):
            return Bar("người được nhắc trong thư đã mất", final=True)
    return None


async def of_person(work: Work, row: Recipient, rule: Rule) -> Bar | None:
    """Return what a death has to say about writing to this recipient."""
    if rule.kind is Kind.SOLEMN:
        return None
    people = await _residents(work, row)
    if row.resident_id is not None and any(one.deceased_on is not None for one in people):
        return Bar("người nhận đã mất", final=True)
    if rule.kind is not Kind.FESTIVE:
        return None
    for one in people:
        if await mourns(work, one.household_id, one.address, one.quarter):
            return Bar(f"{MOURNING}; người quyết định")
    if not people and await mourns(work, None, row.address, row.quarter):
        return Bar(f"{MOURNING}; người quyết định")
    return None


async def _residents(work: Work, row: Recipient) -> list[Resident]:
    """Return who is meant, or may be, as the database has them now."""
    numbers = [row.resident_id] if row.resident_id is not None else list(row.candidates)
    if not numbers:
        return []
    found = await work.db.exec(
        select(Resident)
        .where(col(Resident.id).in_(numbers))
        .order_by(col(Resident.id))
        .with_for_update(read=True)  # a death of theirs commits before this, or after what we queue
        .execution_options(populate_existing=True)
    )
    return list(found.all())


async def mourns(work: Work, household_id: int | None, address: str, quarter: str) -> bool:
    """Tell whether the household, or whatever house has this address, mourns today."""
    mourning = col(Household.mourning_until) >= work.today
    if household_id is not None:
        wanted = select(Household).where(col(Household.id) == household_id).with_for_update(read=True)
        house = (await work.db.exec(wanted.execution_options(populate_existing=True))).first()
        if house is not None and house.mourning_until is not None and house.mourning_until >= work.today:
            return True
    if not address:
        return False
    there = await work.db.exec(select(Household.quarter).where(col(Household.address) == address, mourning))
    return any(not one or not quarter or residents.same_quarter(one, quarter) for one in there.all())


async def consents(work: Work, row: Recipient) -> bool | None:
    """Return what the recipient last said about letters, on any account; None where nothing was said.

    One "no" weighs more than any "yes".
    """
    said = await _said(work, row)
    return None if not said else all(said)


async def _said(work: Work, row: Recipient) -> list[bool]:
    query = select(Consent.granted).where(col(Consent.purpose) == Purpose.LETTER)
    if row.resident_id is not None:
        query = query.join(
            ResidentAddress,
            (col(ResidentAddress.channel) == col(Consent.channel))
            & (col(ResidentAddress.user) == col(Consent.user)),
        ).where(col(ResidentAddress.resident_id) == row.resident_id, col(ResidentAddress.closed_at).is_(None))
    elif row.channel is not None:
        query = query.where(col(Consent.channel) == row.channel, col(Consent.user) == row.user)
    else:
        return []
    return list((await work.db.exec(query)).all())


async def had_one_today(work: Work, letter: Letter, channel: str, user: str) -> bool:
    """Tell whether this account got, or is to get, another letter or greeting today."""
    begins = datetime.combine(work.today, time.min, tzinfo=HERE)
    found = await work.db.exec(
        select(Delivery.id)
        .where(
            col(Delivery.channel) == channel,
            col(Delivery.user) == user,
            col(Delivery.purpose).in_([Purpose.LETTER, Purpose.GREETING]),
            col(Delivery.state).not_in(_NOT_SENT),
            col(Delivery.due_at) >= begins,
            col(Delivery.due_at) < begins + DAY,
            ~col(Delivery.key).startswith(f"letter:{letter.id}:"),
        )
        .limit(1)
    )
    return found.first() is not None


def too_late(letter: Letter, now: datetime) -> bool:
    """Tell whether a letter should have left more than a day ago: then a person decides."""
    return letter.due_at is not None and now - letter.due_at > LATE


def stale_at(rule: Rule, happened_on: date, facts: Mapping[str, object]) -> datetime:
    """Return from when a letter makes no sense any more: the end of its last day in the ward."""
    begins = reading.day_of(facts.get(rule.counts_from)) or happened_on
    return datetime.combine(begins + rule.stale_after + DAY, time.min, tzinfo=HERE)


def local_day(moment: datetime) -> date:
    """Return the day of *moment* in the ward."""
    return here(moment).date()
