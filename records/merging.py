"""Two entries of the register that are one person become one: a person proposes, another one decides.

Never by the machine. What pointed to the entry that goes points to the one that stays: chat
accounts, recipients of letters, dossiers, other proposals. What the one that stays did not know
it learns. The house that mourns goes on mourning. For a moment it can be taken back.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import residents, trace
from records.cases import Staff
from records.console import MergeProposal
from records.letters import Dossier, Household, Letter, LetterState, Recipient, Resident, ResidentAddress

LEARNED: Final = ("gender", "born_year", "born_on", "quarter", "address", "phone", "household_id")
MOST_OPEN: Final = 200


class NotMergeable(Exception):
    """The two entries stay as they are; the text says why and what to do, in Vietnamese."""


@dataclass(frozen=True, kw_only=True)
class Uses:
    """What points to one entry of the register."""

    accounts: int
    letters: int
    dossiers: int


async def uses(db: AsyncSession, number: int) -> Uses:
    """Return how much points to a resident."""
    counted = [
        (await db.exec(select(func.count()).select_from(table).where(column == number))).one()
        for table, column in (
            (ResidentAddress, col(ResidentAddress.resident_id)),
            (Recipient, col(Recipient.resident_id)),
            (Dossier, col(Dossier.applicant_id)),
        )
    ]
    return Uses(accounts=counted[0], letters=counted[1], dossiers=counted[2])


def seal(keep: Resident, drop: Resident) -> str:
    """Return a mark of what both entries say, so that a decision is about what was shown."""
    said = [[str(getattr(one, name)) for name in Resident.model_fields] for one in (keep, drop)]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]


# --- proposing -----------------------------------------------------------------------------------


async def propose(
    db: AsyncSession, keep_id: int, drop_id: int, *, reason: str, by: Staff, now: datetime
) -> MergeProposal:
    """Propose that *drop_id* is the same person as *keep_id*, and goes. Raises NotMergeable."""
    keep, drop = await _both(db, keep_id, drop_id)
    _require_mergeable(keep, drop)
    if not reason.strip():
        raise NotMergeable("Cần ghi lý do: vì sao hai dòng này là một người.")
    if await _open_about(db, (keep_id, drop_id)):
        raise NotMergeable(
            "Một trong hai người này đang có đề nghị gộp chờ quyết định. Mời xem đề nghị ấy trước."
        )
    row = MergeProposal(
        keep_id=keep_id, drop_id=drop_id, reason=reason.strip()[:300], proposed_by=by.id or 0, proposed_at=now
    )
    db.add(row)
    await db.flush()
    await _traced(db, row, "merge.proposed", by, now)
    return row


async def _both(db: AsyncSession, keep_id: int, drop_id: int) -> tuple[Resident, Resident]:
    if keep_id == drop_id:
        raise NotMergeable("Hai dòng được chọn là một. Mời chọn hai dòng khác nhau.")
    found = await db.exec(
        select(Resident)
        .where(col(Resident.id).in_([keep_id, drop_id]))
        .order_by(col(Resident.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = {row.id: row for row in found.all()}
    if len(rows) < 2:  # noqa: PLR2004  both of them
        raise NotMergeable("Một trong hai dòng không còn trong danh sách. Mời tìm lại.")
    return rows[keep_id], rows[drop_id]


def _require_mergeable(keep: Resident, drop: Resident) -> None:
    if keep.deceased_on != drop.deceased_on:
        raise NotMergeable(
            "Một dòng ghi đã qua đời, dòng kia không, hoặc ghi ngày khác. Mời đối chiếu sổ khai tử và sửa cho khớp "
            "trước khi gộp."
        )


async def _open_about(db: AsyncSession, numbers: Sequence[int]) -> bool:
    found = await db.exec(
        select(MergeProposal.id).where(
            col(MergeProposal.decided_at).is_(None),
            col(MergeProposal.keep_id).in_(numbers) | col(MergeProposal.drop_id).in_(numbers),
        )
    )
    return found.first() is not None


async def waiting(db: AsyncSession) -> list[MergeProposal]:
    """Return the proposals nobody has decided, the oldest first."""
    found = await db.exec(
        select(MergeProposal)
        .where(col(MergeProposal.decided_at).is_(None))
        .order_by(col(MergeProposal.id))
        .limit(MOST_OPEN)
    )
    return list(found.all())


async def decided(db: AsyncSession, most: int = 30) -> list[MergeProposal]:
    """Return what was decided, the newest first."""
    found = await db.exec(
        select(MergeProposal)
        .where(col(MergeProposal.decided_at).is_not(None))
        .order_by(col(MergeProposal.decided_at).desc())
        .limit(most)
    )
    return list(found.all())


# --- deciding ------------------------------------------------------------------------------------


async def decline(db: AsyncSession, number: int, by: Staff, now: datetime) -> MergeProposal:
    """Say that they are two people; the proposer may do so too. Raises NotMergeable."""
    row = await _open(db, number)
    row.decided_by, row.decided_at, row.accepted = by.id, now, False
    db.add(row)
    await db.flush()
    await _traced(db, row, "merge.declined", by, now)
    return row


async def accept(db: AsyncSession, number: int, seen: str, by: Staff, now: datetime) -> dict[str, Any]:
    """Make the two one, as somebody else than the proposer has seen them (`seal`).

    Return what `take_back` needs. Raises NotMergeable; nothing is changed then.
    """
    row = await _open(db, number)
    if row.proposed_by == by.id:
        raise NotMergeable("Đề nghị này do chính anh/chị lập. Cần một người khác xem và quyết định.")
    keep, drop = await _both(db, row.keep_id, row.drop_id)
    _require_mergeable(keep, drop)
    if seen != seal(keep, drop):
        raise NotMergeable(
            "Thông tin của hai dòng vừa thay đổi từ khi anh/chị xem. Mời xem lại rồi quyết định."
        )
    await _require_no_greeting(db)
    row.decided_by, row.decided_at, row.accepted = by.id, now, True
    db.add(row)
    undo = await _join(db, keep, drop)
    await _traced(db, row, "merge.accepted", by, now)
    return {**undo, "proposal": number, "at": now.isoformat()}


async def _open(db: AsyncSession, number: int) -> MergeProposal:
    found = await db.exec(
        select(MergeProposal)
        .where(col(MergeProposal.id) == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = found.first()
    if row is None or row.decided_at is not None:
        raise NotMergeable("Đề nghị này không còn, hoặc đã có người quyết định.")
    return row


async def _require_no_greeting(db: AsyncSession) -> None:
    """A greeting goes from resident to resident by number: somebody who changes numbers would get two."""
    found = await db.exec(
        select(Letter.id).where(
            col(Letter.occasion).is_not(None),
            col(Letter.state) == LetterState.RELEASED,
            col(Letter.cursor) >= 0,
        )
    )
    if found.first() is not None:
        raise NotMergeable(
            "Đang phát lời chúc tới người dân. Mời gộp sau khi phát xong, để không ai nhận hai lần."
        )


async def _join(db: AsyncSession, keep: Resident, drop: Resident) -> dict[str, Any]:
    moved = await _move(db, keep.id or 0, drop.id or 0)
    learned = [name for name in LEARNED if not getattr(keep, name) and getattr(drop, name)]
    before = {name: _plain(getattr(keep, name)) for name in learned}
    for name in learned:
        setattr(keep, name, getattr(drop, name))
    db.add(keep)
    held = await _mourn_together(db, keep, drop)
    kept = {name: _plain(getattr(drop, name)) for name in Resident.model_fields}
    await db.delete(drop)
    await db.flush()
    return {"drop": kept, "keep": keep.id, "before": before, "held": held, "moved": moved}


async def _move(db: AsyncSession, keep: int, drop: int) -> dict[str, Any]:
    """Let everything that points to *drop* point to *keep*; return what did."""
    connection = await db.connection()
    accounts = await connection.execute(
        update(ResidentAddress)
        .where(col(ResidentAddress.resident_id) == drop)
        .values(resident_id=keep)
        .returning(col(ResidentAddress.channel), col(ResidentAddress.user))
    )
    recipients = await connection.execute(
        update(Recipient)
        .where(col(Recipient.resident_id) == drop)
        .values(resident_id=keep)
        .returning(col(Recipient.id))
    )
    papers = await connection.execute(
        update(Dossier)
        .where(col(Dossier.applicant_id) == drop)
        .values(applicant_id=keep)
        .returning(col(Dossier.id))
    )
    proposals = await connection.execute(
        update(MergeProposal)
        .where(col(MergeProposal.keep_id) == drop)
        .values(keep_id=keep)
        .returning(col(MergeProposal.id))
    )
    return {
        "accounts": [[str(channel), user] for channel, user in accounts],
        "recipients": list(recipients.scalars()),
        "dossiers": list(papers.scalars()),
        "proposals": list(proposals.scalars()),
        "candidates": await _move_candidates(db, keep, drop),
    }


async def _move_candidates(db: AsyncSession, keep: int, drop: int) -> list[list[Any]]:
    """Let letters that leave the choice to a person offer the one that stays."""
    found = await db.exec(
        select(Recipient)
        .join(Letter, col(Letter.id) == col(Recipient.letter_id))
        .where(
            col(Letter.state).in_([LetterState.INCOMPLETE, LetterState.DRAFTED, LetterState.CHECKED]),
            col(Recipient.resident_id).is_(None),
        )
    )
    moved: list[list[Any]] = []
    for row in found.all():
        if drop in row.candidates:
            moved.append([row.id, list(row.candidates)])
            row.candidates = list(dict.fromkeys(keep if one == drop else one for one in row.candidates))
            db.add(row)
    await db.flush()
    return moved


async def _mourn_together(db: AsyncSession, keep: Resident, drop: Resident) -> list[Any] | None:
    """Keep the house that stays from anything festive as long as the one that goes; return what it was before."""
    theirs = await db.get(Household, drop.household_id or 0, populate_existing=True)
    house = await db.get(Household, keep.household_id or 0, populate_existing=True)
    if theirs is None or house is None or theirs.mourning_until is None:
        return None
    if (house.mourning_until or date.min) >= theirs.mourning_until:
        return None
    before = [house.id, _plain(house.mourning_until)]
    house.mourning_until = theirs.mourning_until
    db.add(house)
    return before


# --- taking back ---------------------------------------------------------------------------------


async def take_back(db: AsyncSession, kept: Mapping[str, Any], by: Staff, now: datetime) -> None:
    """Make two of one again, as `accept` left it; the proposal waits anew. Raises NotMergeable."""
    keep = await db.get(Resident, kept["keep"], populate_existing=True)
    row = await db.get(MergeProposal, kept["proposal"], populate_existing=True)
    if keep is None or row is None or not row.accepted or await _has_left(db, kept):
        raise NotMergeable("Từ khi gộp đã có thư gửi đi hoặc thay đổi khác nên không hoàn tác được nữa.")
    drop = Resident(**{name: _read(name, value) for name, value in kept["drop"].items()})
    db.add(drop)
    await db.flush()
    for name, value in kept["before"].items():
        setattr(keep, name, _read(name, value))
    db.add(keep)
    await _move_back(db, drop.id or 0, kept["moved"])
    if kept["held"] is not None:
        house = await db.get(Household, kept["held"][0], populate_existing=True)
        if house is not None:
            house.mourning_until = _read("deceased_on", kept["held"][1])
            db.add(house)
    row.decided_by, row.decided_at, row.accepted = None, None, None
    db.add(row)
    await db.flush()
    await _traced(db, row, "merge.undone", by, now)


async def _has_left(db: AsyncSession, kept: Mapping[str, Any]) -> bool:
    """Tell whether a letter to the one who stays was signed or handed over since."""
    found = await db.exec(
        select(Recipient.id)
        .join(Letter, col(Letter.id) == col(Recipient.letter_id))
        .where(
            col(Recipient.resident_id) == kept["keep"],
            (col(Letter.signed_at) >= datetime.fromisoformat(kept["at"]))
            | (col(Recipient.handed_at) >= datetime.fromisoformat(kept["at"])),
        )
    )
    return found.first() is not None


async def _move_back(db: AsyncSession, drop: int, moved: Mapping[str, Any]) -> None:
    connection = await db.connection()
    for channel, user in moved["accounts"]:
        mine = (col(ResidentAddress.channel) == channel) & (col(ResidentAddress.user) == user)
        await connection.execute(update(ResidentAddress).where(mine).values(resident_id=drop))
    for table, column, ids in (
        (Recipient, "resident_id", moved["recipients"]),
        (Dossier, "applicant_id", moved["dossiers"]),
        (MergeProposal, "keep_id", moved["proposals"]),
    ):
        await connection.execute(update(table).where(col(table.id).in_(ids)).values({column: drop}))
    for number, candidates in moved["candidates"]:
        row = await db.get(Recipient, number, populate_existing=True)
        if row is not None:
            row.candidates = list(candidates)
            db.add(row)


def _plain(value: object) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _read(name: str, value: Any) -> Any:
    if name == "added_at":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name in ("born_on", "deceased_on") and value else value


async def _traced(db: AsyncSession, row: MergeProposal, what: str, by: Staff, now: datetime) -> None:
    detail = {"proposal": row.id, "keep": row.keep_id, "drop": row.drop_id}
    await trace.leave(db, who=by.login, what=what, on=f"resident:{row.keep_id}", detail=detail, now=now)


# --- who may be double ---------------------------------------------------------------------------


async def alike(db: AsyncSession, one: Resident, most: int = 10) -> list[Resident]:
    """Return who has the same name and nothing that speaks against being the same person."""
    found = await db.exec(
        select(Resident)
        .where(col(Resident.folded) == one.folded, col(Resident.id) != one.id)
        .order_by(col(Resident.id))
        .limit(most * 5)
    )
    return [row for row in found.all() if _may_be_one(row, one)][:most]


def _may_be_one(row: Resident, one: Resident) -> bool:
    differ = any(
        getattr(row, name) and getattr(one, name) and getattr(row, name) != getattr(one, name)
        for name in ("gender", "born_year", "born_on")
    )
    return not differ and residents.same_name(row.name, one.name)
