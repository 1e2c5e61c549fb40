"""The register of what people ask about their own data, and the one-time link to a copy of it.

Every request has a row, with the day by which it is answered; what is done at once is done
in the same transaction. A link is the row of its request: we keep the hash of its token and
which of its two forms were fetched.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import outbox, trace
from records.cases import DataRequest, RequestKind
from records.tables import Address, Purpose

ANSWER_DAYS = 2  # working days: Luật 91/2025/QH15, Nghị định 356/2025/NĐ-CP; looked up 2026-11-20
LINK_LIVES = timedelta(hours=1)
OURSELVES = "hệ thống"  # who did what is done at once
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits


class Form(StrEnum):
    """In which form a copy is fetched; each once a link."""

    FILE = "tep"
    PAGE = "trang"


def pseudonym(db: AsyncSession, who: Address) -> str:
    """Return the name of *who* in the sealed history: found again by whoever knows the address and the key.

    What is sealed cannot be deleted, so it must not hold an address.
    """
    key: bytes = db.info.get("audit_key", b"")
    return "person:" + hmac.new(key, f"{who.channel}:{who.user}".encode(), hashlib.sha256).hexdigest()[:32]


async def ask(
    db: AsyncSession,
    who: Address,
    kind: RequestKind,
    *,
    now: datetime,
    due_at: datetime,
    detail: str | None = None,
    done: str = "",
) -> DataRequest:
    """Register a request; *done* tells how it ended, when it was done at once."""
    row = DataRequest(
        kind=kind, channel=who.channel, user=who.user, detail=detail, asked_at=now, due_at=due_at
    )
    if done:
        row.done_at, row.done_by, row.outcome = now, OURSELVES, done[:500]
    db.add(row)
    await db.flush()
    detail_of_trace = {"kind": str(kind), "done": bool(done)}
    await trace.leave(db, who="resident", what="rights.asked", on=name(row), detail=detail_of_trace, now=now)
    return row


def name(row: DataRequest) -> str:
    """Return how the history and the register of erasures name a request."""
    return f"request:{row.id}"


async def waiting(db: AsyncSession, limit: int = 200) -> list[DataRequest]:
    """Return the requests nobody has dealt with, the most pressing first."""
    found = await db.exec(
        select(DataRequest)
        .where(col(DataRequest.done_at).is_(None))
        .order_by(col(DataRequest.due_at), col(DataRequest.id))
        .limit(limit)
    )
    return list(found.all())


async def of(db: AsyncSession, who: Address, limit: int = 50) -> list[DataRequest]:
    """Return what one person asked, the newest first."""
    found = await db.exec(
        select(DataRequest)
        .where(col(DataRequest.channel) == who.channel, col(DataRequest.user) == who.user)
        .order_by(col(DataRequest.id).desc())
        .limit(limit)
    )
    return list(found.all())


async def number(db: AsyncSession, wanted: int) -> DataRequest | None:
    """Return the request that waits under this number, locked until the commit."""
    found = await db.exec(
        select(DataRequest)
        .where(col(DataRequest.id) == wanted, col(DataRequest.done_at).is_(None))
        .with_for_update()
    )
    return found.first()


async def done(db: AsyncSession, wanted: int, *, by: str, outcome: str, told: str, now: datetime) -> bool:
    """Close a waiting request and tell the resident *told*; False when there is none that waits."""
    row = await number(db, wanted)
    if row is None:
        return False
    row.done_at, row.done_by, row.outcome = now, by[:100], outcome[:500]
    db.add(row)
    await db.flush()
    await outbox.put(
        db,
        key=f"rights:{row.id}:done",
        to=Address(row.channel, row.user),
        purpose=Purpose.REPLY,
        text=told,
        now=now,
    )
    await trace.leave(db, who=by, what="rights.done", on=name(row), detail={"kind": str(row.kind)}, now=now)
    return True


async def open_link(db: AsyncSession, who: Address, *, now: datetime, due_at: datetime, done: str) -> str:
    """Return a token nobody can guess that opens the data of *who* for an hour, once in each form."""
    token = secrets.token_urlsafe(32)
    await ask(db, who, RequestKind.EXPORT, now=now, due_at=due_at, detail=_kept(token), done=done)
    return token


async def is_open(db: AsyncSession, token: str, now: datetime) -> bool:
    """Tell whether *token* still opens something."""
    return bool(await _left(db, token, now))


async def use_link(db: AsyncSession, token: str, form: Form, now: datetime) -> Address | None:
    """Return whose data *token* opens in this *form*, and close that form; None for anything else."""
    for row in await _left(db, token, now):
        used = row.detail or ""
        if f" {form}" in used:
            return None
        result = await (await db.connection()).execute(
            update(DataRequest)
            .where(col(DataRequest.id) == row.id, col(DataRequest.detail) == used)
            .values(detail=f"{used} {form}")
        )
        if result.rowcount == 1:
            on, detail = name(row), {"form": str(form)}
            await trace.leave(db, who="resident", what="rights.fetched", on=on, detail=detail, now=now)
            return Address(row.channel, row.user)
    return None


async def _left(db: AsyncSession, token: str, now: datetime) -> list[DataRequest]:
    """Return the row of *token* while it lives and one of its forms is left."""
    if not _TOKEN.fullmatch(token):
        return []
    found = await db.exec(
        select(DataRequest).where(
            col(DataRequest.kind) == RequestKind.EXPORT,
            col(DataRequest.asked_at) > now - LINK_LIVES,
            col(DataRequest.detail).startswith(_kept(token)),
        )
    )
    return [row for row in found.all() if (row.detail or "").count(" ") < len(Form)]


def _kept(token: str) -> str:
    return "link:" + hashlib.sha256(token.encode()).hexdigest()
