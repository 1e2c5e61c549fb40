"""A table taken home: CSV or XLSX of what a page lists, in which no cell is ever a formula."""

import asyncio
import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped] # it ships no types
from aiohttp import web

from console.pages import moment
from console.trouble import Refused
from console.visit import Visit
from knowledge.calendar import here
from records import trace

MOST: Final = 200_000  # rows of one file
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its title, and what a row says there (text, number, date, moment or nothing)."""

    title: str
    value: Callable[[Any], object]
    width: int = 18


async def export(visit: Visit, name: str, columns: Sequence[Column], rows: Sequence[Any]) -> web.Response:
    """Return *rows* as the file the address asks for (`{kind}`), and seal who took them home."""
    kind = visit.request.match_info["kind"]
    if len(rows) > MOST:
        raise Refused(f"Bảng này có hơn {MOST:,} dòng. Mời anh/chị thu hẹp bộ lọc rồi xuất lại.")
    make = _csv if kind == "csv" else _xlsx
    body = await asyncio.to_thread(make, columns, rows)
    async with visit.house.database.writing() as db:
        detail = {"rows": len(rows), "kind": kind}
        await trace.leave(db, who=visit.person.login, what="export", on=name, detail=detail, now=visit.now)
    file = f"{name}-{here(visit.now):%Y%m%d-%H%M}.{kind}"
    return web.Response(
        body=body,
        headers={"Content-Type": _TYPES[kind], "Content-Disposition": f'attachment; filename="{file}"'},
    )


def _csv(columns: Sequence[Column], rows: Iterable[Any]) -> bytes:
    paper = io.StringIO()
    writer = csv.writer(paper)
    writer.writerow(column.title for column in columns)
    for row in rows:
        writer.writerow(harmless(column.value(row)) for column in columns)
    return paper.getvalue().encode("utf-8-sig")  # the mark by which Excel knows UTF-8


def _xlsx(columns: Sequence[Column], rows: Iterable[Any]) -> bytes:
    paper = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(paper, options) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True, "bottom": 1})
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.title, bold)
        for line, row in enumerate(rows, 1):
            for place, column in enumerate(columns):
                _put(sheet, line, place, column.value(row))
    return paper.getvalue()


def _put(sheet: Any, line: int, place: int, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(line, place, said(value))
    else:
        sheet.write_number(line, place, value)


def said(value: object) -> str:
    """Return *value* as people write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value)


def harmless(value: object) -> object:
    """Return *value* so that a spreadsheet never takes it for a formula."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = said(value)
    return f"'{text}" if text.lstrip(" ").startswith(_RISKY) else text
