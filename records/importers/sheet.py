"""A file becomes grids of cells: sniffed by content, bounded, its letters in Unicode.

Nothing here knows what a register is. A grid keeps the sheet's own row numbers: `cells[0]` is
row 1. What the file says beside its values (hidden columns, formulas, merged cells, old fonts)
is in `notes` and `merges`.
"""

import marshal
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from records.importers import cage, delimited, encodings, packages, pages
from records.importers.packages import Peculiar, Shape
from records.importers.rows import FileRefused, shown

Cell = str | float | bool | date | None  # None: a duration or a time of day, which no register holds
Merge = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, rows and columns from 0

LONGEST_CELL = 32_767  # what a spreadsheet holds in one
_SAMPLE = 3000  # rows whose letters are looked at; a register is written in one font
_WAIT_S = cage.SECONDS + 30


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One sheet. `ragged` is set where rows keep their own length (CSV)."""

    name: str
    cells: Sequence[Sequence[Cell]]
    merges: tuple[Merge, ...] = ()
    visible: bool = True
    ragged: bool = False
    notes: tuple[str, ...] = ()
    empty_formulas: frozenset[str] = field(default_factory=frozenset)


def read(content: bytes, name: str) -> list[Grid]:
    """Return the sheets of a file. *name* only names the sheet of a file that has none inside."""
    readers: dict[Shape, Callable[[bytes, str], list[Grid]]] = {
        Shape.XLSX: _workbook,
        Shape.XLS: _workbook,
        Shape.HTML: _page,
        Shape.TEXT: _delimited,
    }
    return [_in_unicode(grid) for grid in readers[packages.shape(content)](content, name)]


def _workbook(content: bytes, _: str) -> list[Grid]:
    peculiar = packages.look_through(content) if content.startswith(b"PK") else Peculiar()
    notes = tuple(_peculiarities(peculiar))
    return [
        Grid(
            name=name,
            cells=[[_cell(cell) for cell in row] for row in rows],
            merges=tuple(merges),
            visible=visible,
            notes=notes,
            empty_formulas=frozenset(peculiar.empty_formulas),
        )
        for name, visible, rows, merges in _uncaged(content)
    ]


def _uncaged(content: bytes) -> list[tuple[str, bool, list[list[object]], list[Merge]]]:
    """Let the process of `cage` open the workbook; whatever happens there has one meaning here."""
    try:
        done = subprocess.run(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-I", str(Path(cage.__file__))],
            input=content,
            capture_output=True,
            timeout=_WAIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise packages.too_large() from error
    if done.returncode or not done.stdout:
        raise packages.broken()
    answer = marshal.loads(done.stdout)  # noqa: S302 - written by our own process above
    if isinstance(answer, list):
        return answer
    why = {"password": packages.locked, "too large": packages.too_large}.get(answer, packages.broken)
    raise why()


def _cell(cell: object) -> Cell:
    """Return a cell as the cage wrote it: a date is a tuple of figures, a duration an empty one."""
    if isinstance(cell, str | float | int):
        return cell
    return date(*cell) if isinstance(cell, tuple) and cell else None


def _peculiarities(found: Peculiar) -> Iterator[str]:
    if found.formulas:
        yield f"Tệp có {found.formulas} ô công thức; dùng giá trị đã tính sẵn trong tệp."
    if found.empty_formulas:
        where = ", ".join(found.empty_formulas[:5])
        yield f"Có {len(found.empty_formulas)} ô công thức chưa có giá trị ({where}); coi là ô trống."
    if found.hidden_columns:
        yield "Tệp có cột bị ẩn; cột ẩn vẫn được đọc như cột thường."
    if found.hidden_rows:
        yield f"Tệp có {found.hidden_rows} dòng bị ẩn (có thể do lọc); dòng ẩn vẫn được đọc."


def _page(content: bytes, name: str) -> list[Grid]:
    text = _decoded(content, pages.charset(content))
    return [
        Grid(
            name=name if number == 1 else f"{name} ({number})",
            cells=_cells(table.grid()),
            merges=tuple(table.merges),
        )
        for number, table in enumerate(pages.read(text), start=1)
    ]


def _delimited(content: bytes, name: str) -> list[Grid]:
    return [Grid(name=name, cells=_cells(delimited.read(_decoded(content, ""))), ragged=True)]


def _cells(rows: list[list[object]]) -> list[list[Cell]]:
    return [[str(cell) for cell in row] for row in rows]


def _decoded(content: bytes, named: str) -> str:
    """Return the text. A code page the file names is believed only where bytes cannot tell."""
    try:
        text = encodings.decode(content)
        if named == "windows-1258" and not content.isascii() and text == content.decode("latin-1"):
            return encodings.from_cp1258(text)
    except (encodings.Doubtful, UnicodeError) as error:
        raise FileRefused("Không nhận ra bảng mã chữ của tệp.", _RETYPE) from error
    return text


_RETYPE = (
    "Mời mở tệp bằng Excel, chuyển chữ sang Unicode (phông Times New Roman) và lưu thành .xlsx rồi nạp lại."
)


def _in_unicode(grid: Grid) -> Grid:
    """Return *grid* with letters of old fonts converted, composed, and no odd spaces."""
    sample = (cell for row in grid.cells[:_SAMPLE] for cell in row if isinstance(cell, str))
    try:
        found = encodings.recognise(sample)
    except encodings.Doubtful as doubt:
        preview = tuple(shown(line) for line in doubt.preview)
        raise FileRefused(
            f"Không chắc chữ trên trang “{shown(grid.name)}” gõ bằng phông nào.", _RETYPE, preview
        ) from doubt
    old = found.encoding is not encodings.Encoding.UNICODE
    convert = found.convert if old else None
    cells = [[_clean(cell, convert) for cell in row] for row in grid.cells]
    if not old:
        return replace(grid, cells=cells)
    note = (
        f"Chữ trong tệp thuộc bảng mã {found.encoding} (chắc {found.confidence:.0%}), đã chuyển sang Unicode; "
        "mời xem lại chữ hoa, chữ thường của họ tên."
    )
    return replace(grid, cells=cells, notes=(*grid.notes, note))


def _clean(cell: Cell, convert: Callable[[str], str] | None) -> Cell:
    if not isinstance(cell, str):
        return cell
    if len(cell) > LONGEST_CELL:
        raise FileRefused("Có ô dài hơn 32.767 chữ.", "Mời xóa ô đó rồi nạp lại.")
    if cell.isascii():
        return cell.strip()
    if convert:
        cell = _converted(cell, convert)
    text = cell if unicodedata.is_normalized("NFC", cell) else unicodedata.normalize("NFC", cell)
    return text.translate(_SPACES).strip()


def _converted(cell: str, convert: Callable[[str], str]) -> str:
    """Convert what an old font can hold; a cell with a letter of no byte was Unicode already."""
    return convert(cell) if encodings.is_bytes(cell) else cell


_SPACES = {0xA0: " ", 0x2007: " ", 0x202F: " ", 0x3000: " "} | dict.fromkeys(
    (
        0x200B,
        0x200C,
        0x200D,
        0x2060,
        0xFEFF,
        0xAD,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ),
    None,
)
