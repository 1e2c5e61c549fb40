"""Open a workbook in a process of its own, with little memory and little time.

A file from a stranger is taken apart by a library; whatever that library meets there, it ends
with this process and not with the office. Run by path with the file on standard input; writes
marshalled sheets, or one word saying why not. Only the standard library and calamine are used.
"""

import io
import marshal
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

MEMORY = 2 << 30  # bytes of address space; a sheet of 100,000 rows × 20 takes 0.5
SECONDS = 30
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_SHEETS = 50
MAX_ANSWER = 300 << 20
_MIDNIGHT = time.min


class TooLarge(Exception):
    """The sheet claims more rows, columns or text than we take."""


def main() -> int:
    """Read a workbook from standard input, write what it holds to standard output."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    try:
        answer = marshal.dumps(_sheets(sys.stdin.buffer.read()))
    except PasswordError:
        answer = marshal.dumps("password")
    except (TooLarge, MemoryError):
        answer = marshal.dumps("too large")
    except (CalamineError, ValueError, OSError):
        answer = marshal.dumps("broken")
    sys.stdout.buffer.write(answer if len(answer) <= MAX_ANSWER else marshal.dumps("too large"))
    return 0


def _sheets(content: bytes) -> list[tuple[object, ...]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    found = book.sheets_metadata
    if len(found) > MAX_SHEETS:
        raise TooLarge
    return [
        (about.name, about.visible == SheetVisibleEnum.Visible, *_sheet(book.get_sheet_by_name(about.name)))
        for about in found
        if "WorkSheet" in str(about.typ)
    ]


def _sheet(sheet: CalamineSheet) -> tuple[object, ...]:
    if sheet.total_height > MAX_ROWS + 1000 or sheet.total_width > MAX_COLUMNS:
        raise TooLarge
    rows = [[_plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    return rows, sheet.merged_cell_ranges or []


def _plain(cell: object) -> object:
    """Return *cell* as marshal knows it: dates as a tuple of their figures, durations as refused."""
    if isinstance(cell, str | float):
        return cell
    if isinstance(cell, datetime):
        return (cell.year, cell.month, cell.day)
    if isinstance(cell, date):
        return (cell.year, cell.month, cell.day)
    if isinstance(cell, time | timedelta):
        return ()
    return cell


if __name__ == "__main__":
    sys.exit(main())
