"""A register is taken back together with the drafts that came of it, as long as nobody has signed one.

`undoing` lets a run go only while nothing has come of its events. The clock looks at new events
every few minutes, so there are drafts soon: what nobody has signed has not left the house, and
goes with the run. One signed letter, and the whole register stays.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import residents, trace, undoing
from records.letters import CivilEvent, ImportRun, Letter, LetterState, Recipient
from records.undoing import NotUndoable

# Nothing of these has left the house: unsigned, given back, or kept back before it was signed.
_AT_HOME: Final = frozenset(
    {
        LetterState.INCOMPLETE,
        LetterState.DRAFTED,
        LetterState.CHECKED,
        LetterState.REJECTED,
        LetterState.WITHHELD,
    }
)


async def retract(
    db: AsyncSession,
    runs: Sequence[int],
    by: str,
    now: datetime,
    *,
    mourning_days: int = residents.MOURNING_DAYS,
) -> int:
    """Take back all *runs* of one register, the newest first; return how many rows went.

    Whole or not at all: raises NotUndoable with the reason, and the caller's transaction must
    then be rolled back.
    """
    left = await _standing(db, runs)
    if not left:
        raise NotUndoable("Lần nạp này đã được hoàn tác trước đó.")
    taken = 0
    for number in sorted(left, reverse=True):
        await _unwrite(db, number, by, now)
        taken += await undoing.undo(db, number, by, now, mourning_days=mourning_days)
    return taken


async def _standing(db: AsyncSession, runs: Sequence[int]) -> list[int]:
    found = await db.exec(
        select(ImportRun.id).where(col(ImportRun.id).in_(list(runs)), col(ImportRun.undone_at).is_(None))
    )
    return [number for number in found.all() if number is not None]


async def _unwrite(db: AsyncSession, number: int, by: str, now: datetime) -> None:
    """Let the unsigned letters of a run's events go, so that nothing has come of them."""
    found = await db.exec(
        select(Letter)
        .join(CivilEvent, col(CivilEvent.id) == col(Letter.event_id))
        .where(col(CivilEvent.import_id) == number)
        .with_for_update()
    )
    letters = list(found.all())
    gone = [row for row in letters if row.state not in _AT_HOME or row.signed_at is not None]
    if gone:
        raise NotUndoable(
            f"Có {len(gone)} thư viết từ lần nạp này đã ký hoặc đã gửi nên không hoàn tác được. "
            "Thư chưa gửi thì mời dừng ở bàn Thư; sổ sai thì mời sửa rồi nạp lại tệp đúng."
        )
    await _forget(db, [row.id or 0 for row in letters])
    await (await db.connection()).execute(
        update(CivilEvent)
        .where(col(CivilEvent.import_id) == number, col(CivilEvent.revision) == 1)
        .values(considered_at=None)
    )
    if letters:
        detail = {"letters": len(letters)}
        await trace.leave(db, who=by, what="import.unwritten", on=f"import:{number}", detail=detail, now=now)


async def _forget(db: AsyncSession, letters: Sequence[int]) -> None:
    connection = await db.connection()
    for start in range(0, len(letters), undoing.AT_ONCE):
        some = list(letters[start : start + undoing.AT_ONCE])
        await connection.execute(delete(Recipient).where(col(Recipient.letter_id).in_(some)))
        await connection.execute(delete(Letter).where(col(Letter.id).in_(some)))


async def drafted(db: AsyncSession, runs: Sequence[int], most: int = 50) -> list[Letter]:
    """Return the letters that came of these runs, the newest first."""
    found = await db.exec(
        select(Letter)
        .join(CivilEvent, col(CivilEvent.id) == col(Letter.event_id))
        .where(col(CivilEvent.import_id).in_(list(runs)[:200]))
        .order_by(col(Letter.id).desc())
        .limit(most)
    )
    return list(found.all())
