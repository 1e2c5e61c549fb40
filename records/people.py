"""Who can be reached, when they last spoke, and what they agreed to receive."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import Room
from records.dialect import upsert
from records.tables import Address, Consent, Contact, Conversation, Purpose

PERSON = ("channel", "user")
BUSY = "busy"
_CONVERSATION = (
    select(Conversation.step, Conversation.notes)
    .where(col(Conversation.channel) == bindparam("channel"), col(Conversation.user) == bindparam("user"))
    .with_for_update()
)
_CONTACT = select(Contact).where(
    col(Contact.channel) == bindparam("channel"), col(Contact.user) == bindparam("user")
)


async def conversation(db: AsyncSession, who: Address) -> tuple[str, dict[str, Any]]:
    """Return the step and the notes of the conversation with *who*, locked until the commit."""
    found = (await (await db.connection()).execute(_CONVERSATION, who._asdict())).first()
    return (found.step, found.notes) if found else ("", {})


async def _unless_busy(db: AsyncSession, who: Address) -> tuple[str, dict[str, Any]]:
    """Return step and notes as `conversation` does, `BUSY` for a step when another transaction holds them."""
    statement = select(Conversation.step, Conversation.notes).where(
        col(Conversation.channel) == who.channel, col(Conversation.user) == who.user
    )
    found = (await db.exec(statement.with_for_update(skip_locked=True))).first()
    if found is not None:
        return found[0], dict(found[1])
    held = (await db.exec(statement)).first()
    return (BUSY, {}) if held is not None else ("", {})


async def remember(
    db: AsyncSession, who: Address, step: str, notes: dict[str, object], now: datetime
) -> None:
    """Keep what the conversation has come to."""
    values = {"channel": who.channel, "user": who.user, "step": step, "notes": notes, "changed_at": now}
    await upsert(db, Conversation, PERSON, values, change=("step", "notes", "changed_at"))


async def offer(db: AsyncSession, who: Address, choices: Sequence[tuple[str, str]], now: datetime) -> bool:
    """Let *who* choose by number among *choices* we send unasked; False while they answer another question.

    False also while they speak this very moment: waiting for each other could last for ever.
    """
    step, notes = await _unless_busy(db, who)
    if step:
        return False
    offered = [[label, say, label] for label, say in choices]
    await remember(db, who, step, {**notes, "choices": offered}, now)
    return True


async def await_answer(db: AsyncSession, who: Address, code: str, now: datetime) -> None:
    """Remember that *who* was asked about the case *code*: their next free words may be the answer."""
    step, notes = await _unless_busy(db, who)
    if step != BUSY:
        await remember(db, who, step, {**notes, "awaited": code}, now)


async def heard(db: AsyncSession, who: Address, at: datetime) -> None:
    """Note that *who* spoke: the address works, and a platform's window is open."""
    values = {"channel": who.channel, "user": who.user, "heard_at": at, "off_since": None, "off_reason": None}
    change = ("heard_at", "off_since", "off_reason")
    await upsert(db, Contact, PERSON, values, change=change, unless_older="heard_at")


async def contact(db: AsyncSession, who: Address) -> Contact | None:
    """Return what is known of an address."""
    return (await db.exec(_CONTACT, params=who._asdict())).first()


async def leave_in_peace(db: AsyncSession, who: Address, until: datetime) -> None:
    """Send nothing more to *who* before *until*."""
    values = {"channel": who.channel, "user": who.user, "free_at": until}
    await upsert(db, Contact, PERSON, values, change=("free_at",))


async def switch_off(db: AsyncSession, who: Address, at: datetime, why: str) -> bool:
    """Note that *who* cannot be reached; not if they spoke after *at* (the news came late)."""
    known = await contact(db, who)
    if known is not None and known.heard_at is not None and known.heard_at > at:
        return False
    values = {"channel": who.channel, "user": who.user, "off_since": at, "off_reason": why[:100]}
    await upsert(db, Contact, PERSON, values, change=("off_since", "off_reason"))
    return True


async def move(db: AsyncSession, old: Address, new: str) -> None:
    """A group got another id: everything we know of it goes along."""
    connection = await db.connection()
    for table in (Contact, Conversation, Consent, Room):
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
        key = ("channel", "user", "purpose")
        await upsert(db, Consent, key, values, change=("granted", "said_at", "wording"))


async def consents(db: AsyncSession, who: Address) -> dict[Purpose, bool]:
    """Return what *who* said about each purpose; silence is not consent and not in the answer."""
    found = await db.exec(
        select(Consent.purpose, Consent.granted).where(
            col(Consent.channel) == who.channel, col(Consent.user) == who.user
        )
    )
    return {Purpose(purpose): granted for purpose, granted in found.all()}
