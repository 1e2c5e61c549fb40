"""The box for what only two named persons may read. Alerts carry a code and nothing else.

Who wrote stands in a table of its own. Every look is written to the sealed trace.
"""

import secrets

from sqlmodel import col, func, select

from feedback import notices
from feedback.codes import LETTERS
from feedback.states import NotAllowed
from feedback.work import Work
from knowledge.calendar import here
from records import outbox, staff, trace
from records.cases import Permission, RestrictedMessage, RestrictedSender, Staff
from records.tables import Address, Purpose

ANSWER_DAYS = 10  # working days to say what was done first: Luật Tiếp công dân 42/2013/QH13, Điều 28
CODE_LENGTH = 7


async def keep(work: Work, who: Address, text: str) -> RestrictedMessage:
    """Keep *text* for the named persons and tell them that something is there."""
    day = work.calendar.add_working_days(here(work.now).date(), ANSWER_DAYS)
    row = RestrictedMessage(
        code="KIN-" + "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)),
        text=text,
        taken_at=work.now,
        due_at=work.calendar.close_of(day),
    )
    work.db.add(row)
    await work.db.flush()
    work.db.add(RestrictedSender(message_id=row.id or 0, channel=who.channel, user=who.user))
    await trace.leave(work.db, who="resident", what="restricted.kept", on=row.code, detail={}, now=work.now)
    await _tell(work, row, "kept", notices.restricted_kept(row))
    return row


async def box(work: Work, person: Staff) -> list[RestrictedMessage]:
    """Return what waits, without its texts. Raises NotAllowed."""
    _require(work, person)
    found = await work.db.exec(
        select(RestrictedMessage)
        .where(col(RestrictedMessage.answered_at).is_(None))
        .order_by(col(RestrictedMessage.id))
    )
    await trace.leave(
        work.db, who=f"staff:{person.id}", what="restricted.listed", on="box", detail={}, now=work.now
    )
    return list(found.all())


async def waiting(work: Work, person: Staff) -> int | None:
    """Return how many messages wait; None for whom the box is not there. Nothing of them is seen."""
    if not _named(work, person):
        return None
    unanswered = select(func.count()).where(col(RestrictedMessage.answered_at).is_(None))
    return (await work.db.exec(unanswered)).one()


async def read(work: Work, person: Staff, code: str) -> RestrictedMessage:
    """Return one message with its text; the look is written down. Raises NotAllowed, also for no such code."""
    _require(work, person)
    row = await _of(work, code)
    await trace.leave(
        work.db, who=f"staff:{person.id}", what="restricted.read", on=row.code, detail={}, now=work.now
    )
    return row


async def answer(work: Work, person: Staff, code: str, text: str) -> RestrictedMessage:
    """Answer whoever wrote, in their own chat, without repeating what they wrote."""
    _require(work, person)
    row = await _of(work, code)
    if row.answered_at is not None:
        raise NotAllowed(notices.RESTRICTED_ANSWERED)
    row.answered_at, row.answered_by = work.now, person.id
    work.db.add(row)
    sender = await work.db.get(RestrictedSender, row.id)
    if sender is not None:
        await outbox.put(
            work.db,
            key=f"restricted:{row.code}:answer",
            to=Address(sender.channel, sender.user),
            purpose=Purpose.REPLY,
            text=notices.restricted_answer(row, text),
            now=work.now,
        )
    await trace.leave(
        work.db, who=f"staff:{person.id}", what="restricted.answered", on=row.code, detail={}, now=work.now
    )
    return row


async def _of(work: Work, code: str) -> RestrictedMessage:
    found = await work.db.exec(select(RestrictedMessage).where(col(RestrictedMessage.code) == code.upper()))
    row = found.first()
    if row is None:
        raise NotAllowed(notices.NOT_YOURS)
    return row


async def _tell(work: Work, row: RestrictedMessage, what: str, text: str) -> None:
    for login in work.ward.desks.restricted:
        person = await staff.by_login(work.db, login)
        if person is None or not _named(work, person):
            continue
        for account in (await staff.accounts(work.db, person.id or 0))[:1]:
            await outbox.put(
                work.db,
                key=f"restricted:{row.code}:{what}:{login}",
                to=account,
                purpose=Purpose.ALERT,
                text=text,
                now=work.now,
            )


def is_named(work: Work, person: Staff) -> bool:
    """Tell whether *person* is one of the two who may open the box."""
    return _named(work, person)


def _named(work: Work, person: Staff) -> bool:
    """Two keys: named in the ward's file, and given the permission."""
    return person.login in work.ward.desks.restricted and staff.may(person, Permission.SEE_RESTRICTED)


def _require(work: Work, person: Staff) -> None:
    if not _named(work, person):
        raise NotAllowed(notices.NOT_YOURS)
