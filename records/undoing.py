"""A file that was brought in by mistake is taken out again, as long as nothing has come of it.

Whole or not at all: an event somebody has considered, a person somebody has bound an account
to, a row that was corrected since, and the file stays. What a run only changed cannot be
taken back here: the older file, brought in again, does that.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete
from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import dossiers, residents, trace
from records.letters import (
    CivilEvent,
    Dossier,
    DossierWatch,
    Household,
    ImportRun,
    Recipient,
    Resident,
    ResidentAddress,
)
from records.tables import Trace

AT_ONCE = 500  # ids in one sentence


class NotUndoable(Exception):
    """The run stays; the text says why and what to do, in Vietnamese."""


async def undo(
    db: AsyncSession,
    number: int,
    by: str,
    now: datetime,
    *,
    mourning_days: int = residents.MOURNING_DAYS,
) -> int:
    """Take out everything run *number* made; return how many rows. Raises NotUndoable, nothing is changed then."""
    run = await _run(db, number)
    left = await _left_by(db, number)
    made: dict[str, list[int]] = {name: list(_ids(spans)) for name, spans in left.get("made", {}).items()}
    await _require_untouched(db, run, made)
    await _revive(db, run, left, mourning_days)
    taken = await _delete(db, CivilEvent, col(CivilEvent.import_id) == number)
    taken += await _delete_all(db, Dossier, made.get("dossier", []))
    taken += await _delete_residents(db, made.get("resident", []))
    run.undone_at = now
    db.add(run)
    await trace.leave(
        db, who=by, what="import.undone", on=f"import:{number}", detail={"rows": taken}, now=now
    )
    return taken


async def _run(db: AsyncSession, number: int) -> ImportRun:
    found = await db.exec(select(ImportRun).where(col(ImportRun.id) == number).with_for_update())
    run = found.first()
    if run is None:
        raise NotUndoable(f"Không có lần nạp số {number}.")
    if run.undone_at is not None:
        raise NotUndoable(f"Lần nạp số {number} đã được hoàn tác trước đó.")
    if run.counts.get("changed"):
        raise NotUndoable(
            f"Lần nạp số {number} có {run.counts['changed']} dòng sửa dữ liệu cũ nên không hoàn tác được. "
            "Mời nạp lại tệp đúng: các dòng ấy sẽ được sửa theo tệp đúng."
        )
    return run


async def _left_by(db: AsyncSession, number: int) -> dict[str, Any]:
    found = await db.exec(
        select(Trace.detail).where(col(Trace.what) == "import", col(Trace.object) == f"import:{number}")
    )
    return dict(found.first() or {})


def _ids(spans: Sequence[Sequence[int]]) -> Iterator[int]:
    for first, last in spans:
        yield from range(first, last + 1)


# --- nothing has come of it ----------------------------------------------------------------------


async def _require_untouched(db: AsyncSession, run: ImportRun, made: dict[str, list[int]]) -> None:
    event = CivilEvent
    touched = await _count(
        db,
        event,
        col(event.import_id) == run.id,
        col(event.considered_at).is_not(None) | (col(event.revision) > 1),
    )
    if touched:
        raise NotUndoable(
            f"Có {touched} việc của lần nạp này đã được xem xét viết thư hoặc đã sửa về sau. "
            "Mời sửa từng dòng trong sổ rồi nạp lại; thư chưa ký sẽ trở về bản thảo."
        )
    for ids in _pieces(made.get("dossier", [])):
        await _require_quiet_dossiers(db, run, ids)
    for ids in _pieces(made.get("resident", [])):
        await _require_unknown_people(db, ids)


async def _require_quiet_dossiers(db: AsyncSession, run: ImportRun, ids: list[int]) -> None:
    found = await db.exec(select(Dossier).where(col(Dossier.id).in_(ids)))
    watched = await _count(db, DossierWatch, col(DossierWatch.dossier_id).in_(ids))
    for row in found.all():
        if row.changed_at != run.at or watched or await dossiers.keys_of(db, row):
            raise NotUndoable(
                "Có hồ sơ của lần nạp này đã thay đổi, đang được người dân theo dõi, hoặc đã báo sắp trễ hẹn."
            )


async def _require_unknown_people(db: AsyncSession, ids: list[int]) -> None:
    uses = (
        await _count(db, ResidentAddress, col(ResidentAddress.resident_id).in_(ids))
        + await _count(db, Recipient, col(Recipient.resident_id).in_(ids))
        + await _count(db, Dossier, col(Dossier.applicant_id).in_(ids))
        + await _count(db, Resident, col(Resident.id).in_(ids), col(Resident.deceased_on).is_not(None))
    )
    if uses:
        raise NotUndoable(
            "Có người của lần nạp này đã gắn tài khoản, đã có thư, hồ sơ, hoặc đã ghi nhận qua đời."
        )


async def _count(db: AsyncSession, table: type[SQLModel], *where: ColumnElement[bool]) -> int:
    return (await db.exec(select(func.count()).select_from(table).where(*where))).one()


# --- taken out -----------------------------------------------------------------------------------


async def _revive(db: AsyncSession, run: ImportRun, left: dict[str, Any], mourning_days: int) -> None:
    """Let those live whose death this run noted, and houses be festive that it held."""
    for number in _ids(left.get("deceased", [])):
        row = await db.get(Resident, number, populate_existing=True)
        if row is not None:
            await residents.revive(db, row, run.at, mourning_days=mourning_days)
    for number in _ids(left.get("held", [])):
        await residents.mourn_anew(db, number, mourning_days=mourning_days)


async def _delete_residents(db: AsyncSession, ids: list[int]) -> int:
    houses = set()
    for some in _pieces(ids):
        found = await db.exec(select(Resident.household_id).where(col(Resident.id).in_(some)))
        houses |= {number for number in found.all() if number is not None}
    taken = await _delete_all(db, Resident, ids)
    lived_in = select(col(Resident.household_id)).where(col(Resident.household_id).is_not(None))
    for some in _pieces(sorted(houses)):
        await _delete(db, Household, col(Household.id).in_(some) & col(Household.id).not_in(lived_in))
    return taken


async def _delete_all(db: AsyncSession, table: type[Dossier | Resident], ids: list[int]) -> int:
    return sum([await _delete(db, table, col(table.id).in_(some)) for some in _pieces(ids)])


async def _delete(db: AsyncSession, table: type[SQLModel], where: ColumnElement[bool]) -> int:
    result = await (await db.connection()).execute(delete(table).where(where))
    return result.rowcount


def _pieces(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
