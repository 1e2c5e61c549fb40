"""`ward import KIND FILE`: a register into the records; its template; a run taken back."""

import argparse
import asyncio
import hashlib
import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import app, settings
from bot.commands.ledger import opened, person_of
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from bot.settings import Settings
from feedback.work import Work
from handlers.dossier_desk import tell_chair
from knowledge.calendar import here
from letters import stopping
from letters.policy import load_policy
from records import importing, staff, undoing
from records.cases import Permission
from records.importers import FileRefused, Kind, Reading, error_sheet, read, template_sheet
from records.importing import OPERATOR, File, Imported, Met
from records.letters import Resident

LARGEST = 32 * 1024 * 1024  # bytes; the reader has bounds of its own for what is inside
ROWS_AT_ONCE = importing.AT_ONCE
PAUSE_S = 0.25  # between two runs; whoever waits for SQLite looks again within a tenth of a second
_COUNTS = {"new": "mới", "known": "đã biết", "changed": "đã sửa", "refused": "từ chối"}


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "nạp sổ: kết hôn, khai sinh, khai tử, báo tử, hồ sơ, đóng góp, người dân"
    command = nouns.add_parser("import", help=text, description=text)
    command.add_argument("kind", nargs="?", metavar="LOẠI", help=", ".join(Kind))
    command.add_argument("file", nargs="?", type=Path, metavar="TỆP", help="XLSX, XLS hoặc CSV")
    command.add_argument("--dry-run", action="store_true", help="chỉ thử, không ghi gì")
    command.add_argument("--by", metavar="TÊN_ĐĂNG_NHẬP", help="cán bộ nạp")
    command.add_argument("--errors", type=Path, metavar="TỆP.xlsx", help="ghi các dòng bị từ chối ra tệp")
    command.add_argument(
        "--mapping", type=Path, metavar="TỆP.toml", help="cột nào là gì, của một nhà cung cấp"
    )
    command.add_argument("--template", choices=[kind.value for kind in Kind], help="ghi tệp mẫu ra TỆP")
    command.add_argument("--undo", type=int, metavar="SỐ", help="hoàn tác một lần nạp")
    command.add_argument("--json", action="store_true", help="in JSON")
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Do the one of the three that was asked."""
    if asked.undo is not None:
        return await _undo(asked)
    if asked.template:
        return _template(asked)
    if asked.kind not in set(Kind) or asked.file is None:
        print(f"Cần loại sổ và tệp: ward import LOẠI TỆP. Các loại: {', '.join(Kind)}.", file=sys.stderr)
        return 2
    try:
        return await _take(asked)
    except FileRefused as refused:
        _print_refused(asked, refused)
        return 1


def _template(asked: argparse.Namespace) -> int:
    file = asked.file or (Path(asked.kind) if asked.kind else None)
    if file is None:
        raise Trouble("Cần tên tệp để ghi: ward import --template LOẠI TỆP.xlsx")
    file.write_bytes(template_sheet(Kind(asked.template)))
    print(json.dumps({"template": str(file)}) if asked.json else f"Đã ghi tệp mẫu {file}.")
    return 0


# --- taking in -----------------------------------------------------------------------------------


async def _take(asked: argparse.Namespace) -> int:
    if asked.file.stat().st_size > LARGEST:
        raise Trouble(f"Tệp lớn hơn {LARGEST // 1024 // 1024} MB. Mời chia thành nhiều tệp.")
    config, content = settings.load(), asked.file.read_bytes()
    today = here(app.clock()).date()
    reading = read(content, asked.file.name, Kind(asked.kind), _mapping(asked.mapping), today=today)
    runs, done = await _write(config, reading, asked, hashlib.sha256(content).hexdigest())
    if asked.errors:
        asked.errors.write_bytes(error_sheet(done.reading))
    told = (
        json.dumps(_facts(runs, done, asked), ensure_ascii=False) if asked.json else _told(runs, done, asked)
    )
    print(told)
    if done.counts["refused"]:
        print(f"Có {done.counts['refused']} dòng bị từ chối: xem lý do và việc cần làm.", file=sys.stderr)
    return 1 if done.counts["refused"] else 0


def _mapping(path: Path | None) -> Mapping[str, Any] | None:
    if path is None:
        return None
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"Tệp ánh xạ {path.name} không phải TOML đúng: {error}") from error
    tables = [said.get("columns", {}), said.get("constants", {})]
    if not all(
        isinstance(table, dict) and all(isinstance(one, str) for one in table.values()) for table in tables
    ):
        raise Trouble("Tệp ánh xạ: [columns] và [constants] chỉ chứa chữ trong ngoặc kép.")
    return said


async def _write(
    config: Settings, reading: Reading, asked: argparse.Namespace, sha256: str
) -> tuple[list[int], Imported]:
    """Bring the rows in, run by run, or only try: then in one run that is rolled back.

    Return the numbers of the runs, and what became of the whole.
    """
    days, met = load_policy(config.ward_dir).mourning_days, Met()
    runs: list[Imported] = []
    async with opened(config) as database:
        for piece in [reading] if asked.dry_run else importing.cut(reading, ROWS_AT_ONCE):
            if runs:
                await asyncio.sleep(PAUSE_S)
            async with database.writing() as db, db.begin_nested() as point:
                file = File(name=asked.file.name, sha256=sha256, by=await _who(db, asked.by))
                done = await importing.take(db, piece, file, app.clock(), mourning_days=days, met=met)
                await _tell(db, config, done, days)
                if asked.dry_run:
                    await point.rollback()
            runs.append(done)
    return [run.run_id for run in runs], importing.whole(reading, runs)


async def _who(db: AsyncSession, login: str | None) -> str:
    """Return who acts: the operator of the machine, or a person who may bring in records."""
    if not login:
        return OPERATOR
    person = await person_of(db, login)
    if not staff.may(person, Permission.IMPORT_RECORDS):
        raise Trouble(f"“{login}” chưa được quyền nạp sổ (import_records).")
    return person.login


async def _tell(db: AsyncSession, config: Settings, done: Imported, mourning_days: int) -> None:
    """Keep festive words from houses that mourn now; tell the chairperson of what was refused."""
    for number in done.deceased:
        row = await db.get(Resident, number)
        if row is not None:
            await stopping.mourn(db, row, app.clock(), days=mourning_days)
    if not done.late:
        return
    shelf = app.shelf_of(config)
    work = Work(db=db, ward=shelf.ward, concerns=shelf.concerns, calendar=shelf.calendar, now=app.clock())
    for late in done.late:
        await tell_chair(work, late)


# --- what is said --------------------------------------------------------------------------------


def _facts(runs: list[int], done: Imported, asked: argparse.Namespace) -> dict[str, Any]:
    refused = [
        {"row": one.row, "column": one.column, "found": one.found, "why": one.why, "todo": one.todo}
        for one in sorted(done.reading.refusals, key=lambda one: one.row)
    ]
    return {
        "kind": asked.kind,
        "run": None if asked.dry_run else runs[0],
        "runs": [] if asked.dry_run else runs,
        "dry_run": asked.dry_run,
        **done.counts,
        "rows_refused": refused,
        "rows_changed": [
            {"row": change.row, "key": change.key, "facts": list(change.facts)} for change in done.changes
        ],
        "columns": dict(done.reading.columns),
        "notes": [*done.reading.notes, *done.doubts],
    }


def _told(runs: list[int], done: Imported, asked: argparse.Namespace) -> str:
    head = "Chạy thử, chưa ghi gì" if asked.dry_run else f"Lần nạp số {_numbers(runs)}"
    counts = ", ".join(f"{name} {done.counts[key]}" for key, name in _COUNTS.items())
    lines = [f"{head}: {counts}."]
    lines += [
        f"  dòng {one.row}, cột {one.column}: {one.why}. {one.todo}"
        for one in sorted(done.reading.refusals, key=lambda one: one.row)
    ]
    lines += [f"  dòng {change.row} đã sửa: {', '.join(change.facts)}" for change in done.changes]
    return "\n".join([*lines, *(f"  Lưu ý: {note}" for note in (*done.reading.notes, *done.doubts))])


def _numbers(runs: list[int]) -> str:
    """Return the numbers of runs as they are read: "12", or "12–51"."""
    spans = importing.ranges(runs)
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def _print_refused(asked: argparse.Namespace, refused: FileRefused) -> None:
    if asked.json:
        told = {"kind": asked.kind, "run": None, "file_refused": refused.why, "todo": refused.todo}
        print(json.dumps({**told, "preview": list(refused.preview)}, ensure_ascii=False))
    print("\n".join([f"Không nạp tệp: {refused.why} {refused.todo}", *refused.preview]), file=sys.stderr)


# --- taking back ---------------------------------------------------------------------------------


async def _undo(asked: argparse.Namespace) -> int:
    if not asked.by:
        raise Trouble("Hoàn tác cần người chịu trách nhiệm: --by TÊN_ĐĂNG_NHẬP")
    config = settings.load()
    days = load_policy(config.ward_dir).mourning_days
    async with opened(config) as database:
        try:
            async with database.writing() as db:
                by = await _who(db, asked.by)
                rows = await undoing.undo(db, asked.undo, by, app.clock(), mourning_days=days)
        except undoing.NotUndoable as error:
            raise Trouble(str(error)) from error
    print(
        json.dumps({"undone": asked.undo, "rows": rows})
        if asked.json
        else f"Đã hoàn tác lần nạp số {asked.undo}: bỏ {rows} dòng."
    )
    return 0
