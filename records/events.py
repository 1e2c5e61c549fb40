"""What happened, noted once: under the key of its register entry, with a revision for each change.

Noting the same thing again changes nothing; noting it differently makes a new revision, which
whoever writes letters has to consider anew. A cancelled event stays, and may be noted again.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.dialect import insert_new
from records.letters import CivilEvent, EventKind

Facts = Mapping[str, object]


class Noted(StrEnum):
    """What noting came to."""

    NEW = "new"
    KNOWN = "known"  # nothing was changed
    CHANGED = "changed"  # a new revision


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """An event as it stands now; `changes` names the facts that differ from before, `before` what they were."""

    event: CivilEvent
    noted: Noted
    changes: tuple[str, ...] = ()
    before: Mapping[str, Any] | None = None


async def note(
    db: AsyncSession,
    *,
    key: str,
    kind: EventKind,
    happened_on: date,
    facts: Facts,
    now: datetime,
    import_id: int | None = None,
    reported_by: str = "",
    confirmed_by: str = "",
) -> Outcome:
    """Note what happened. A fact that is not named stays as it was; one that is None is struck out.

    Whoever changes what was reported is its reporter from then on, and it must be confirmed anew.
    """
    said = plain(facts)
    row = {
        "key": key,
        "kind": kind,
        "happened_on": happened_on,
        "facts": {name: value for name, value in said.items() if value is not None},
        "import_id": import_id,
        "reported_by": reported_by[:100],
        "confirmed_by": confirmed_by[:100],
        "noted_at": now,
        "changed_at": now,
        "revision": 1,
    }
    row["facts_sha256"] = seal(row["facts"])  # type: ignore[arg-type]  # built two lines above
    if await insert_new(db, CivilEvent, row):
        return Outcome(event=await _locked(db, key), noted=Noted.NEW)
    return await _again(db, await _locked(db, key), said, happened_on, now=now, by=reported_by[:100])


async def _again(
    db: AsyncSession, event: CivilEvent, said: Mapping[str, Any], happened_on: date, *, now: datetime, by: str
) -> Outcome:
    before = dict(event.facts)
    after = {name: value for name, value in {**before, **said}.items() if value is not None}
    changes = tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))
    if not changes and event.happened_on == happened_on and event.cancelled_at is None:
        return Outcome(event=event, noted=Noted.KNOWN)
    event.facts, event.facts_sha256, event.happened_on = after, seal(after), happened_on
    event.cancelled_at = None
    if by:
        event.reported_by, event.confirmed_by = by, ""
    await revise(db, event, now)
    return Outcome(event=event, noted=Noted.CHANGED, changes=changes or ("happened_on",), before=before)


async def revise(db: AsyncSession, event: CivilEvent, now: datetime) -> None:
    """Make a new revision of *event*, to be considered anew."""
    event.revision += 1
    event.changed_at, event.considered_at = now, None
    db.add(event)
    await db.flush()


async def confirm(db: AsyncSession, event: CivilEvent, by: str, now: datetime) -> bool:
    """Note that a second person stands for what was reported; False when it is the same person, or done."""
    if event.confirmed_by or event.cancelled_at is not None or not by or by == event.reported_by:
        return False
    event.confirmed_by = by[:100]
    await revise(db, event, now)
    return True


async def cancel(db: AsyncSession, keys: Sequence[str], now: datetime) -> int:
    """Say that these did not happen, or do not matter any more; letters not yet gone are kept back."""
    result = await (await db.connection()).execute(
        update(CivilEvent)
        .where(col(CivilEvent.key).in_(list(keys)), col(CivilEvent.cancelled_at).is_(None))
        .values(cancelled_at=now, changed_at=now, considered_at=None, revision=col(CivilEvent.revision) + 1)
        .execution_options(synchronize_session=False)
    )
    return result.rowcount


async def by_key(db: AsyncSession, key: str, *, lock: bool = False) -> CivilEvent | None:
    """Return the event of that key, as it stands in the database now."""
    wanted = select(CivilEvent).where(col(CivilEvent.key) == key).execution_options(populate_existing=True)
    return (await db.exec(wanted.with_for_update() if lock else wanted)).first()


async def unconfirmed(db: AsyncSession, kind: EventKind, limit: int = 20) -> list[CivilEvent]:
    """Return what one person told and nobody has confirmed yet, the oldest first."""
    found = await db.exec(
        select(CivilEvent)
        .where(
            col(CivilEvent.kind) == kind,
            col(CivilEvent.confirmed_by) == "",
            col(CivilEvent.cancelled_at).is_(None),
        )
        .order_by(col(CivilEvent.id))
        .limit(limit)
    )
    return list(found.all())


async def _locked(db: AsyncSession, key: str) -> CivilEvent:
    event = await by_key(db, key, lock=True)
    if event is None:  # insert_new has just said that it is there
        raise LookupError(key)
    return event


def plain(facts: Facts) -> dict[str, Any]:
    """Return *facts* as they are kept: dates in ISO 8601."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()}


def seal(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of kept facts, whatever their order."""
    words = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()
