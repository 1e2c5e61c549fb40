"""Text with separators (CSV, TSV): which separator, and no cell that swallowed a row."""

import csv
import io
from collections import Counter

from records.importers.packages import MAX_FILE, too_large
from records.importers.rows import FileRefused

SEPARATORS = ";\t,|"
MAX_ROWS = 101_000
MAX_COLUMNS = 200
_SAMPLE = 60  # rows by which the separator is told
_AGAIN = "Mời mở tệp bằng Excel, lưu thành .xlsx rồi nạp lại."


def read(text: str) -> list[list[object]]:
    """Return the rows of *text*. Raises FileRefused when quotes do not close."""
    if "\0" in text:
        raise FileRefused("Tệp không phải văn bản.", _AGAIN)
    separator, body = _separator(text)
    rows = _rows(body, separator)
    if len(rows) > MAX_ROWS or max(map(len, rows), default=0) > MAX_COLUMNS:
        raise too_large()
    for number, row in enumerate(rows, start=1):
        if any("\n" in cell and separator in cell for cell in row):
            raise FileRefused(
                f"Dòng {number} có dấu ngoặc kép mở mà không đóng, nên nhiều dòng dính vào một ô.", _AGAIN
            )
    return [[_bare(cell) for cell in row] for row in rows]


def _rows(body: str, separator: str) -> list[list[str]]:
    limit = csv.field_size_limit(MAX_FILE)
    try:
        return list(csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise FileRefused("Dấu ngoặc kép trong tệp không khớp, không rõ ô nào hết ở đâu.", _AGAIN) from error
    finally:
        csv.field_size_limit(limit)


def _separator(text: str) -> tuple[str, str]:
    """Return the separator and the text without the line by which a spreadsheet names it."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return first.strip()[-1], rest
    return max(SEPARATORS, key=lambda separator: _evenness(text, separator)), text


def _evenness(text: str, separator: str) -> tuple[int, int]:
    """Count the rows that agree on how often *separator* stands in them, then how often."""
    lines = [line for line in text[:200_000].splitlines()[:_SAMPLE] if line.strip(separator + " ")]
    counts = Counter(line.count(separator) for line in lines)
    counts.pop(0, None)
    if not counts:
        return 0, 0
    most, rows = counts.most_common(1)[0]
    return rows, most


def _bare(cell: str) -> str:
    """Return *cell* without what spreadsheets put around figures to keep them text."""
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return cell[1:] if cell.startswith("'") and cell[1:2].isdigit() else cell
