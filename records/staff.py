"""Staff: who they are, which chat accounts and groups are theirs, who stands in for whom.

A one-time code binds: in a private chat the account of a person, in a group the room of a
desk. Codes are kept as hashes, live a day, and work once.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import Absence, Guess, Invitation, Permission, Room, Staff, StaffAccount
from records.console import ConsoleSession, Login
from records.dialect import upsert
from records.tables import Address, ChannelName

TITLES: Final[Mapping[Permission, str]] = {
    Permission.ANSWER_FEEDBACK: "nhận và trả lời phản ánh của tổ mình",
    Permission.ASSIGN_FEEDBACK: "xem và giao việc của mọi tổ",
    Permission.SEE_RESTRICTED: "mở hộp tin kín (phải có tên trong desks.toml)",
    Permission.DRAFT_LETTERS: "soạn thư",
    Permission.SIGN_LETTERS: "ký thư",
    Permission.EDIT_KNOWLEDGE: "sửa danh mục thủ tục",
    Permission.IMPORT_RECORDS: "nhập sổ, nhập danh sách",
    Permission.MANAGE_STAFF: "quản lý cán bộ",
    Permission.SEE_REPORTS: "xem báo cáo",
}
CODE_LIVES = timedelta(hours=24)
CODE_LENGTH = 10  # of 32 letters: 50 bits, for a day
MOST_MISSES = 5  # wrong codes in an hour, of one account
WINDOW = timedelta(hours=1)
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def may(person: Staff, permission: Permission) -> bool:
    """Tell whether *person* has *permission* and has not been disabled."""
    return person.disabled_at is None and permission in person.permissions


async def invite(db: AsyncSession, person: Staff, now: datetime) -> str:
    """Return a fresh one-time code that binds a chat account to *person*."""
    return await _new_code(db, now, staff_id=person.id)


async def invite_room(db: AsyncSession, desk: str, now: datetime) -> str:
    """Return a fresh one-time code that makes a group the room of *desk*."""
    return await _new_code(db, now, desk=desk)


async def _new_code(db: AsyncSession, now: datetime, *, staff_id: int | None = None, desk: str = "") -> str:
    code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
    row = Invitation(
        code_sha256=_hash(code), staff_id=staff_id, desk=desk, made_at=now, expires_at=now + CODE_LIVES
    )
    db.add(row)
    await db.flush()
    return code


async def desk_of_code(db: AsyncSession, code: str, now: datetime) -> str:
    """Return the desk whose group a valid *code* binds, leaving it in the world; nothing for any other."""
    found = await db.exec(
        select(Invitation.desk).where(
            col(Invitation.code_sha256) == _hash(code),
            col(Invitation.used_at).is_(None),
            col(Invitation.expires_at) > now,
        )
    )
    return found.first() or ""


async def person_of_code(db: AsyncSession, code: str, now: datetime) -> Staff | None:
    """Return whom a valid *code* invites, leaving it in the world; None for any other."""
    found = await db.exec(
        select(Staff)
        .join(Invitation, col(Invitation.staff_id) == col(Staff.id))
        .where(
            col(Invitation.code_sha256) == _hash(code),
            col(Invitation.used_at).is_(None),
            col(Invitation.expires_at) > now,
            col(Staff.disabled_at).is_(None),
        )
    )
    return found.first()


async def may_try(db: AsyncSession, who: Address, now: datetime) -> bool:
    """Tell whether *who* may name a code, or has named too many wrong ones of late."""
    known = await db.get(Guess, (who.channel, who.user))
    return known is None or now - known.since >= WINDOW or known.misses < MOST_MISSES


async def note_miss(db: AsyncSession, who: Address, now: datetime) -> None:
    """Note that *who* named a code that is not valid."""
    known = await db.get(Guess, (who.channel, who.user), populate_existing=True)
    running = known is not None and now - known.since < WINDOW
    values = {
        "channel": who.channel,
        "user": who.user,
        "since": known.since if known is not None and running else now,
        "misses": (known.misses if known is not None and running else 0) + 1,
    }
    await upsert(db, Guess, ("channel", "user"), values, change=("since", "misses"))


async def anybody_bound(db: AsyncSession) -> bool:
    """Tell whether any account is bound to somebody."""
    return (await db.exec(select(StaffAccount.staff_id).limit(1))).first() is not None


async def anybody_in(db: AsyncSession) -> bool:
    """Tell whether anybody has bound an account or set a password."""
    bound = (await db.exec(select(StaffAccount.staff_id).limit(1))).first()
    return bound is not None or (await db.exec(select(Login.staff_id).limit(1))).first() is not None


async def use_code(db: AsyncSession, code: str, now: datetime) -> Invitation | None:
    """Take a one-time code out of the world and return what it was for; None if it is not valid."""
    result = await (await db.connection()).execute(
        update(Invitation)
        .where(
            col(Invitation.code_sha256) == _hash(code),
            col(Invitation.used_at).is_(None),
            col(Invitation.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(Invitation.staff_id), col(Invitation.desk))
    )
    found = result.first()
    if found is None:
        return None
    return Invitation(
        code_sha256="", staff_id=found.staff_id, desk=found.desk, made_at=now, expires_at=now, used_at=now
    )


async def bind(db: AsyncSession, who: Address, staff_id: int, now: datetime) -> None:
    """Make *who* the account of a staff person; an account belongs to one person only."""
    values = {"channel": who.channel, "user": who.user, "staff_id": staff_id, "bound_at": now}
    await upsert(db, StaffAccount, ("channel", "user"), values, change=("staff_id", "bound_at"))


async def bind_room(db: AsyncSession, where: Address, desk: str, by: int | None, now: datetime) -> None:
    """Make the group *where* a room of *desk*."""
    values = {"channel": where.channel, "user": where.user, "desk": desk, "bound_at": now, "bound_by": by}
    await upsert(db, Room, ("channel", "user"), values, change=("desk", "bound_at", "bound_by"))


async def add(
    db: AsyncSession, *, login: str, name: str, desk: str, permissions: Sequence[Permission], now: datetime
) -> Staff:
    """Add a staff person, or change what the one with this *login* may do."""
    person = await by_login(db, login) or Staff(login=login, name=name, created_at=now)
    person.name, person.desk, person.disabled_at = name[:100], desk, None
    person.permissions = [str(permission) for permission in permissions]
    db.add(person)
    await db.flush()
    return person


async def disable(db: AsyncSession, person: Staff, now: datetime) -> None:
    """Take everything from somebody who left: rights, accounts, codes, password and sessions."""
    person.disabled_at, person.permissions = now, []
    db.add(person)
    connection = await db.connection()
    await connection.execute(delete(StaffAccount).where(col(StaffAccount.staff_id) == person.id))
    await connection.execute(delete(ConsoleSession).where(col(ConsoleSession.staff_id) == person.id))
    await connection.execute(delete(Login).where(col(Login.staff_id) == person.id))
    await connection.execute(
        update(Invitation)
        .where(col(Invitation.staff_id) == person.id, col(Invitation.used_at).is_(None))
        .values(used_at=now)
    )
    await db.flush()


async def all_of(db: AsyncSession, person: Staff) -> dict[str, Any]:
    """Return what `disable` takes from *person*, so that `give_back` can return it within seconds."""
    login = await db.get(Login, person.id)
    return {
        "staff": person.id,
        "permissions": list(person.permissions),
        "accounts": [[str(one.channel), one.user] for one in await accounts(db, person.id or 0)],
        "login": login.model_dump(mode="json") if login is not None else None,
    }


async def give_back(db: AsyncSession, taken: Mapping[str, Any], now: datetime) -> Staff | None:
    """Take back `disable`: rights, accounts and password as they were; sessions stay ended."""
    person = await db.get(Staff, taken["staff"])
    if person is None or person.disabled_at is None:
        return None
    person.disabled_at, person.permissions = None, list(taken["permissions"])
    db.add(person)
    for channel, user in taken["accounts"]:
        await bind(db, Address(ChannelName(channel), user), person.id or 0, now)
    if taken["login"] is not None:
        db.add(Login.model_validate(taken["login"]))
    await db.flush()
    return person


async def absences(db: AsyncSession, since: date) -> list[tuple[Absence, Staff]]:
    """Return who is or will be away on or after *since*, the soonest first."""
    found = await db.exec(
        select(Absence, Staff)
        .join(Staff, col(Staff.id) == col(Absence.staff_id))
        .where(col(Absence.last) >= since)
        .order_by(col(Absence.first), col(Absence.id))
        .limit(200)
    )
    return list(found.all())


async def by_login(db: AsyncSession, login: str) -> Staff | None:
    """Return the person with this login."""
    return (await db.exec(select(Staff).where(col(Staff.login) == login))).first()


async def by_account(db: AsyncSession, who: Address | None) -> Staff | None:
    """Return whose account *who* is; None for residents and for those who left."""
    if who is None:
        return None
    found = await db.exec(
        select(Staff)
        .join(StaffAccount, col(StaffAccount.staff_id) == col(Staff.id))
        .where(
            col(StaffAccount.channel) == who.channel,
            col(StaffAccount.user) == who.user,
            col(Staff.disabled_at).is_(None),
        )
    )
    return found.first()


async def everybody(db: AsyncSession) -> list[Staff]:
    """Return all staff, those who left last."""
    found = await db.exec(select(Staff).order_by(col(Staff.disabled_at).is_not(None), col(Staff.login)))
    return list(found.all())


async def accounts(db: AsyncSession, staff_id: int) -> list[Address]:
    """Return the chat accounts of a person, the newest first."""
    found = await db.exec(
        select(StaffAccount)
        .where(col(StaffAccount.staff_id) == staff_id)
        .order_by(col(StaffAccount.bound_at).desc())
    )
    return [Address(row.channel, row.user) for row in found.all()]


async def all_accounts(db: AsyncSession) -> dict[int, list[ChannelName]]:
    """Return on which channels each person has an account, by the person's number."""
    found: dict[int, list[ChannelName]] = {}
    for row in (await db.exec(select(StaffAccount).order_by(col(StaffAccount.channel)))).all():
        found.setdefault(row.staff_id, []).append(row.channel)
    return found


async def unbind(db: AsyncSession, staff_id: int, channel: str, user: str) -> bool:
    """Take an account from a person; False if it is not theirs."""
    result = await (await db.connection()).execute(
        delete(StaffAccount).where(
            col(StaffAccount.staff_id) == staff_id,
            col(StaffAccount.channel).in_([one for one in ChannelName if one == channel]),
            col(StaffAccount.user) == user,
        )
    )
    return result.rowcount == 1


async def rooms_by_desk(db: AsyncSession) -> dict[str, int]:
    """Return how many groups each desk has."""
    found = await db.exec(select(Room.desk, func.count()).group_by(col(Room.desk)))
    return dict(found.all())


async def rooms(db: AsyncSession, desk: str) -> list[Address]:
    """Return the groups in which *desk* hears of its cases."""
    found = await db.exec(select(Room).where(col(Room.desk) == desk).order_by(col(Room.bound_at)))
    return [Address(row.channel, row.user) for row in found.all()]


async def room(db: AsyncSession, where: Address) -> Room | None:
    """Return what the group *where* is bound to."""
    found = await db.exec(
        select(Room).where(col(Room.channel) == where.channel, col(Room.user) == where.user)
    )
    return found.first()


async def note_absence(
    db: AsyncSession, person: Staff, first: date, last: date, deputy: Staff | None
) -> Absence:
    """Note that *person* is away from *first* to *last*, both included."""
    row = Absence(
        staff_id=person.id or 0, first=first, last=last, deputy_id=deputy.id if deputy is not None else None
    )
    db.add(row)
    await db.flush()
    return row


async def absence(db: AsyncSession, staff_id: int, day: date) -> Absence | None:
    """Return the absence of a person that covers *day*, the one entered last."""
    found = await db.exec(
        select(Absence)
        .where(col(Absence.staff_id) == staff_id, col(Absence.first) <= day, col(Absence.last) >= day)
        .order_by(col(Absence.id).desc())
    )
    return found.first()


async def present(db: AsyncSession, person: Staff | None, day: date) -> Staff | None:
    """Return *person*, or whoever stands in on *day*; None when nobody of the chain is there."""
    seen: set[int] = set()
    while person is not None and person.id is not None and person.id not in seen:
        seen.add(person.id)
        away = await absence(db, person.id, day)
        if away is None:
            return person if person.disabled_at is None else None
        person = await db.get(Staff, away.deputy_id) if away.deputy_id is not None else None
    return None


def _hash(code: str) -> str:
    """Return what is kept of a code; spaces, dashes and case do not matter."""
    bare = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(bare.encode()).hexdigest()
