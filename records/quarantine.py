"""What a restore must not let loose, and what must hold again although the backup has never heard of it.

A backup is a look into the past: its letters may have gone out since, its codes may have been
used, and somebody may have asked to be forgotten. So what waits is held until a person
decides, and what the old database still tells is done again.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import rights, staff, tokens
from records.cases import DataRequest, Erasure, Invitation, RequestKind, Staff
from records.console import ConsoleSession
from records.tables import (
    Address,
    ChannelName,
    Consent,
    Contact,
    Delivery,
    DeliveryState,
    Purpose,
    Received,
)

HELD = "khôi phục từ bản sao lưu"  # the reason that stands at what was held back
TROUBLE = (
    "Khôi phục từ bản sao lưu: cấp quyền lại cho OA rồi đặt WARD_ZALO__REFRESH_TOKEN mới và khởi động lại"
)
WITHDREW = "withdrew"  # why a contact is off whose owner took their data back on the platform
SLACK = timedelta(seconds=10)  # a transaction may have begun before the backup and ended after it
_REPEATABLE = [purpose for purpose in Purpose if purpose.repeatable]


@dataclass(frozen=True, kw_only=True)
class Since:
    """What happened after the backup was made and must hold again. Not `known`: the old database is mute."""

    known: bool = True
    erased: tuple[tuple[date, str, int], ...] = ()  # day, class, how many
    people: tuple[Address, ...] = ()
    refusals: tuple[Consent, ...] = ()
    left: tuple[str, ...] = ()  # logins


@dataclass(frozen=True, kw_only=True)
class Held:
    """How many deliveries were held back, and how many messages are still to be answered."""

    withheld: int
    doubtful: int
    waiting: int


async def quarantine(db: AsyncSession, given: tokens.Given, now: datetime) -> Held:
    """Hold back all that waits to be sent: replies and alerts are withheld, for the rest a person decides.

    One-time codes expire, since they may have been used after the backup; Zalo's tokens wait.
    """
    waits = col(Delivery.state).in_([DeliveryState.QUEUED, DeliveryState.SENDING])
    again = col(Delivery.purpose).in_(_REPEATABLE)
    counts = [
        (await db.exec(select(func.count()).select_from(Delivery).where(waits, which))).one()
        for which in (again, ~again)
    ]
    connection = await db.connection()
    state = case((again, DeliveryState.WITHHELD), else_=DeliveryState.DOUBTFUL)
    await connection.execute(update(Delivery).where(waits).values(state=state, lease_until=None, error=HELD))
    codes = update(Invitation).where(col(Invitation.used_at).is_(None), col(Invitation.expires_at) > now)
    await connection.execute(codes.values(expires_at=now))
    await connection.execute(delete(ConsoleSession))  # who was logged in then may have left since
    pair = await tokens.find(db, ChannelName.ZALO)
    if pair is not None:
        await tokens.note_trouble(db, ChannelName.ZALO, pair.refresh, TROUBLE, given)
    unread = select(func.count()).select_from(Received).where(col(Received.handled_at).is_(None))
    return Held(withheld=counts[0], doubtful=counts[1], waiting=(await db.exec(unread)).one())


async def release(db: AsyncSession, now: datetime, *, only: int | None = None) -> int:
    """Queue again what a restore withheld, all or *only* one, as long as its text is there; return how many."""
    held = update(Delivery).where(
        col(Delivery.state) == DeliveryState.WITHHELD,
        col(Delivery.error) == HELD,
        col(Delivery.text).is_not(None),
    )
    held = held if only is None else held.where(col(Delivery.id) == only)
    values = {"state": DeliveryState.QUEUED, "due_at": now, "doubts": 0, "error": None}
    return (await (await db.connection()).execute(held.values(**values))).rowcount


async def happened(db: AsyncSession, moment: datetime) -> Since:
    """Read in the old database what happened after the backup of *moment*."""
    moment -= SLACK
    lines = (await db.exec(select(Erasure).where(col(Erasure.at) > moment).order_by(col(Erasure.at)))).all()
    erased: dict[tuple[date, str], int] = {}
    for line in lines:
        place = (line.at.date(), line.what)
        erased[place] = erased.get(place, 0) + line.count
    refused = select(Consent).where(col(Consent.granted).is_(False), col(Consent.said_at) > moment)
    left = select(Staff.login).where(col(Staff.disabled_at) > moment)
    return Since(
        erased=tuple((*place, count) for place, count in erased.items()),
        people=tuple(await _forgotten(db, {line.object for line in lines}, moment)),
        refusals=tuple((await db.exec(refused)).all()),
        left=tuple((await db.exec(left)).all()),
    )


async def hold_again(db: AsyncSession, since: Since, now: datetime) -> None:
    """Do in the restored records what the old database told: refusals, and people who left the office.

    Whoever is to be forgotten again is the caller's matter: cases are forgotten a floor above.
    """
    for said in since.refusals:
        await db.merge(Consent(**said.model_dump()))
    for login in since.left:
        person = await staff.by_login(db, login)
        if person is not None and person.disabled_at is None:
            await staff.disable(db, person, now)
    await db.flush()


async def _forgotten(db: AsyncSession, objects: set[str], moment: datetime) -> list[Address]:
    """Return who asked to be forgotten and was, here or on their platform."""
    asked = select(DataRequest).where(
        col(DataRequest.kind) == RequestKind.ERASE, col(DataRequest.done_at) > moment
    )
    gone = select(Contact).where(col(Contact.off_reason) == WITHDREW, col(Contact.off_since) > moment)
    here = [row for row in (await db.exec(asked)).all() if rights.name(row) in objects]
    people = [Address(row.channel, row.user) for row in here]
    people += [Address(row.channel, row.user) for row in (await db.exec(gone)).all()]
    return list(dict.fromkeys(people))
