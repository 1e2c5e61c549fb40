"""Calling letters back: at once, for one letter; for everybody in a house where somebody died.

What is queued is WITHHELD in the very transaction that decides. What a sender holds in its hand
at that moment cannot be called back any more; it has left.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.calendar import DAY, here
from letters import keys, rules
from letters.policy import MOURNING_DAYS
from letters.rules import Kind
from letters.work import Work
from records import residents, trace
from records.letters import (
    Household,
    Letter,
    LetterState,
    Recipient,
    Resident,
    ResidentAddress,
    Route,
)
from records.tables import Address, Consent, Delivery, DeliveryState, Purpose

WHY_DEATH: Final = "tang"
_OPEN_ROUTES: Final = (Route.UNDECIDED, Route.CHAT, Route.WAITING)


async def halt(work: Work, letter: Letter, why: str, *, by: str) -> int:
    """Halt a letter that is signed or on its way; return how many deliveries stayed at home."""
    kept = await withhold(work.db, keys.of_letter(letter.id or 0), why)
    letter.state, letter.reason = LetterState.HALTED, why[:300]
    letter.version += 1
    work.db.add(letter)
    await work.db.flush()
    await trace.leave(
        work.db,
        who=by,
        what="letter.halted",
        on=f"letter:{letter.id}",
        detail={"version": letter.version, "withheld": kept, "number": letter.number},
        now=work.now,
    )
    return kept


async def withhold(db: AsyncSession, which: ColumnElement[bool], why: str) -> int:
    """Keep back whatever of *which* still waits; return how many."""
    result = await (await db.connection()).execute(
        update(Delivery)
        .where(which, col(Delivery.state) == DeliveryState.QUEUED)
        .values(state=DeliveryState.WITHHELD, error=why[:200])
    )
    return result.rowcount


async def mourn(db: AsyncSession, resident: Resident, now: datetime, *, days: int = MOURNING_DAYS) -> int:
    """Note a death, and keep back what is on its way to the person, and festive words to the house.

    To be called in the transaction that commits the death, whoever notes it; twice is harmless.
    `deceased_on` must be set, or is today. Return how many deliveries stayed at home.
    """
    died = resident.deceased_on or here(now).date()
    if resident.deceased_on is None:
        await residents.note_death(db, resident, died, now, mourning_days=days)
    await residents.hold(db, [resident], died + days * DAY)
    return await _keep_back(db, await _house(db, resident), {resident.id or 0}, now)


async def hush(db: AsyncSession, who: Address, purposes: Sequence[Purpose]) -> int:
    """Keep back what waits for *who* of these purposes: they have just said that they do not want it."""
    mine = (col(Delivery.channel) == who.channel) & (col(Delivery.user) == who.user)
    return await withhold(db, mine & col(Delivery.purpose).in_(list(purposes)), "người nhận đã ngừng nhận")


async def sweep(work: Work) -> int:
    """Keep back what waits for the deceased, the mourning, and whoever wants nothing more.

    The net below `mourn` and `hush`, asked every minute.
    """
    unwanted = exists().where(
        col(Consent.channel) == col(Delivery.channel),
        col(Consent.user) == col(Delivery.user),
        col(Consent.purpose) == col(Delivery.purpose),
        col(Consent.granted).is_(False),
    )
    kept = await withhold(work.db, _is_waiting() & unwanted, "người nhận đã ngừng nhận")
    return kept + await _mourned(work)


async def _mourned(work: Work) -> int:
    waiting = select(ResidentAddress.resident_id).where(_addressed(), _is_waiting())
    written = select(Recipient.resident_id).where(col(Recipient.route).in_(_OPEN_ROUTES))
    theirs = await work.db.exec(
        select(Resident)
        .outerjoin(Household, col(Household.id) == col(Resident.household_id))
        .where(
            col(Resident.deceased_on).is_not(None) | (col(Household.mourning_until) >= work.today),
            col(Resident.id).in_(waiting) | col(Resident.id).in_(written),
        )
    )
    people = list(theirs.all())
    dead = {one.id or 0 for one in people if one.deceased_on is not None}
    return await _keep_back(work.db, people, dead, work.now) if people else 0


def _addressed() -> ColumnElement[bool]:
    return (col(Delivery.channel) == col(ResidentAddress.channel)) & (
        col(Delivery.user) == col(ResidentAddress.user)
    )


def _is_waiting() -> ColumnElement[bool]:
    bulk = col(Delivery.purpose).in_([Purpose.LETTER, Purpose.GREETING])
    return (col(Delivery.state) == DeliveryState.QUEUED) & bulk


async def _house(db: AsyncSession, resident: Resident) -> list[Resident]:
    """Return everybody under the roof of *resident*, and the resident."""
    if resident.household_id is None:
        return [resident]
    found = await db.exec(select(Resident).where(col(Resident.household_id) == resident.household_id))
    return list(found.all())


async def _keep_back(db: AsyncSession, house: Sequence[Resident], dead: set[int], now: datetime) -> int:
    kept = await _greetings(db, [one.id or 0 for one in house])
    rows = await db.exec(
        select(Recipient, Letter)
        .join(Letter, col(Letter.id) == col(Recipient.letter_id))
        .where(
            col(Recipient.resident_id).in_([one.id or 0 for one in house]),
            col(Recipient.route).in_(_OPEN_ROUTES),
            col(Letter.state) == LetterState.RELEASED,
        )
    )
    for row, letter in rows.all():
        if _touches(letter, in_person=row.resident_id in dead):
            kept += await _keep_letter(db, row, letter, now)
    return kept


def _touches(letter: Letter, *, in_person: bool) -> bool:
    """Tell whether a death speaks against *letter*: to the dead everything, to the house what is festive."""
    rule = rules.of_template(letter.template)
    if rule is None or rule.kind is Kind.SOLEMN:
        return False
    return in_person or rule.kind is Kind.FESTIVE


async def _keep_letter(db: AsyncSession, row: Recipient, letter: Letter, now: datetime) -> int:
    kept = await withhold(db, keys.of_recipients(letter.id or 0, [row.id or 0]), WHY_DEATH)
    if row.route is not Route.CHAT or kept:
        row.route, row.why = Route.NONE, "nhà có tang"
        db.add(row)
        await db.flush()
        detail = {"recipient": row.id, "withheld": kept}
        await trace.leave(
            db, who="system", what="letter.mourned", on=f"letter:{letter.id}", detail=detail, now=now
        )
    return kept


async def _greetings(db: AsyncSession, house: Sequence[int]) -> int:
    """Every greeting counts as festive where somebody mourns."""
    kept = 0
    accounts = await db.exec(
        select(ResidentAddress.channel, ResidentAddress.user).where(
            col(ResidentAddress.resident_id).in_(list(house))
        )
    )
    for channel, user in accounts.all():
        mine = (col(Delivery.channel) == channel) & (col(Delivery.user) == user)
        kept += await withhold(db, mine & (col(Delivery.purpose) == Purpose.GREETING), WHY_DEATH)
    return kept
