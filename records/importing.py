"""A register that was read becomes rows of the records: all of a run in the caller's one transaction.

Bringing the same file in twice changes nothing. What a run made is written in the sealed history
by number, so that it can be taken out again (`undo`) as long as nothing has come of it. A long
register is cut into several runs (`cut`), each whole by itself: what a crash leaves undone is
brought in by the same file, again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from records import dossiers, events, residents, trace
from records.events import Noted
from records.importers import Kind, Reading, Refusal, Row
from records.letters import EventKind, ImportRun, Resident
from records.residents import Person

OPERATOR = "ward import"  # who acts when no staff person is named
AT_ONCE = 500  # rows of a run: about a second in which nobody else may write to SQLite

_EVENTS: Mapping[Kind, tuple[EventKind, str]] = {  # what a row tells, and the fact that dates it
    Kind.MARRIAGES: (EventKind.MARRIAGE, "registered_on"),
    Kind.BIRTHS: (EventKind.BIRTH, "child_born"),
    Kind.DEATHS: (EventKind.DEATH_REGISTERED, "died_on"),
    Kind.DEATH_REPORTS: (EventKind.DEATH_REPORTED, "died_on"),
    Kind.CONTRIBUTIONS: (EventKind.CONTRIBUTION, "received_on"),
}
_IDENTITY = frozenset({"deceased_name", "deceased_born", "group", "address", "died_on"})


@dataclass(frozen=True, kw_only=True)
class File:
    """Where a register came from. `by` is a login, or `OPERATOR`."""

    name: str
    sha256: str
    by: str = OPERATOR


@dataclass(frozen=True, kw_only=True)
class Change:
    """A row that tells something else than before: the names of the facts, never their values."""

    row: int
    key: str
    facts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of a file.

    `reading` has every refusal, those of the records added to those of the sheet. `counts` are
    rows: new + known + changed + refused. `doubts` are sentences about deaths a person must look
    at, `late` the promises that may not be put off again, `deceased` who is known dead by now.
    """

    run_id: int
    reading: Reading
    counts: Mapping[str, int]
    changes: tuple[Change, ...]
    doubts: tuple[str, ...]
    late: tuple[dossiers.SecondAppointment, ...]
    deceased: tuple[int, ...]


@dataclass(kw_only=True)
class Met:
    """Whom the earlier runs of one register met: a person has one row in it, a family one roof."""

    people: set[int] = field(default_factory=set)
    houses: dict[str, Resident] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Run:
    """One run on its way in, and what it has left behind so far."""

    db: AsyncSession
    reading: Reading
    row: ImportRun
    now: datetime
    mourning_days: int
    met: Met
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("new", "known", "changed"), 0))
    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    late: list[dossiers.SecondAppointment] = field(default_factory=list)
    made: dict[str, list[int]] = field(default_factory=lambda: {"resident": [], "dossier": []})
    deceased: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    strangers: list[int] = field(default_factory=list)  # rows
    twofold: list[int] = field(default_factory=list)  # rows

    def count(self, row: Row, noted: Noted, changes: tuple[str, ...] = ()) -> None:
        self.counts[noted] += 1
        if noted is Noted.CHANGED:
            self.changes.append(Change(row=row.number, key=row.key, facts=changes))

    def refuse(self, row: Row, field_name: str, why: str, todo: str) -> None:
        column = self.reading.columns.get(field_name, field_name)
        self.refusals.append(Refusal(row=row.number, column=column, found="", why=why, todo=todo))


async def take(
    db: AsyncSession,
    reading: Reading,
    file: File,
    now: datetime,
    *,
    mourning_days: int = residents.MOURNING_DAYS,
    met: Met | None = None,
) -> Imported:
    """Bring every row of *reading* in, and leave a trace of the whole; *met* goes on from run to run."""
    row = ImportRun(kind=reading.kind, file=file.name[:200], sha256=file.sha256, by=file.by[:100], at=now)
    db.add(row)
    await db.flush()
    run = _Run(db=db, reading=reading, row=row, now=now, mourning_days=mourning_days, met=met or Met())
    write = _WRITERS[reading.kind]
    for one in reading.rows:
        await write(run, one)
    return await _finished(run)


def cut(reading: Reading, most: int) -> list[Reading]:
    """Return *reading* in pieces of *most* rows; what was refused already goes with the first."""
    pieces = [reading.rows[start : start + most] for start in range(0, len(reading.rows), most)]
    if len(pieces) < 2:  # noqa: PLR2004  nothing to cut
        return [reading]
    first, *others = pieces
    return [
        replace(reading, rows=first),
        *(replace(reading, rows=rows, refusals=(), notes=()) for rows in others),
    ]


def whole(reading: Reading, runs: Sequence[Imported]) -> Imported:
    """Return what became of a register as one, after all its *runs*."""
    refusals = tuple(refusal for run in runs for refusal in run.reading.refusals)
    counts = {name: sum(run.counts[name] for run in runs) for name in runs[0].counts}
    return Imported(
        run_id=runs[0].run_id,
        reading=replace(reading, refusals=refusals),
        counts={**counts, "refused": len({refusal.row for refusal in refusals})},
        changes=tuple(change for run in runs for change in run.changes),
        doubts=tuple(doubt for run in runs for doubt in run.doubts),
        late=tuple(late for run in runs for late in run.late),
        deceased=tuple(number for run in runs for number in run.deceased),
    )


async def _finished(run: _Run) -> Imported:
    whole = replace(run.reading, refusals=(*run.reading.refusals, *run.refusals))
    counts = {**run.counts, "refused": len({refusal.row for refusal in whole.refusals})}
    run.row.counts = counts
    run.db.add(run.row)
    await run.db.flush()
    detail = {
        "kind": str(run.reading.kind),
        "sha256": run.row.sha256,
        **counts,
        "made": {name: ranges(ids) for name, ids in run.made.items()},
        "deceased": ranges(run.deceased),
        "held": ranges(run.held),
    }
    on = f"import:{run.row.id}"
    await trace.leave(run.db, who=run.row.by, what="import", on=on, detail=detail, now=run.now)
    return Imported(
        run_id=run.row.id or 0,
        reading=whole,
        counts=counts,
        changes=tuple(run.changes),
        doubts=tuple(_doubts(run)),
        late=tuple(run.late),
        deceased=tuple(run.deceased),
    )


def _doubts(run: _Run) -> list[str]:
    told = []
    if run.twofold:
        told.append(
            f"Người mất ở dòng {_listed(run.twofold)} có thể là một trong nhiều người, hoặc chưa đủ họ tên, năm "
            "sinh, nơi ở để chắc chắn: chưa đóng tài khoản nào, tạm giữ mọi lời chúc tới các nhà ấy. "
            "Mời cán bộ xác định."
        )
    if run.strangers:
        told.append(
            f"Người mất ở dòng {_listed(run.strangers)} chưa có trong danh sách người dân, nên chưa biết nhà nào "
            "đang có tang. Mời nạp danh sách người dân hoặc kiểm tra lại."
        )
    return told


def _listed(rows: list[int], most: int = 20) -> str:
    more = f" và {len(rows) - most} dòng khác" if len(rows) > most else ""
    return ", ".join(map(str, rows[:most])) + more


def ranges(ids: list[int]) -> list[list[int]]:
    """Return numbers as first and last of each run.

    >>> ranges([3, 4, 5, 9])
    [[3, 5], [9, 9]]
    """
    found: list[list[int]] = []
    for number in sorted(set(ids)):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


# --- events --------------------------------------------------------------------------------------


async def _event(run: _Run, row: Row) -> None:
    outcome = await _noted(run, row)
    run.count(row, outcome.noted, outcome.changes)


async def _noted(run: _Run, row: Row) -> events.Outcome:
    kind, dated = _EVENTS[run.reading.kind]
    happened_on = row.facts[dated]
    if not isinstance(happened_on, date):  # the form needs it
        raise TypeError(f"{row.key}: {dated}")
    told = {
        name: value for name, value in row.facts.items() if value is not None or name in run.reading.columns
    }
    reported = run.row.by if run.reading.kind is Kind.DEATH_REPORTS else ""
    return await events.note(
        run.db,
        key=row.key,
        kind=kind,
        happened_on=happened_on,
        facts=told,
        now=run.now,
        import_id=run.row.id,
        reported_by=reported,
    )


async def _death(run: _Run, row: Row) -> None:
    """Note a registered death, and of whom: accounts are closed, the household mourns."""
    outcome = await _noted(run, row)
    run.count(row, outcome.noted, outcome.changes)
    if outcome.before is not None and _IDENTITY & set(outcome.changes):
        await _take_back(run, outcome.before)
    dead = await bury(run.db, outcome.event.facts, run.now, mourning_days=run.mourning_days)
    if dead.resident is not None:
        run.deceased += [dead.resident.id or 0] if dead.new else []
        return
    run.held += dead.held
    (run.twofold if dead.candidates else run.strangers).append(row.number)


async def _take_back(run: _Run, before: Mapping[str, object]) -> None:
    """The register named somebody else before: they live, as far as this entry goes."""
    found = await residents.fitting(run.db, deceased(before))
    died_on = str(before.get("died_on"))
    if found.resident is not None and str(found.resident.deceased_on) == died_on:
        await residents.revive(run.db, found.resident, mourning_days=run.mourning_days)


@dataclass(frozen=True, kw_only=True)
class Buried:
    """Who died: exactly one, or nobody chosen. `held` are households kept from anything festive instead."""

    resident: Resident | None
    candidates: tuple[Resident, ...]
    new: bool = False
    held: tuple[int, ...] = ()


async def bury(
    db: AsyncSession,
    facts: Mapping[str, object],
    now: datetime,
    *,
    mourning_days: int = residents.MOURNING_DAYS,
) -> Buried:
    """Note the death that *facts* tell of, of the one resident they fit; of two, both houses are held."""
    died_on = date.fromisoformat(str(facts["died_on"]))
    found = await residents.fitting(db, deceased(facts))
    if found.resident is not None:
        new = await residents.note_death(db, found.resident, died_on, now, mourning_days=mourning_days)
        return Buried(resident=found.resident, candidates=found.candidates, new=new)
    until = died_on + timedelta(days=mourning_days)
    held = await residents.hold(db, found.candidates, until)
    return Buried(resident=None, candidates=found.candidates, held=tuple(held))


def deceased(facts: Mapping[str, object]) -> Person:
    """Return the person a death is told of, from facts as they are kept."""
    return _person(facts, name="deceased_name", born="deceased_born", sex="deceased_sex")


def _person(facts: Mapping[str, object], *, name: str, born: str, sex: str) -> Person:
    when = str(facts.get(born) or "")
    whole = date.fromisoformat(when) if "-" in when else None
    return Person(
        name=str(facts[name]),
        born_on=whole,
        born_year=int(when) if when.isdecimal() else None,
        gender=str(facts.get(sex) or ""),
        quarter=str(facts.get("group") or ""),
        address=str(facts.get("address") or ""),
        phone=str(facts.get("phone") or ""),
    )


# --- people, dossiers ----------------------------------------------------------------------------


async def _resident(run: _Run, row: Row) -> None:
    person = _person(row.facts, name="full_name", born="born", sex="sex")
    found = await residents.find_or_make(run.db, person, run.now, run.met.people)
    if found.resident is None:
        why = "có người trùng họ tên, năm sinh, tổ dân phố mà dòng này không phân biệt được"
        run.refuse(row, "full_name", why, "Mời bổ sung ngày sinh đầy đủ hoặc số nhà rồi nạp lại dòng này.")
        return
    one, number = found.resident, str(row.facts.get("household_number") or "")
    run.met.people.add(one.id or 0)
    roof = number or (
        f"{one.quarter}|{one.address}" if one.address else ""
    )  # saves asking for each of a family
    with_them = run.met.houses.setdefault(roof, one) if roof else None
    moved = await residents.house(run.db, one, with_them)
    if found.made:
        run.made["resident"].append(one.id or 0)
        run.count(row, Noted.NEW)
        return
    changes = (*found.changes, *(["household"] if moved else []))
    run.count(row, Noted.CHANGED if changes else Noted.KNOWN, changes)


async def _dossier(run: _Run, row: Row) -> None:
    try:
        done = await dossiers.upsert(run.db, row.facts, run.now)
    except dossiers.Refused as refused:
        run.refuse(row, refused.column, refused.why, refused.todo)
        run.late += [refused] if isinstance(refused, dossiers.SecondAppointment) else []
        return
    if done.noted is Noted.NEW:
        run.made["dossier"].append(done.dossier.id or 0)
    run.count(row, done.noted, done.changes)


_WRITERS: Mapping[Kind, Callable[[_Run, Row], Awaitable[None]]] = {
    Kind.MARRIAGES: _event,
    Kind.BIRTHS: _event,
    Kind.DEATHS: _death,
    Kind.DEATH_REPORTS: _event,
    Kind.CONTRIBUTIONS: _event,
    Kind.RESIDENTS: _resident,
    Kind.DOSSIERS: _dossier,
}
