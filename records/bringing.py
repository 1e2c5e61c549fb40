"""A register that was handed in is tried, then brought in, run by run; a crash between two runs costs nothing.

Every run is one transaction, and how far the upload has come is written in the same one. So
after a kill the next start goes on with the first run that is not there. Trying is bringing in,
and rolling back.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from records import importing
from records.console import Upload, UploadState
from records.database import Database
from records.importers import Kind, Reading, Refusal
from records.importing import File, Imported, Met

SHOWN: Final = 200  # refused rows the page lists; the sheet has all of them
MOST_DOUBTS: Final = 20
Pause = Callable[[], Awaitable[None]]  # between two runs: others may write then
After = Callable[[AsyncSession, Imported], Awaitable[None]]  # what else belongs into the same transaction
Progress = Callable[[int], Awaitable[None]]  # rows tried so far


async def rehearse(
    database: Database,
    pieces: list[Reading],
    file: File,
    now: datetime,
    *,
    mourning_days: int,
    pause: Pause,
    progress: Progress,
) -> Imported:
    """Return what would become of a register; nothing is written. *progress* hears of every piece."""
    runs, met = [], Met()
    for number, piece in enumerate(pieces, start=1):
        runs.append(await _tried(database, piece, file, now, mourning_days=mourning_days, met=met))
        met = Met(people=met.people)  # a roof that was put up here is gone again
        await progress(sum(len(one.rows) for one in pieces[:number]))
        await pause()
    return importing.whole(pieces[0], runs)


async def _tried(
    database: Database, piece: Reading, file: File, now: datetime, *, mourning_days: int, met: Met
) -> Imported:
    async with database.writing() as db, db.begin_nested() as point:
        done = await importing.take(db, piece, file, now, mourning_days=mourning_days, met=met)
        db.expunge_all()  # whom the run met stays readable after the way back
        await point.rollback()
    return done


async def met_before(
    database: Database, pieces: list[Reading], file: File, now: datetime, *, mourning_days: int
) -> Met:
    """Return whom runs that are in already had met: they are tried once more, and change nothing."""
    met = Met()
    for piece in pieces:
        if piece.kind is Kind.RESIDENTS:  # the only register in which one row asks for another
            await _tried(database, piece, file, now, mourning_days=mourning_days, met=met)
    return met


async def bring(
    database: Database,
    number: int,
    piece: Reading,
    file: File,
    now: datetime,
    *,
    mourning_days: int,
    met: Met,
    after: After,
) -> bool:
    """Bring the next run of upload *number* in, and note it, in one transaction; False when it may not go on."""
    async with database.writing() as db:
        row = await db.get(Upload, number, populate_existing=True, with_for_update=True)
        if row is None or row.state is not UploadState.APPLYING:
            return False
        done = await importing.take(db, piece, file, now, mourning_days=mourning_days, met=met)
        await after(db, done)
        row.result = added(row.result, done)
        row.import_id = row.import_id or done.run_id
        row.done += len(piece.rows)
        row.changed_at = now
        db.add(row)
    return True


def added(result: dict[str, Any], done: Imported) -> dict[str, Any]:
    """Return what is known of an upload after one more run."""
    before = result.get("applied", {})
    refused = [*result.get("refused_then", []), *map(packed, done.reading.refusals)]
    return {
        **result,
        "applied": {name: before.get(name, 0) + more for name, more in done.counts.items()},
        "runs": [*result.get("runs", []), done.run_id],
        "refused_then": refused[:SHOWN],
        "doubts_then": [*result.get("doubts_then", []), *done.doubts][:MOST_DOUBTS],
    }


def tried(result: dict[str, Any], done: Imported) -> dict[str, Any]:
    """Return what is known of an upload once it was tried."""
    return {
        **result,
        "tried": dict(done.counts),
        "refused": [packed(one) for one in sorted(done.reading.refusals, key=lambda one: one.row)[:SHOWN]],
        "changes": [[one.row, list(one.facts)] for one in done.changes[:SHOWN]],
        "notes": list(done.reading.notes),
        "doubts": list(done.doubts)[:MOST_DOUBTS],
    }


def packed(one: Refusal) -> list[Any]:
    """Return a refusal as it is kept: row, column, what stood there, why, what to do."""
    return [one.row, one.column, one.found, one.why, one.todo]
