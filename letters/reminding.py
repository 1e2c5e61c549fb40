"""When people are told that letters wait for them: every morning, or later if they have put all of them off.

What somebody put off is one queued alert; while it waits, the morning is silent, and on its
morning it is said with the numbers of that day.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from knowledge.calendar import DAY, HERE
from letters import stopping
from letters.work import Work
from records import outbox
from records.cases import Staff
from records.tables import Address, Delivery, DeliveryState, Purpose

Choices = Sequence[tuple[str, str]]
ASKED_AT: Final = time(7, 30)  # when the morning's job tells what waits
GRACE: Final = timedelta(minutes=15)  # the morning's own numbers go first; this one is the net below


def next_morning(work: Work) -> datetime:
    """Return the morning of the next working day, at the hour letters are told of."""
    day = work.today + DAY
    while not work.shelf.calendar.is_working_day(day):
        day += DAY
    return datetime.combine(day, ASKED_AT, tzinfo=HERE)


async def put_off(
    work: Work, person: Staff, to: Address, until: datetime, *, text: str, choices: Choices
) -> None:
    """Ask *person* again at *until*, and not before; what was put off earlier is forgotten."""
    await stopping.withhold(work.db, _asks(person), "hẹn giờ khác")
    morning = until == next_morning(work)
    key = _key(person, f"{until.date()}" if morning else f"{until:%Y-%m-%dT%H%M}")
    due_at = until + GRACE if morning else until
    new = await outbox.put(
        work.db,
        key=key,
        to=to,
        purpose=Purpose.ALERT,
        text=text,
        now=work.now,
        due_at=due_at,
        choices=choices,
    )
    if not new:
        await _wake(work, key, due_at)


async def _wake(work: Work, key: str, due_at: datetime) -> None:
    """Queue again what was just kept back for another hour, and is wanted after all."""
    found = await work.db.exec(select(Delivery).where(col(Delivery.key) == key))
    row = found.one()
    if row.state == DeliveryState.WITHHELD:
        row.state, row.due_at, row.error = DeliveryState.QUEUED, due_at, None
        work.db.add(row)
        await work.db.flush()


async def tell(work: Work, person: Staff, to: Address, text: str, choices: Choices) -> bool:
    """Tell *person* this morning, once; not while they have put letters off to a later moment."""
    key = _key(person, str(work.today))
    if await _is_put_off(work, person, key):
        return False
    new = await outbox.put(
        work.db, key=key, to=to, purpose=Purpose.ALERT, text=text, now=work.now, choices=choices
    )
    if new or not await _waits(work, col(Delivery.key) == key):
        return new
    return await outbox.rewrite(work.db, key, text, work.now)


async def _is_put_off(work: Work, person: Staff, today: str) -> bool:
    return await _waits(work, _asks(person) & (col(Delivery.key) != today))


async def _waits(work: Work, which: ColumnElement[bool]) -> bool:
    """Tell whether one of these is to be said later than now."""
    later = (col(Delivery.state) == DeliveryState.QUEUED) & (col(Delivery.due_at) > work.now)
    return (await work.db.exec(select(Delivery.id).where(which, later).limit(1))).first() is not None


def hours_left(now: datetime, today: date) -> list[datetime]:
    """Return the hours of today letters may be put off to: those on offer that are well ahead."""
    offered = (datetime.combine(today, time(hour), tzinfo=HERE) for hour in (10, 14, 16))
    return [moment for moment in offered if moment - now >= timedelta(minutes=30)]


def _asks(person: Staff) -> ColumnElement[bool]:
    return col(Delivery.key).startswith(f"alert:letters:{person.login}:", autoescape=True)


def _key(person: Staff, name: str) -> str:
    return f"alert:letters:{person.login}:{name}"
