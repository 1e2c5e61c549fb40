"""`ward rights list|done|export`: what people asked about their own data, and the answer."""

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import app, settings
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from bot.own_data import copy_of
from bot.store import open_database
from feedback.own_data import KINDS
from feedback.work import Work
from handlers.phrases import rights as phrases
from handlers.talk import clean
from records import rights, schema, staff, trace
from records.cases import DataRequest
from records.database import Database
from records.tables import Address

LONGEST = 500  # characters of an outcome: it stands in the register


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "yêu cầu của người dân về dữ liệu cá nhân"
    verbs = nouns.add_parser("rights", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    show = verbs.add_parser("list", help="yêu cầu đang chờ, việc gấp trước")
    show.add_argument("--json", action="store_true", help="in JSON, mỗi dòng một yêu cầu")
    show.set_defaults(run=waiting)
    end = verbs.add_parser("done", help="ghi kết quả và báo người dân")
    end.add_argument("number", type=int, metavar="SỐ")
    end.add_argument("--by", required=True, metavar="TÊN_ĐĂNG_NHẬP", help="cán bộ trả lời")
    end.add_argument("--outcome", required=True, metavar="LỜI", help="kết quả, người dân sẽ đọc")
    end.add_argument("--json", action="store_true", help="in JSON")
    end.set_defaults(run=done)
    copy = verbs.add_parser("export", help="lập bản sao dữ liệu của người đã yêu cầu, để giao tại quầy")
    copy.add_argument("number", type=int, metavar="SỐ")
    copy.add_argument("file", type=Path, metavar="TỆP")
    copy.add_argument("--by", required=True, metavar="TÊN_ĐĂNG_NHẬP", help="cán bộ lập bản sao")
    copy.set_defaults(run=export)


async def waiting(asked: argparse.Namespace) -> int:
    """Print the requests that wait."""
    database = await _open()
    try:
        async with database.reading() as db:
            rows = await rights.waiting(db)
    finally:
        await database.close()
    now = app.clock()
    for row in rows:
        facts = _facts(row, now)
        print(json.dumps(facts, ensure_ascii=False) if asked.json else _line(facts, row))
    return 0


def _facts(row: DataRequest, now: datetime) -> dict[str, Any]:
    return {
        "number": row.id,
        "kind": str(row.kind),
        "channel": str(row.channel),
        "detail": row.detail,
        "asked_at": row.asked_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "overdue": row.due_at < now,
    }


def _line(facts: dict[str, Any], row: DataRequest) -> str:
    late = "QUÁ HẠN" if facts["overdue"] else ""
    parts = (row.id, KINDS[row.kind], row.channel, facts["asked_at"], facts["due_at"], late, row.detail)
    return "  ".join(str(part) for part in parts if part)


async def done(asked: argparse.Namespace) -> int:
    """Close a request; the answer goes out by the running office."""
    outcome = clean(asked.outcome)
    if not outcome or len(outcome) > LONGEST:
        raise Trouble(f"Kết quả trống hoặc dài quá {LONGEST} ký tự.")
    database = await _open()
    try:
        async with database.writing() as db:
            by = await _person(db, asked.by)
            told = phrases.done(asked.number, outcome)
            closed = await rights.done(db, asked.number, by=by, outcome=outcome, told=told, now=app.clock())
    finally:
        await database.close()
    if not closed:
        raise Trouble(f"Không có yêu cầu số {asked.number} đang chờ. Xem: ward rights list")
    said = f"Đã ghi kết quả yêu cầu số {asked.number} và xếp lời báo vào hộp thư đi."
    print(json.dumps({"number": asked.number, "done": True}) if asked.json else said)
    return 0


async def export(asked: argparse.Namespace) -> int:
    """Write a copy for the person who asked; that it was made is sealed."""
    shelf = app.shelf_of(settings.load())
    database = await _open()
    now = app.clock()
    try:
        async with database.writing() as db:
            by = await _person(db, asked.by)
            row = await rights.number(db, asked.number)
            if row is None:
                raise Trouble(f"Không có yêu cầu số {asked.number} đang chờ. Xem: ward rights list")
            work = Work(db=db, ward=shelf.ward, concerns=shelf.concerns, calendar=shelf.calendar, now=now)
            copy = await copy_of(work, Address(row.channel, row.user))
            await trace.leave(db, who=by, what="rights.copied", on=rights.name(row), detail={}, now=now)
    finally:
        await database.close()
    _write(asked.file, json.dumps(copy, ensure_ascii=False, indent=2))
    print(f"Đã ghi bản sao. Giao xong thì xóa tệp, rồi: ward rights done {asked.number} --by … --outcome …")
    return 0


def _write(path: Path, text: str) -> None:
    """Write for our own eyes only; what is there already stays."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text, "utf-8")


async def _person(db: Any, login: str) -> str:
    person = await staff.by_login(db, login)
    if person is None or person.disabled_at is not None:
        raise Trouble(f"Không có cán bộ “{login}” đang làm việc. Xem: ward staff list")
    return f"staff:{person.id}"


async def _open() -> Database:
    database = open_database(settings.load())
    await schema.upgrade(database)
    return database
