"""A notice that a result is there, and cannot go, waits for the resident's next word, as a letter does.

What the window keeps out goes by an approved form (`announcing.of_result`) or is not put into the
outbox at all; what was refused on the way (the month's paid messages were used up, the form was not
taken) is queued again as plain words, once for every word of the resident, while it is true.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from letters.announcing import REFUSED
from letters.routes import FREE
from records import people
from records.letters import Dossier, DossierState, ResidentAddress
from records.tables import Address, ChannelName, Contact, Delivery, DeliveryState, Purpose

PAID: Final = timedelta(days=7) - timedelta(hours=1)  # Zalo carries a paid message so long (zalo.md §5)
STALE_AFTER: Final = timedelta(days=30)  # ours: whoever has not spoken by then has seen the counter, or will
SHUT: Final = "window_closed"  # what a sender notes when the platform lets nobody write first


def waits(who: Address, contact: Contact | None, now: datetime) -> bool:
    """Tell whether a notice put now would only be refused: on Zalo, after a week of silence."""
    heard_at = contact.heard_at if contact is not None else None
    return who.channel is ChannelName.ZALO and heard_at is not None and now - heard_at > PAID


async def again(db: AsyncSession, now: datetime) -> int:
    """Queue notices again that the window refused, of people who have spoken since; return how many."""
    found = await db.exec(
        select(Delivery)
        .join(
            Contact,
            (col(Contact.channel) == col(Delivery.channel)) & (col(Contact.user) == col(Delivery.user)),
        )
        .where(
            col(Delivery.purpose) == Purpose.RESULT_READY,
            col(Delivery.state) == DeliveryState.FAILED,
            or_(
                col(Delivery.error).contains(SHUT, autoescape=True),
                col(Delivery.error).contains(REFUSED, autoescape=True),
            ),
            col(Delivery.text).is_not(None),
            col(Delivery.created_at) > now - STALE_AFTER,
            col(Contact.off_since).is_(None),
            col(Contact.heard_at) > now - FREE,
            col(Contact.heard_at) > col(Delivery.due_at),
        )
    )
    told = 0
    for row in found.all():
        if await _is_true(db, row):
            row.state, row.due_at, row.error = DeliveryState.QUEUED, now, None
            row.template = None
            db.add(row)
            told += 1
    await db.flush()
    return told


async def _is_true(db: AsyncSession, row: Delivery) -> bool:
    """Tell whether the result still waits at the counter, and the person still wants to hear of it."""
    number = row.key.split(":")[-2]
    dossier = await db.get(Dossier, int(number)) if number.isdecimal() else None
    who = Address(row.channel, row.user)
    owner = await db.get(ResidentAddress, tuple(who))
    agreed = (await people.consents(db, who)).get(Purpose.RESULT_READY)
    closed = owner is not None and owner.closed_at is not None
    return dossier is not None and dossier.state == DossierState.READY and bool(agreed) and not closed
