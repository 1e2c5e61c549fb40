"""Dossiers as the one-stop desk's register tells them: where each stands, by when it is promised.

A promise is put off once at most. A later date in the register is such a putting-off, unless the
clock had stood still for the applicant to bring more; a second one is refused, and whoever
calls tells the chairperson. An older sheet than the last never turns a dossier back.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func as sql
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import events, residents
from records.dialect import insert_new
from records.importers.titles import fold
from records.letters import CivilEvent, Dossier, DossierState, DossierWatch, EventKind
from records.residents import Person
from records.tables import Address

S = DossierState
OPEN = frozenset({S.TAKEN, S.SUPPLEMENT, S.SUSPENDED})
STILL = frozenset({S.SUPPLEMENT, S.SUSPENDED})  # the clock stands still
ENDED = frozenset({S.HANDED, S.REJECTED, S.WITHDRAWN})

# What registers write as a state, folded; the first that is found in it. Thông tư
# 03/2025/TT-VPCP, mẫu 01–06, and how one-stop programs name the same.
_SAID: tuple[tuple[str, DossierState], ...] = (
    ("rut ho so", S.WITHDRAWN),
    ("cong dan rut", S.WITHDRAWN),
    ("tu choi", S.REJECTED),
    ("khong tiep nhan", S.REJECTED),
    ("dung giai quyet", S.REJECTED),
    ("bo sung", S.SUPPLEMENT),
    ("tam dung", S.SUSPENDED),
    ("da tra", S.HANDED),
    ("cho tra", S.READY),
    ("co ket qua", S.READY),
    ("hoan thanh", S.READY),
    ("da giai quyet", S.READY),
    ("da xu ly", S.READY),
    ("dang", S.TAKEN),
    ("cho", S.TAKEN),
    ("moi", S.TAKEN),
    ("tiep nhan", S.TAKEN),
    ("da nhan", S.TAKEN),
)
# Dossiers whose very subject tells of somebody's trouble (the ward's rule: nothing but "there is
# a result" is said of them in chat). Folded words of the procedure's name or the remark.
_SENSITIVE = (
    *("nhay cam", "bao luc", "nan nhan", "tam lanh", "xac nhan tinh trang", "tam than", "hiv", "ma tuy"),
    *("khuyet tat", "ly hon", "cha me con", "nhan con", "con nuoi", "bo roi", "xam hai", "cai nghien"),
)
_CODE = re.compile(r"\d\.\d{6}")  # the national code at the head of "1.001193.000.00.00.H26"


class Refused(Exception):
    """The register says what cannot be: `why` and `todo` are sentences for the clerk, `column` where."""

    def __init__(self, column: str, why: str, todo: str) -> None:
        super().__init__(why)
        self.column, self.why, self.todo = column, why, todo


class SecondAppointment(Refused):
    """The promise was put off once already; the chairperson is to be told."""

    def __init__(self, code: str, due_on: date | None, wanted: date) -> None:
        super().__init__(
            "due_on",
            f"hồ sơ đã hẹn lại một lần ({_day(due_on)}), không được hẹn lại lần hai ({_day(wanted)})",
            "Mời báo Chủ tịch Ủy ban nhân dân quyết định; ngày hẹn đang giữ không đổi.",
        )
        self.code, self.due_on, self.wanted = code, due_on, wanted


@dataclass(frozen=True, kw_only=True)
class Upserted:
    """A dossier as it stands now, and the columns that changed."""

    dossier: Dossier
    noted: events.Noted
    changes: tuple[str, ...] = ()


# --- from the register ---------------------------------------------------------------------------


async def upsert(db: AsyncSession, facts: events.Facts, now: datetime) -> Upserted:
    """Bring one row of the register in. Raises Refused; nothing is changed then."""
    told = _told(facts)
    person = _applicant(facts)
    fresh = {
        **told,
        "applicant_id": await _whose(db, person),
        "state": told["state"] or S.TAKEN,
        "original_due_on": told["current_due_on"],
        "reappointments": 0,
        "delay_reason": "",
        "changed_at": now,
    }
    if await insert_new(db, Dossier, fresh):
        return Upserted(dossier=await _locked(db, str(told["receipt_code"])), noted=events.Noted.NEW)
    row = await _locked(db, str(told["receipt_code"]))
    another = any(told[name] not in ("", getattr(row, name)) for name in _APPLICANT)
    done = await _again(db, row, told, now)
    if another or row.applicant_id is None:  # people may have come into the register since
        await _belongs(db, row, await _whose(db, person))
    return done


_APPLICANT = ("applicant_name", "applicant_phone")


def _applicant(facts: events.Facts) -> Person:
    """Return the applicant as the row tells of them; some registers know more than a name and a number."""
    born = facts.get("applicant_born")
    return Person(
        name=str(facts.get("applicant_name") or ""),
        born_on=born if isinstance(born, date) else None,
        born_year=born if isinstance(born, int) else None,
        address=str(facts.get("applicant_address") or ""),
        phone=str(facts.get("applicant_phone") or ""),
    )


async def _whose(db: AsyncSession, person: Person) -> int | None:
    found = await residents.applicant(db, person) if person.name else None
    return found.id if found is not None else None


async def _belongs(db: AsyncSession, row: Dossier, applicant_id: int | None) -> None:
    """Tie the dossier to its applicant, or to nobody; the register's row has not changed by that."""
    if row.applicant_id != applicant_id:
        row.applicant_id = applicant_id
        db.add(row)
        await db.flush()


def _told(facts: events.Facts) -> dict[str, Any]:
    """Return a row as columns; None where the register says nothing."""
    text = {name: str(facts.get(name) or "") for name in ("procedure_name", "remark", "procedure_code")}
    code = _CODE.match(text["procedure_code"])
    sensitive = fold(f"{text['procedure_name']} {text['remark']}")
    return {
        "receipt_code": str(facts["code"])[:60],
        "procedure_code": code[0] if code else text["procedure_code"][:20],
        "procedure_name": text["procedure_name"][:300],
        "unit": str(facts.get("unit") or "")[:100],
        "applicant_name": str(facts.get("applicant_name") or "")[:100],
        "applicant_phone": str(facts.get("applicant_phone") or "")[:20],
        "state": _state(facts),
        "sensitive": any(words in sensitive for words in _SENSITIVE),
        "taken_on": facts["taken_on"],
        "current_due_on": facts.get("due_on"),
        "ready_on": facts.get("finished_on") or facts.get("returned_on"),
        "handed_on": facts.get("returned_on"),
    }


def _state(facts: events.Facts) -> DossierState | None:
    """Return where the register says the dossier stands; its dates must not say otherwise."""
    words = fold(str(facts.get("state") or ""))
    said = next((state for part, state in _SAID if part in words), None)
    dated = S.HANDED if facts.get("returned_on") else S.READY if facts.get("finished_on") else None
    if dated is None:
        return said
    if said in (S.SUPPLEMENT, S.SUSPENDED) or (said is S.TAKEN and dated is S.HANDED):
        raise Refused(
            "state",
            "trạng thái trái với ngày có kết quả, ngày trả kết quả của cùng dòng",
            "Mời sửa trạng thái hoặc bỏ ngày ghi nhầm, rồi nạp lại.",
        )
    return said if said in (S.REJECTED, S.WITHDRAWN) else dated


async def _again(db: AsyncSession, row: Dossier, told: Mapping[str, Any], now: datetime) -> Upserted:
    state = told["state"] or row.state
    _require_forward(row, state)
    values = {name: told[name] for name in _PLAIN if told[name] not in ("", None)}
    values |= {"state": state, "sensitive": row.sensitive or told["sensitive"]}
    values |= _promise(row, told["current_due_on"])
    changes = tuple(name for name, value in values.items() if getattr(row, name) != value)
    if not changes:
        return Upserted(dossier=row, noted=events.Noted.KNOWN)
    for name in changes:
        setattr(row, name, values[name])
    row.changed_at = now
    db.add(row)
    await db.flush()
    await _let_rest(db, row, now)
    return Upserted(dossier=row, noted=events.Noted.CHANGED, changes=changes)


_PLAIN = (
    *("procedure_code", "procedure_name", "unit", "applicant_name", "applicant_phone"),
    *("taken_on", "ready_on", "handed_on"),
)


def _require_forward(row: Dossier, state: DossierState) -> None:
    back = (row.state in ENDED and state != row.state) or (row.state is S.READY and state in OPEN)
    if back:
        raise Refused(
            "state",
            f"hồ sơ đã ở trạng thái “{NAMES[row.state]}”, tệp lại ghi “{NAMES[state]}”; tệp có thể đã cũ",
            "Mời xuất lại tệp mới nhất; nếu lần nạp trước sai, mời hoàn tác lần nạp ấy.",
        )


def _promise(row: Dossier, due_on: date | None) -> dict[str, Any]:
    """Return what a date in the register changes of the promise. Raises SecondAppointment."""
    known = row.reappointments and due_on == row.original_due_on  # told here, not yet in the register
    if due_on is None or due_on == row.current_due_on or known:
        return {}
    earlier = row.current_due_on is None or due_on < row.current_due_on
    if row.state in STILL or earlier:
        first = {} if row.reappointments else {"original_due_on": due_on}
        return {"current_due_on": due_on, **first}
    if row.reappointments:
        raise SecondAppointment(row.receipt_code, row.current_due_on, due_on)
    return {"current_due_on": due_on, "reappointments": 1}


NAMES: Mapping[DossierState, str] = {
    S.TAKEN: "đang giải quyết",
    S.SUPPLEMENT: "chờ người nộp bổ sung",
    S.SUSPENDED: "tạm dừng",
    S.READY: "đã có kết quả",
    S.HANDED: "đã trả kết quả",
    S.REJECTED: "không giải quyết",
    S.WITHDRAWN: "người nộp đã rút",
}


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "chưa có ngày"


# --- what staff decide ---------------------------------------------------------------------------


async def put_off(db: AsyncSession, row: Dossier, due_on: date, reason: str, now: datetime) -> None:
    """Put the promise off, once; the very date it was put off to is no second time.

    Raises SecondAppointment, or Refused where there is nothing to put off.
    """
    again = bool(row.reappointments) and due_on == row.current_due_on
    if not again:
        _require_first(row, due_on)
    row.current_due_on, row.reappointments, row.delay_reason = due_on, 1, reason[:500]
    row.changed_at = now
    db.add(row)
    await db.flush()


def _require_first(row: Dossier, due_on: date) -> None:
    if row.state is not S.TAKEN or row.current_due_on is None or due_on <= row.current_due_on:
        raise Refused(
            "due_on",
            "chỉ hẹn lại được hồ sơ đang giải quyết, sang một ngày sau ngày hẹn cũ",
            "Mời xem lại trạng thái hồ sơ và ngày hẹn.",
        )
    if row.reappointments:
        raise SecondAppointment(row.receipt_code, row.current_due_on, due_on)


async def _let_rest(db: AsyncSession, row: Dossier, now: datetime) -> None:
    """Take back apologies that are owed no more: done in time, or the clock stands still."""
    in_time = (
        row.ready_on is not None and row.original_due_on is not None and row.ready_on <= row.original_due_on
    )
    if row.state in STILL or row.state in (S.REJECTED, S.WITHDRAWN) or in_time:
        await events.cancel(db, await keys_of(db, row), now)
    if row.state in OPEN:
        await (await db.connection()).execute(
            update(DossierWatch).where(col(DossierWatch.dossier_id) == row.id).values(told_at=None)
        )


async def keys_of(db: AsyncSession, row: Dossier) -> list[str]:
    """Return the keys of the events about lateness of this dossier."""
    heads = [f"{kind}:{row.receipt_code}:" for kind in (EventKind.DUE_SOON, EventKind.OVERDUE)]
    found = await db.exec(
        select(CivilEvent.key).where(
            col(CivilEvent.key).startswith(heads[0], autoescape=True)
            | col(CivilEvent.key).startswith(heads[1], autoescape=True)
        )
    )
    return list(found.all())


# --- looked up -----------------------------------------------------------------------------------


async def by_code(db: AsyncSession, said: str, *, lock: bool = False) -> Dossier | None:
    """Return the dossier *said* names, however its dots and dashes were typed; None when two may be meant."""
    wanted = select(Dossier).execution_options(populate_existing=True)
    wanted = wanted.with_for_update() if lock else wanted
    squeezed = sql.replace(sql.replace(sql.replace(col(Dossier.receipt_code), ".", ""), "-", ""), "/", "")
    exact = await db.exec(wanted.where(col(Dossier.receipt_code) == said.strip().upper()))
    if row := exact.first():
        return row
    bare = re.sub(r"[^A-Z0-9Đ_]", "", said.upper())
    found = list((await db.exec(wanted.where(squeezed == bare).limit(2))).all()) if bare else []
    return found[0] if len(found) == 1 else None


async def promised(db: AsyncSession, until: date) -> list[Dossier]:
    """Return the dossiers in work whose promised date comes up to *until*, the nearest first."""
    found = await db.exec(
        select(Dossier)
        .where(col(Dossier.state) == S.TAKEN, col(Dossier.current_due_on) <= until)
        .order_by(col(Dossier.current_due_on), col(Dossier.id))
    )
    return list(found.all())


# --- who waits -----------------------------------------------------------------------------------


async def watch(db: AsyncSession, row: Dossier, who: Address, now: datetime) -> bool:
    """Let *who* hear of the result; False when they do already."""
    values = {"dossier_id": row.id, "channel": who.channel, "user": who.user, "since": now}
    return await insert_new(db, DossierWatch, values)


async def unwatch(db: AsyncSession, row: Dossier, who: Address) -> bool:
    """Let *who* hear nothing of it any more; False when they did not."""
    known = await db.get(DossierWatch, (row.id, who.channel, who.user))
    if known is None:
        return False
    await db.delete(known)
    await db.flush()
    return True


async def watches(db: AsyncSession, row: Dossier, who: Address) -> bool:
    """Tell whether *who* wants to hear of this dossier."""
    return await db.get(DossierWatch, (row.id, who.channel, who.user)) is not None


async def waiting_for_result(db: AsyncSession) -> list[tuple[DossierWatch, Dossier]]:
    """Return every account that has not been told of a result that is there, person by person."""
    found = await db.exec(
        select(DossierWatch, Dossier)
        .join(Dossier, col(Dossier.id) == col(DossierWatch.dossier_id))
        .where(col(Dossier.state) == S.READY, col(DossierWatch.told_at).is_(None))
        .order_by(col(DossierWatch.channel), col(DossierWatch.user), col(Dossier.id))
    )
    return [(watching, row) for watching, row in found.all()]


async def mark_told(db: AsyncSession, told: Sequence[DossierWatch], now: datetime) -> None:
    """Remember that these accounts were told."""
    for watching in told:
        watching.told_at = now
        db.add(watching)
    await db.flush()


async def _locked(db: AsyncSession, code: str) -> Dossier:
    wanted = select(Dossier).where(col(Dossier.receipt_code) == code).with_for_update()
    return (await db.exec(wanted.execution_options(populate_existing=True))).one()
