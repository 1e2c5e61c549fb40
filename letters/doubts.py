"""Letters of which nobody knows whether they arrived: a person asks the recipient and says so.

"Đã tới" ends the matter. "Chưa tới" sends again, if the letter is still on its way and may leave;
one that is late or stands against a stop goes its next way instead, on paper at the latest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, update
from sqlmodel import col, func, select

from letters import guard, keys, listing
from letters.desk import Hand
from letters.states import NotAllowed, Stale
from letters.work import Work
from records import outbox, staff, trace
from records.cases import Permission
from records.letters import Letter, LetterState, Recipient, Resident
from records.tables import ChannelName, Delivery, DeliveryState, Purpose

A_PAGE: Final = 25
_ROADS: Final = tuple(ChannelName)
_OURS: Final = (Purpose.LETTER, Purpose.GREETING)
ARRIVED, AGAIN, ANOTHER_WAY, KEPT = "arrived", "again", "another way", "kept"


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One delivery in doubt: of which letter, to whom, by which road, since when."""

    delivery: Delivery
    letter: Letter
    title: str
    name: str
    part: str


async def waiting(work: Work, number: int = 1) -> tuple[list[Doubt], int]:
    """Return page *number* of what is in doubt, the oldest first, and how many there are."""
    found = await work.db.exec(
        select(Delivery)
        .where(*_mine())
        .order_by(col(Delivery.due_at), col(Delivery.id))
        .limit(A_PAGE)
        .offset((max(1, number) - 1) * A_PAGE)
    )
    return await _told(work, list(found.all())), await how_many(work)


async def how_many(work: Work) -> int:
    """Return how many copies of letters and greetings are in doubt."""
    return (await work.db.exec(select(func.count()).select_from(Delivery).where(*_mine()))).one()


def _mine() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.channel).in_(_ROADS),
        col(Delivery.state) == DeliveryState.DOUBTFUL,
        col(Delivery.purpose).in_(_OURS),
    )


async def _told(work: Work, found: Sequence[Delivery]) -> list[Doubt]:
    parts = {row.id: row.key.split(":") for row in found}
    ids = sorted({int(said[1]) for said in parts.values() if len(said) > 2 and said[1].isdecimal()})  # noqa: PLR2004  letter, number, recipient
    known = {line.letter.id: line for line in await listing.lines(work, ids)}
    names = await _residents(work, [said[2] for said in parts.values() if len(said) > 2])  # noqa: PLR2004
    told = []
    for row in found:
        said = parts[row.id]
        line = known.get(int(said[1])) if len(said) > 2 and said[1].isdecimal() else None  # noqa: PLR2004
        if line is not None:
            name = names.get(said[2]) or _of(line.recipients, said[2])
            told.append(Doubt(delivery=row, letter=line.letter, title=line.title, name=name, part=_part(row)))
    return told


async def _residents(work: Work, marks: Sequence[str]) -> dict[str, str]:
    """Return the names of who gets a greeting, by "r17" as the key has it."""
    ids = [int(one[1:]) for one in marks if one.startswith("r") and one[1:].isdecimal()]
    if not ids:
        return {}
    found = await work.db.exec(select(Resident.id, Resident.name).where(col(Resident.id).in_(ids)))
    return {f"r{number}": name for number, name in found.all()}


def _of(rows: Sequence[Recipient], number: str) -> str:
    return next((row.name for row in rows if str(row.id) == number), "")


def _part(row: Delivery) -> str:
    if row.key.endswith(keys.PAPER):
        return "bản in (PDF)"
    if row.key.endswith(keys.FORM):
        return "tin mẫu báo có thư chờ"
    return "tờ kèm theo" if row.key.endswith(keys.ENCLOSED) else "ảnh thư"


async def settle(work: Work, number: int, hand: Hand, *, arrived: bool) -> str:
    """Let *hand* say what became of delivery *number*; return what was done. Raises NotAllowed or Stale."""
    if not any(staff.may(hand.person, one) for one in (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)):
        raise NotAllowed("Không có tin này, hoặc tin không thuộc phần việc của anh/chị.")
    row = await work.db.get(Delivery, number, populate_existing=True)
    if row is None or row.purpose not in _OURS:
        raise NotAllowed("Không có tin này, hoặc tin không thuộc phần việc của anh/chị.")
    done = ARRIVED if arrived else await _what_now(work, row)
    if done in (ARRIVED, AGAIN):
        settled = await outbox.settle(work.db, number, work.now, arrived=arrived)
    else:
        settled = await _closed(work, number, done)
    if not settled:
        raise Stale
    await trace.leave(
        work.db,
        who=hand.person.login,
        what="settle",
        on=f"delivery:{number}",
        detail={"as": done},
        now=work.now,
    )
    return done


async def _what_now(work: Work, row: Delivery) -> str:
    """Return whether what did not arrive may be sent again, goes another way, or stays at home."""
    letter = await work.db.get(Letter, int(row.key.split(":")[1]), populate_existing=True)
    if letter is None or letter.state is not LetterState.RELEASED:
        return KEPT
    if await guard.of_letter(work, letter) is not None:
        return KEPT if letter.occasion else ANOTHER_WAY
    if _is_old(row, work.now):
        return KEPT if letter.occasion else ANOTHER_WAY
    return AGAIN


def _is_old(row: Delivery, now: datetime) -> bool:
    return now - row.created_at > guard.LATE


async def _closed(work: Work, number: int, done: str) -> bool:
    """Close the delivery: FAILED lets the letter look for its next way, WITHHELD ends it."""
    state = DeliveryState.FAILED if done == ANOTHER_WAY else DeliveryState.WITHHELD
    result = await (await work.db.connection()).execute(
        update(Delivery)
        .where(col(Delivery.id) == number, col(Delivery.state) == DeliveryState.DOUBTFUL)
        .values(state=state, lease_until=None, error="người quyết định: chưa tới")
    )
    return result.rowcount == 1
