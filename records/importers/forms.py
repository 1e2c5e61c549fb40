"""Sheets for the clerk: what was refused and why, and an empty register to fill in.

Whatever came from a file is written as text: a cell that begins like a formula is none, here
and in whatever the sheet is saved as later.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

import xlsxwriter  # type: ignore[import-untyped] # it ships no types

from records.importers import kinds
from records.importers.kinds import Field
from records.importers.rows import Kind, Reading

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BORN = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same reading makes the same bytes
_HEAD = ("Dòng", "Cột", "Nội dung trong ô", "Vì sao chưa nạp", "Việc cần làm")
_WIDTHS = (8, 26, 30, 60, 60)
_TEXT_TYPES = frozenset({"id", "phone", "number", "book", "code"})
_ROWS_READY = 500  # rows of the template whose cells are already of the right kind


def harmless(text: str) -> str:
    """Return *text* so that no program takes it for a formula.

    >>> harmless("=1+1")
    "'=1+1"
    """
    return "'" + text if text.startswith(_FORMULA) else text


def error_sheet(reading: Reading) -> bytes:
    """Return an XLSX with every refused row, the reason, and what to do."""
    rows = [
        (str(one.row), *map(harmless, (one.column, one.found, one.why, one.todo)))
        for one in sorted(reading.refusals, key=lambda one: one.row)
    ]
    return _book("Dòng chưa nạp", _HEAD, rows)


def _book(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    content = io.BytesIO()
    with _workbook(content) as book:
        page = book.add_worksheet(title)
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for column, (name, width) in enumerate(zip(head, _WIDTHS, strict=True)):
            page.set_column(column, column, width)
            page.write_string(0, column, name, bold)
        page.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                page.write_string(number, column, text, wrap)
    return content.getvalue()


def _workbook(content: io.BytesIO) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": _BORN})
    return book


def template_sheet(kind: Kind) -> bytes:
    """Return an empty XLSX of that register; a note on the first cell shows an example row."""
    form = kinds.form(kind)
    content = io.BytesIO()
    with _workbook(content) as book:
        page = book.add_worksheet(form.title[:31])
        needed = book.add_format({"bold": True, "bg_color": "#FFF2CC", "text_wrap": True})
        plain = book.add_format({"bold": True, "text_wrap": True})
        as_text, as_date = book.add_format({"num_format": "@"}), book.add_format({"num_format": "dd/mm/yyyy"})
        for column, field in enumerate(form.fields):
            page.write_string(0, column, field.title, needed if field.needed else plain)
            shape = (
                as_text if field.type in _TEXT_TYPES else as_date if field.type in {"date", "birth"} else None
            )
            page.set_column(column, column, max(14, len(field.title) + 2), shape)
        page.freeze_panes(1, 0)
        page.write_comment(0, 0, _example(form.fields), {"x_scale": 4, "y_scale": 4})
    return content.getvalue()


def _example(fields: Sequence[Field]) -> str:
    lines = [f"{field.title}: {_EXAMPLES.get(field.name) or _BY_TYPE[field.type]}" for field in fields]
    head = "Dòng mẫu (dữ liệu tự đặt). Ô nền vàng bắt buộc điền; mỗi người, mỗi việc một dòng; không gộp ô."
    return "\n".join([head, *lines])


_BY_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "name": "Nguyễn Văn Ví Dụ",
        "party": "Nguyễn Văn Ví Dụ",
        "text": "(để trống nếu không có)",
        "number": "57",
        "book": "01/2026",
        "year": "2026",
        "date": "05/03/2026",
        "birth": "20/11/1998",
        "sex": "nữ",
        "yes": "có",
        "phone": "0900 000 123",
        "id": "001198000123",
        "code": "H00.00-260305-0001",
        "money": "500000",
    }
)
_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "bride_name": "Trần Thị Thí Dụ",
        "mother_name": "Trần Thị Thí Dụ",
        "child_born": "01/03/2026",
        "group": "Tổ dân phố 3",
        "address": "Số 12 đường Thí Dụ",
        "groom_id": "001098000123",
        "father_id": "001098000123",
        "child_id": "001326000123",
        "procedure_name": "Đăng ký khai sinh",
        "procedure_code": "1.001193",
        "handed_over_on": "06/03/2026",
        "due_on": "10/03/2026",
        "household_number": "HO-012",
    }
)
