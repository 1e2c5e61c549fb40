"""Which chat account is whose: claimed from the account with a one-time code, verified by a person, undone.

A resident asks in chat and gets a code; at the desk somebody sees the identity card, finds the
person in the register, and binds. The code proves the account, the card proves the person; a
name or a telephone number proves neither. Only the hash of a code is kept, for a week.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import residents, rights, staff, trace
from records.dialect import upsert
from records.importers.titles import fold
from records.letters import AddressClaim, Recipient, Resident, ResidentAddress, Route
from records.tables import Address, ChannelName, Consent, Delivery, DeliveryState, Purpose

CODE_LIVES = timedelta(days=7)  # time to come by at the desk
CODE_LENGTH = 8  # of 31 letters: 39 bits, guessed by staff only, five times an hour
CHANNELS = frozenset({ChannelName.ZALO, ChannelName.TELEGRAM, ChannelName.WEB})  # those that take letters
MOST = 20  # people shown of one name
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that sounds or looks like another, read out or written
_ACCOUNT = ("channel", "user")
_AS_OWNER = (Purpose.LETTER, Purpose.GREETING, Purpose.SURVEY)  # what comes because of whose account it is
_UNBOUND = "tài khoản không còn gắn với người nhận"
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_QUARTER = re.compile(
    r"\b(?:tổ dân phố|to dan pho|tổ|to|tdp|khu phố|khu pho|kp|khu dân cư|khu dan cu|kdc|thôn|thon|ấp|ap|xóm|xom)"
    r"\s*(?:số|so)?\s*\d{1,3}\b",
    re.IGNORECASE,
)


class NotBindable(Exception):
    """The account stays as it is; the text says why and what to do, in Vietnamese."""


# --- the code ------------------------------------------------------------------------------------


async def claim(db: AsyncSession, who: Address, now: datetime) -> str:
    """Return a fresh code for *who*, as it is read out ("K7QX-9M2P"); an older one is no good any more."""
    code = _fresh()
    values = {
        "channel": who.channel,
        "user": who.user,
        "code_sha256": hashed(code),
        "made_at": now,
        "expires_at": now + CODE_LIVES,
    }
    await upsert(db, AddressClaim, _ACCOUNT, values, change=("code_sha256", "made_at", "expires_at"))
    return f"{code[:4]}-{code[4:]}"


def _fresh() -> str:
    """Return letters with a figure among them: no two words of a sentence are taken for a code."""
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
        if any(letter.isdigit() for letter in code):
            return code


def hashed(code: str) -> str:
    """Return what is kept of a code; spaces, dashes and case do not matter.

    >>> hashed("k7qx 9m2p") == hashed("K7QX-9M2P")
    True
    """
    bare = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(bare.encode()).hexdigest()


async def claimed(db: AsyncSession, code_sha256: str, now: datetime) -> AddressClaim | None:
    """Return which account a valid code speaks for, locked until the commit."""
    found = await db.exec(
        select(AddressClaim)
        .where(col(AddressClaim.code_sha256) == code_sha256, col(AddressClaim.expires_at) > now)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.first()


# --- the person ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Whom somebody looks for; empty where nothing was said."""

    name: str
    year: int | None = None
    quarter: str = ""


def wanted(text: str) -> Wanted:
    """Read a name, a year of birth and a quarter, in any order.

    >>> wanted("Nguyễn Văn Thử 1943, tổ 3")
    Wanted(name='Nguyễn Văn Thử', year=1943, quarter='tổ 3')
    """
    year, quarter = _YEAR.search(text), _QUARTER.search(text)
    rest = _YEAR.sub(" ", _QUARTER.sub(" ", text))
    name = " ".join(re.sub(r"[^\w\s'’-]|\d", " ", rest).split())
    return Wanted(name=name[:100], year=int(year[0]) if year else None, quarter=quarter[0] if quarter else "")


async def search(db: AsyncSession, one: Wanted) -> list[Resident]:
    """Return who has this name, however it is accented, and may have been born then and live there.

    The deceased are among them, so that whoever looks sees why nobody is bound.
    """
    if not one.name:
        return []
    found = await db.exec(
        select(Resident).where(col(Resident.folded) == fold(one.name)[:100]).order_by(col(Resident.id))
    )
    return [row for row in found.all() if _may_be(row, one)][:MOST]


def _may_be(row: Resident, one: Wanted) -> bool:
    if one.year and row.born_year and row.born_year != one.year:
        return False
    return not (one.quarter and row.quarter) or residents.same_quarter(row.quarter, one.quarter)


# --- binding -------------------------------------------------------------------------------------


async def owner(db: AsyncSession, who: Address) -> ResidentAddress | None:
    """Return to whom *who* is bound now; None for nobody."""
    row = await db.get(ResidentAddress, (who.channel, who.user), populate_existing=True)
    return row if row is not None and _is_open(row) else None


def _is_open(row: ResidentAddress) -> bool:
    return row.verified_at is not None and row.closed_at is None


async def accounts(db: AsyncSession, resident_id: int) -> list[ResidentAddress]:
    """Return every account that is or was a resident's, the open ones first."""
    found = await db.exec(
        select(ResidentAddress)
        .where(col(ResidentAddress.resident_id) == resident_id)
        .order_by(
            col(ResidentAddress.closed_at).is_not(None),
            col(ResidentAddress.verified_at),
            col(ResidentAddress.user),
        )
    )
    return list(found.all())


async def bind(db: AsyncSession, code_sha256: str, resident_id: int, *, by: str, now: datetime) -> Address:
    """Bind the account a code speaks for to a living resident, as *by* has seen; return the account.

    The code is used up. An account belongs to one person only. Raises NotBindable; nothing is
    changed then. A death of the resident commits before this, or after it and closes the account.
    """
    said = await claimed(db, code_sha256, now)
    if said is None:
        raise NotBindable("Mã đã dùng, đã thay bằng mã mới, hoặc quá 7 ngày. Mời người dân xin mã khác.")
    who = Address(ChannelName(said.channel), said.user)
    own = await staff.by_account(db, who)
    if own is not None and own.login == by:
        raise NotBindable("Đây là khung chat của chính người đang gắn. Mời nhờ một cán bộ khác đối chiếu.")
    await _require_living(db, resident_id)
    before = await _locked(db, who)
    if before is not None and _is_open(before):
        raise NotBindable(_taken(before, resident_id))
    if before is not None and before.resident_id != resident_id:
        await _ask_anew(db, who, said.made_at)
    row = before or ResidentAddress(channel=who.channel, user=who.user, resident_id=resident_id)
    row.resident_id, row.verified_at, row.verified_by, row.closed_at = resident_id, now, by[:100], None
    db.add(row)
    await db.delete(said)
    await db.flush()
    await _traced(db, row, "address.bound", by, now)
    return who


async def _require_living(db: AsyncSession, resident_id: int) -> None:
    found = await db.exec(
        select(Resident)
        .where(col(Resident.id) == resident_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = found.first()
    if row is None:
        raise NotBindable(f"Không có người dân số {resident_id} trong danh sách. Mời tìm lại.")
    if row.deceased_on is not None:
        raise NotBindable("Người này đã được ghi nhận qua đời nên không gắn tài khoản nào được.")


async def _locked(db: AsyncSession, who: Address) -> ResidentAddress | None:
    found = await db.exec(
        select(ResidentAddress)
        .where(col(ResidentAddress.channel) == who.channel, col(ResidentAddress.user) == who.user)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.first()


def _taken(before: ResidentAddress, resident_id: int) -> str:
    if before.resident_id == resident_id:
        return "Khung chat này đã gắn với chính người ấy từ trước; không cần làm gì thêm."
    return (
        f"Khung chat này đang gắn với người khác (người dân số {before.resident_id}). Nếu lần gắn ấy sai, "
        "mời gỡ ra trước rồi gắn lại."
    )


async def _ask_anew(db: AsyncSession, who: Address, since: datetime) -> None:
    """Let go what the account's owner before agreed to: a yes belongs to the person who said it."""
    await (await db.connection()).execute(
        delete(Consent).where(
            col(Consent.channel) == who.channel,
            col(Consent.user) == who.user,
            col(Consent.granted).is_(True),
            col(Consent.said_at) < since,
        )
    )


# --- undone --------------------------------------------------------------------------------------


async def unbind(db: AsyncSession, who: Address, *, by: str, now: datetime) -> int:
    """Close the account and stop what waits for it; return how many deliveries stayed at home.

    Raises NotBindable when it is bound to nobody.
    """
    row = await _locked(db, who)
    if row is None or not _is_open(row):
        raise NotBindable("Khung chat này không gắn với ai, hoặc đã gỡ từ trước.")
    row.closed_at = now
    db.add(row)
    await db.flush()
    await _traced(db, row, "address.unbound", by, now)
    return await let_go(db, who)


async def let_go(db: AsyncSession, who: Address) -> int:
    """Keep back what waits for *who* as somebody's account; their letters look for another way.

    What a sender holds in its hand at that moment has left. Return how many stayed at home.
    """
    result = await (await db.connection()).execute(
        update(Delivery)
        .where(
            col(Delivery.channel) == who.channel,
            col(Delivery.user) == who.user,
            col(Delivery.purpose).in_(_AS_OWNER),
            col(Delivery.state) == DeliveryState.QUEUED,
        )
        .values(state=DeliveryState.WITHHELD, error=_UNBOUND)
        .returning(col(Delivery.key))
    )
    kept = set(result.scalars())
    await _turn_round(db, who, kept)
    return len(kept)


async def _turn_round(db: AsyncSession, who: Address, kept: set[str]) -> None:
    """Let letters that had chosen this account, and have not left, choose again: another account, or paper.

    Who was found by the account alone, and by no register, keeps it.
    """
    found = await db.exec(
        select(Recipient).where(
            col(Recipient.channel) == who.channel,
            col(Recipient.user) == who.user,
            col(Recipient.resident_id).is_not(None),
            col(Recipient.route).in_([Route.CHAT, Route.WAITING]),
        )
    )
    for row in found.all():
        if row.route is Route.CHAT and f"letter:{row.letter_id}:{row.id}:{who.channel}" not in kept:
            continue  # `letters.keys` names deliveries so; whatever has left stays where it is
        row.route, row.channel, row.user, row.why = Route.UNDECIDED, None, None, _UNBOUND
        db.add(row)
    await db.flush()


async def forget(db: AsyncSession, who: Address) -> int:
    """Forget whose account *who* is, and any code it asked for; return how many rows went."""
    await let_go(db, who)
    connection, gone = await db.connection(), 0
    for table in (AddressClaim, ResidentAddress):  # in the order `bind` locks them
        mine = (col(table.channel) == who.channel) & (col(table.user) == who.user)
        gone += (await connection.execute(delete(table).where(mine))).rowcount
    return gone


async def seen(db: AsyncSession, by: str, rows: Sequence[Resident], now: datetime) -> None:
    """Seal that *by* looked at these people of the register."""
    detail = {"residents": [row.id for row in rows]}
    await trace.leave(db, who=by, what="residents.seen", on="residents", detail=detail, now=now)


async def named(db: AsyncSession, resident_id: int, said: str) -> Address | None:
    """Return the open account of a resident that is called so (`name`)."""
    for one in await accounts(db, resident_id):
        who = Address(ChannelName(one.channel), one.user)
        if _is_open(one) and name(db, who) == said:
            return who
    return None


def name(db: AsyncSession, who: Address) -> str:
    """Return how an account is called among those of its owner: its channel and the head of its pseudonym."""
    return f"{who.channel}-{rights.pseudonym(db, who).partition(':')[2][:8]}"


async def _traced(db: AsyncSession, row: ResidentAddress, what: str, by: str, now: datetime) -> None:
    """Seal what was done to an account, under the pseudonym by which its owner may find it."""
    who = Address(ChannelName(row.channel), row.user)
    detail = {"account": rights.pseudonym(db, who), "channel": str(who.channel)}
    await trace.leave(db, who=by, what=what, on=f"resident:{row.resident_id}", detail=detail, now=now)
