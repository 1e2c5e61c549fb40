"""Tables of an HTML page, which many programs save under the name .xls.

Each table is a sheet of its own; a table inside a cell is not text of that cell.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from records.importers.packages import too_large
from records.importers.rows import FileRefused

MAX_ROWS = 101_000
MAX_COLUMNS = 200
MAX_CELLS = 2_500_000
MAX_DEEP = 20
_SILENT = {"script", "style", "head"}
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w\-]+)""", re.IGNORECASE)

Merge = tuple[tuple[int, int], tuple[int, int]]


@dataclass
class Table:
    """One table: its cells by place, and which of them were merged."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    taken: set[tuple[int, int]] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)
    row: int = -1
    column: int = 0
    place: tuple[int, int] | None = None
    text: list[str] = field(default_factory=list)

    def grid(self) -> list[list[object]]:
        """Return the rows, all of one width, with "" where nothing stands."""
        width = max((column for _, column in self.cells), default=-1) + 1
        if (self.row + 1) * width > MAX_CELLS:
            raise too_large()
        rows: list[list[object]] = [[""] * width for _ in range(self.row + 1)]
        for (row, column), text in self.cells.items():
            rows[row][column] = text
        return rows


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self.open: list[Table] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += tag != "head"
        elif tag == "table":
            self._begin()
        elif self.open and tag == "tr":
            _end_cell(self.open[-1])
            _begin_row(self.open[-1])
        elif self.open and tag in {"td", "th"}:
            _end_cell(self.open[-1])
            _begin_cell(self.open[-1], dict(attrs))
        elif self.open and tag in {"br", "p", "div"}:
            self.open[-1].text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - (tag != "head"))
        elif self.open and tag in {"td", "th", "tr"}:
            _end_cell(self.open[-1])
        elif self.open and tag == "table":
            _end_cell(self.open[-1])
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and not self._silent:
            self.open[-1].text.append(data)

    def _begin(self) -> None:
        if len(self.open) >= MAX_DEEP or len(self.tables) >= MAX_COLUMNS:
            raise too_large()
        self.tables.append(Table())
        self.open.append(self.tables[-1])


def _begin_row(table: Table) -> None:
    table.row, table.column = table.row + 1, 0
    if table.row > MAX_ROWS:
        raise too_large()


def _begin_cell(table: Table, said: dict[str, str | None]) -> None:
    if table.row < 0:
        _begin_row(table)
    column = table.column
    while (table.row, column) in table.taken:
        column += 1
    down, right = _span(said.get("rowspan")), _span(said.get("colspan"))
    if (
        column + right > MAX_COLUMNS
        or len(table.taken) + down * right > MAX_CELLS
        or len(table.cells) > MAX_CELLS
    ):
        raise too_large()
    table.place, table.text, table.column = (table.row, column), [], column + right
    table.taken.update((table.row + y, column + x) for y in range(1, down) for x in range(right))
    if down > 1 or right > 1:
        table.merges.append(((table.row, column), (table.row + down - 1, column + right - 1)))


def _span(said: str | None) -> int:
    return min(max(int(said), 1), 1000) if said and said.isascii() and said.isdigit() and len(said) < 5 else 1  # noqa: PLR2004 - figures


def _end_cell(table: Table) -> None:
    if table.place is not None:
        table.cells[table.place] = " ".join("".join(table.text).split(" "))
        table.place = None


def read(text: str) -> list[Table]:
    """Return the tables of *text* that hold anything. Raises FileRefused for a page cut off."""
    reader = _Reader()
    # Never closed: at the end of a page with a thousand open brackets `close` takes minutes.
    try:
        reader.feed(text)
    except AssertionError as error:  # what the parser of 3.11 says to a declaration it does not know
        raise FileRefused("Trang web trong tệp bị hỏng.", "Mời tải lại tệp rồi nạp lại.") from error
    if reader.open or reader.rawdata.strip():
        raise FileRefused(
            "Tệp bị cắt giữa chừng: bảng không có chỗ kết thúc.", "Mời tải lại tệp rồi nạp lại."
        )
    return [table for table in reader.tables if table.cells]


def charset(content: bytes) -> str:
    """Return the code page the page names, or ""."""
    found = _CHARSET.search(content[:4096])
    return found[1].decode("ascii").lower() if found else ""
