"""Who can be reached, when they last spoke, and what they agreed to receive."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.dialect import upsert
from records.tables import Address, Consent, Contact, Conversation, Purpose

PERSON = ("channel", "user")
PROACTIVE = (Purpose.LETTER, Purpose.GREETING, Purpose.SURVEY, Purpose.RESULT_READY)


async def conversation(db: AsyncSession, who: Address) -> Conversation | None:
    """Return what is remembered of the conversation with *who*, locked until the commit."""
    found = await db.exec(
        select(Conversation)
        .where(col(Conversation.channel) == who.channel, col(Conversation.user) == who.user)
        .with_for_update()
    )
    return found.first()


async def remember(db: AsyncSession, who: Address, step: str, notes: dict[str, object], now: datetime) -> None:
    """Keep what the conversation has come to."""
    values = {"channel": who.channel, "user": who.user, "step": step, "notes": notes, "changed_at": now}
    statement = upsert(db, Conversation, PERSON, values, ("step", "notes", "changed_at"))
    await (await db.connection()).execute(statement)


async def heard(db: AsyncSession, who: Address, at: datetime) -> None:
    """Note that *who* spoke: the address works, and a platform's window is open."""
    values = {"channel": who.channel, "user": who.user, "heard_at": at, "off_since": None, "off_reason": None}
    older = or_(col(Contact.heard_at).is_(None), col(Contact.heard_at) <= at)
    change = ("heard_at", "off_since", "off_reason")
    await (await db.connection()).execute(upsert(db, Contact, PERSON, values, change, only=older))


async def contact(db: AsyncSession, who: Address) -> Contact | None:
    """Return what is known of an address."""
    found = await db.exec(
        select(Contact).where(col(Contact.channel) == who.channel, col(Contact.user) == who.user)
    )
    return found.first()


async def leave_in_peace(db: AsyncSession, who: Address, until: datetime) -> None:
    """Send nothing more to *who* before *until*."""
    values = {"channel": who.channel, "user": who.user, "free_at": until}
    await (await db.connection()).execute(upsert(db, Contact, PERSON, values, ("free_at",)))


async def switch_off(db: AsyncSession, who: Address, at: datetime, why: str) -> bool:
    """Note that *who* cannot be reached; not if they spoke after *at* (the news came late)."""
    known = await contact(db, who)
    if known is not None and known.heard_at is not None and known.heard_at > at:
        return False
    values = {"channel": who.channel, "user": who.user, "off_since": at, "off_reason": why[:100]}
    await (await db.connection()).execute(upsert(db, Contact, PERSON, values, ("off_since", "off_reason")))
    return True


async def move(db: AsyncSession, old: Address, new: str) -> None:
    """A group got another id: everything we know of it goes along."""
    connection = await db.connection()
    for table in (Contact, Conversation, Consent):
        taken = select(table.user).where(col(table.channel) == old.channel, col(table.user) == new)
        if (await db.exec(taken)).first() is None:
            await connection.execute(
                update(table)
                .where(col(table.channel) == old.channel, col(table.user) == old.user)
                .values(user=new)
            )


async def say_consent(
    db: AsyncSession, who: Address, purposes: Sequence[Purpose], *, granted: bool, wording: str, now: datetime
) -> None:
    """Keep what *who* just said about *purposes*; it counts from this commit on."""
    for purpose in purposes:
        values = {
            "channel": who.channel,
            "user": who.user,
            "purpose": purpose,
            "granted": granted,
            "said_at": now,
            "wording": wording[:200],
        }
        statement = upsert(
            db, Consent, ("channel", "user", "purpose"), values, ("granted", "said_at", "wording")
        )
        await (await db.connection()).execute(statement)


async def consents(db: AsyncSession, who: Address) -> dict[Purpose, bool]:
    """Return what *who* said about each purpose; silence is not consent and not in the answer."""
    found = await db.exec(
        select(Consent.purpose, Consent.granted).where(
            col(Consent.channel) == who.channel, col(Consent.user) == who.user
        )
    )
    return dict(found.all())
