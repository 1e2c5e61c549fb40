"""Find the header of a register by what it says, however many title rows stand above it.

A header may be one row, or two or three with merged group titles ("Bên nam" over "Họ tên").
A title that may mean two columns, or a column found twice, is not guessed: the file is refused.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from records.importers import titles
from records.importers.kinds import Form
from records.importers.rows import FileRefused, shown
from records.importers.sheet import Cell, Grid

SEARCHED = 40  # rows in which a header is looked for
DEEPEST = 3  # rows of one header
_MANY = 12
_LEAST = 2  # titles without a slip; a row with fewer is no header


@dataclass(frozen=True, kw_only=True)
class Header:
    """Where the header stands (`first`, `last`: rows from 0) and which column holds which field."""

    first: int
    last: int
    columns: Mapping[str, int]
    titles: Mapping[int, str]
    doubtful: tuple[str, ...] = ()

    def missing(self, form: Form, given: Mapping[str, object]) -> list[str]:
        """Return the titles of needed columns that are neither here nor given."""
        return [
            field.title
            for field in form.fields
            if field.needed and field.name not in self.columns and field.name not in given
        ]


def find(grid: Grid, form: Form, wanted: Mapping[str, str]) -> Header | None:
    """Return the best header of *grid*, or None when nothing there looks like one.

    *wanted* names columns of this supplier by their exact title, and goes before all synonyms.
    """
    known = _known(form)
    exact = {titles.fold(title): field for field, title in wanted.items()}
    best: Header | None = None
    for first in range(min(SEARCHED, len(grid.cells))):
        for depth in range(1, DEEPEST + 1):
            found = _try(grid, first, first + depth - 1, known, exact)
            if found and (best is None or _worth(found) > _worth(best)):
                best = found
    return best


def placed(grid: Grid, first: int, last: int, fields: Mapping[int, str]) -> Header | None:
    """Return the header a person has pointed out: `fields` says of each column (from 0) what it holds.

    A column that is not named, or under which nothing stands, holds nothing for us. None where
    the grid has no such rows.
    """
    if not 0 <= first <= last < min(len(grid.cells), SEARCHED + DEEPEST):
        return None
    said = _said(grid, first, last)
    columns = {field: column for column, field in fields.items() if field and column in said}
    return Header(first=first, last=last, columns=columns, titles=said)


def _worth(header: Header) -> tuple[int, int]:
    return 2 * len(header.columns) + len(header.doubtful), header.first - header.last


def _known(form: Form) -> Mapping[str, frozenset[str]]:
    """Return every way to name a column and the fields it may mean.

    A word that fields of two owners share ("Họ tên", where there is a bride and a groom) is
    known too, as in doubt.
    """
    known: dict[str, frozenset[str]] = {}
    for field in form.fields:
        for title in field.titles:
            known[title] = known.get(title, frozenset()) | {field.name}
    bare: dict[str, frozenset[str]] = {}
    for field in form.fields:
        for title in field.bare - known.keys():
            bare[title] = bare.get(title, frozenset()) | {field.name}
    return bare | known


def _try(
    grid: Grid, first: int, last: int, known: Mapping[str, frozenset[str]], exact: Mapping[str, str]
) -> Header | None:
    if last >= len(grid.cells):
        return None
    said = _said(grid, first, last)
    if (
        sum(bool(titles.exactly(title, known)) or titles.fold(title) in exact for title in said.values())
        < _LEAST
    ):
        return None
    meant = {
        column: frozenset({exact[folded]})
        if (folded := titles.fold(title)) in exact
        else titles.meant(title, known)
        for column, title in said.items()
    }
    taken = Counter(field for fields in meant.values() if len(fields) == 1 for field in fields)
    if not taken:
        return None
    doubtful = [said[column] for column, fields in meant.items() if _in_doubt(fields, taken)]
    columns = {
        next(iter(fields)): column
        for column, fields in meant.items()
        if len(fields) == 1 and taken[next(iter(fields))] == 1
    }
    return Header(first=first, last=last, columns=columns, titles=said, doubtful=tuple(doubtful))


def _in_doubt(fields: frozenset[str], taken: Mapping[str, int]) -> bool:
    return len(fields) > 1 or any(taken[field] > 1 for field in fields)


def _said(grid: Grid, first: int, last: int) -> dict[int, str]:
    """Return the title of each column: what stands above it, from the group down."""
    width = max((len(row) for row in grid.cells[first : last + 1]), default=0)
    rows = [_spread(grid, row, width, last=row == last) for row in range(first, last + 1)]
    found = {}
    for column in range(width):
        parts = list(dict.fromkeys(row[column] for row in rows if row[column]))
        if parts:
            found[column] = " ".join(parts)
    return found


def _spread(grid: Grid, row: int, width: int, *, last: bool) -> list[str]:
    """Return the titles of one row, a group's title over all of its columns.

    Where the file knows no merged cells (CSV), a group reaches to the next title.
    """
    cells = [_title(cell) for cell in grid.cells[row]] + [""] * (width - len(grid.cells[row]))
    merges = [merge for merge in grid.merges if merge[0][0] <= row <= merge[1][0]]
    for (top, left), (_, right) in merges:
        text = _title(grid.cells[top][left]) if left < len(grid.cells[top]) else ""
        for column in range(left, min(right + 1, width)):
            cells[column] = text
    if not merges and not last:
        _reach_on(cells)
    return cells


def _reach_on(cells: list[str]) -> None:
    for column in range(1, len(cells)):
        cells[column] = cells[column] or cells[column - 1]


def _title(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def check(header: Header, form: Form, given: Mapping[str, object]) -> None:
    """Refuse the file when a column is missing, or when a title leaves two choices."""
    if header.doubtful:
        named = ", ".join(f"“{shown(title)}”" for title in sorted(set(header.doubtful)))
        raise FileRefused(
            f"Tiêu đề cột có thể hiểu nhiều cách hoặc trùng nhau: {named}.",
            "Mời ghi rõ của ai, ví dụ “Ngày sinh vợ”, “Ngày sinh chồng”, mỗi tiêu đề một cột.",
        )
    if missing := header.missing(form, given):
        raise FileRefused(
            f"Thiếu cột bắt buộc: {', '.join(missing)}.",
            "Mời thêm cột hoặc sửa tiêu đề theo tệp mẫu rồi nạp lại.",
            tuple(shown(title) for title in list(header.titles.values())[:_MANY]),
        )


def unused(header: Header) -> Iterator[str]:
    """Return titles of columns that mean nothing to us."""
    used = set(header.columns.values())
    return (shown(title) for column, title in header.titles.items() if column not in used)


def is_counting(row: Sequence[Cell]) -> bool:
    """Tell whether *row* only numbers the columns: "(1)", "(2)", … or 1, 2, …."""
    said = [
        titles.fold(str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)) for cell in row
    ]
    found = [word for word in said if word]
    if len(found) < 3 or not all(word.isdecimal() and len(word) < 3 for word in found):  # noqa: PLR2004 - a register has more
        return False
    numbers = [int(word) for word in found]
    return all(after - before == 1 for before, after in pairwise(numbers))
