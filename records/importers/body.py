"""The rows below a header: entries of the register, and what stands among them without being one.

Blank rows, sums, numbers struck out, repeated headers, section lines and signatures are passed over. A row that
holds but a cell or two of an entry is none of these: it is what a moved column leaves behind.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from records.importers import cells, dates, titles
from records.importers.headers import Header, is_counting
from records.importers.kinds import Form
from records.importers.rows import Fact, FileRefused, Refusal, shown
from records.importers.sheet import Cell, Grid

MAX_ENTRIES = 100_000
_SUM = re.compile(r"tong (?:cong|so)\b.*|(?:tong|cong)(?: \d.*)?|cong (?:quyen|trang|thang|so|to)\b.*")
_SIGNED = re.compile(
    r".*\b(?:nguoi lap|nguoi ghi|nguoi kiem|can bo lap|xac nhan cua|chu tich|thu truong|ky ten|ky ghi ro|"
    r"tm u|kt chu|cong chuc tu phap|cong chuc ho tich|dong dau)\b.*|.+ ngay [\d ]{0,4}thang [\d ]{0,4}nam.*"
)
_VOID = re.compile(r"(?:so )?(?:da )?(?:huy|huy bo|bo so|bo trong)")
_TELLING = frozenset({"name", "party", "date", "birth", "phone", "id"})
MOVED = (
    "Mời mở tệp, so với sổ gốc: có ô bị chèn thêm hoặc xóa bớt làm lệch một cột; sửa xong rồi nạp lại cả tệp."
)


@dataclass(kw_only=True)
class Entry:
    """One row of the register while it is being read: its cells, its facts, and what is wrong."""

    number: int
    cells: dict[str, Cell]
    facts: dict[str, Fact] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    strange: bool = False
    _folded: dict[str, str] = field(default_factory=dict)

    def folded(self, name: str) -> str:
        """Return the words of a fact without marks, or ""; rows are compared by them."""
        if name not in self._folded:
            fact = self.facts.get(name)
            self._folded[name] = titles.fold(fact) if isinstance(fact, str) else ""
        return self._folded[name]

    def refuse(self, column: str, found: object, why: str, todo: str, *, strange: bool = True) -> None:
        """Note why this row is not taken; `strange` when its cells may be of two rows."""
        self.refusals.append(Refusal(row=self.number, column=column, found=shown(found), why=why, todo=todo))
        self.strange = self.strange or strange


@dataclass(frozen=True, kw_only=True)
class _Place:
    """One row of the sheet with the cells of the known columns, empty ones left out."""

    index: int
    cells: Mapping[str, Cell]
    whole: Sequence[Cell]


def entries(grid: Grid, header: Header, form: Form) -> tuple[list[Entry], list[str]]:
    """Return the entries below *header* and notes about rows passed over."""
    places = list(_places(grid, header))
    usual = median([len(place.cells) for place in places if place.cells] or [0])
    found: list[Entry] = []
    passed: Counter[str] = Counter()
    signed = False
    for place in places:
        if len(place.cells) > max(1, usual // 3):
            found.append(Entry(number=place.index + 1, cells=dict(place.cells)))
            continue
        what = _beside(place, form, header, signed=signed)
        signed = signed or what == "dòng ký tên"
        passed[what] += 1
    if len(found) > MAX_ENTRIES:
        raise FileRefused("Bảng có hơn 100.000 dòng.", "Mời chia sổ thành nhiều tệp.")
    _merged(grid, header, form, found)
    _stray(grid, header, found)
    return found, [f"Bỏ qua {count} {what}." for what, count in passed.items() if what]


def _places(grid: Grid, header: Header) -> Iterator[_Place]:
    wanted = list(header.columns.items())
    said = {cell for row in grid.cells[header.first : header.last + 1] for cell in row if cell != ""}
    for index in range(header.last + 1, len(grid.cells)):
        row = grid.cells[index]
        if not any(cell != "" for cell in row):
            continue
        if index == header.last + 1 and is_counting(row):
            continue
        width = len(row)
        known = {
            name: cell
            for name, at in wanted
            if at < width and (cell := row[at]) != "" and not cells.is_empty(cell)
        }
        if not _repeats(known, said):
            yield _Place(index=index, cells=known, whole=row)


def _repeats(known: Mapping[str, Cell], said: set[Cell]) -> bool:
    """Tell whether this row is the header once more, as on every printed page."""
    return len(known) > 1 and all(cell in said for cell in known.values())


def _beside(place: _Place, form: Form, header: Header, *, signed: bool) -> str:
    """Say what a sparse row is. Raises FileRefused when it is the end of a column that moved."""
    said = [titles.fold(cell) for cell in place.whole if isinstance(cell, str) and cell]
    if any(map(_SIGNED.fullmatch, said)):
        return "dòng ký tên"
    if any(map(_VOID.fullmatch, said)):
        return "dòng số đã hủy"
    total = any(map(_SUM.fullmatch, said))
    left = [
        name
        for name, cell in place.cells.items()
        if not (isinstance(cell, str) and _SUM.fullmatch(titles.fold(cell)))
    ]
    orphans = [] if signed else [name for name in left if _reads(form, name, place.cells[name], total=total)]
    if orphans:
        named = ", ".join(f"“{shown(header.titles[header.columns[name]])}”" for name in orphans)
        raise FileRefused(f"Dòng {place.index + 1} chỉ có ô của cột {named}, không có phần còn lại.", MOVED)
    if total:
        return "dòng cộng"
    return "dòng ký tên" if signed else "dòng không có nội dung của sổ"


def _reads(form: Form, name: str, cell: Cell, *, total: bool) -> bool:
    """Tell whether *cell* would do as this field of an entry; beside a sum a number is a count."""
    kind = form.field(name).type
    counted = kind in {"number", "code"} and form.field(name).needed and not total
    if kind not in _TELLING and not counted:
        return False
    try:
        if kind in cells.DATES:
            dates.read_birth(cell)
        else:
            cells.READERS[kind](cell)
    except (cells.Unread, dates.NoDate) as refused:
        return not refused.strange
    return True


def _merged(grid: Grid, header: Header, form: Form, found: Sequence[Entry]) -> None:
    """Share merged cells where that is meant; elsewhere one cell for two rows is refused."""
    by_column = {at: name for name, at in header.columns.items()}
    by_index = {entry.number - 1: entry for entry in found}
    for (top, left), (bottom, right) in grid.merges:
        if bottom <= header.last:
            continue
        names = [by_column[at] for at in range(left, min(right, left + 200) + 1) if at in by_column]
        rows = [by_index[at] for at in range(top, min(bottom, len(grid.cells)) + 1) if at in by_index]
        if rows and names:
            _share(rows, names, header, form, wide=right > left)


def _share(rows: Sequence[Entry], names: Sequence[str], header: Header, form: Form, *, wide: bool) -> None:
    cell = rows[0].cells.get(names[0], "")
    shared = not wide and form.field(names[0]).shared
    for entry in rows:
        if shared and cell != "":
            entry.cells[names[0]] = cell
        elif not shared:
            title = shown(header.titles[header.columns[names[0]]])
            entry.refuse(
                title, cell, "ô này gộp chung nhiều dòng hoặc nhiều cột", "Mời bỏ gộp ô và ghi riêng từng ô."
            )


def _stray(grid: Grid, header: Header, found: Sequence[Entry]) -> None:
    """Refuse a row with a cell where the table has no column: the row may have moved to the right."""
    untitled = Counter(at for entry in found for at in _outside(grid, header, entry))
    for at, count in untitled.items():
        if 2 * count > len(found) and at > min(header.titles):
            raise FileRefused(f"Cột thứ {at + 1} có dữ liệu mà không có tiêu đề.", MOVED_TABLE)
    before = min(header.titles)
    usual = (
        Counter(len(grid.cells[entry.number - 1]) for entry in found).most_common(1) if grid.ragged else []
    )
    longest = max([len(grid.cells[header.last]), *(length for length, _ in usual)])
    for entry in found:
        row = grid.cells[entry.number - 1]
        if grid.ragged and len(row) > longest:
            entry.refuse("cả dòng", row[-1], f"dòng có {len(row)} ô, bảng chỉ có {longest} cột", MOVED_ROW)
        for at in _outside(grid, header, entry):
            if at > before:
                entry.refuse("ngoài bảng", row[at], "có ô nằm ngoài các cột có tiêu đề", MOVED_ROW)


MOVED_TABLE = (
    "Mời xem các cột có bị đẩy lệch khỏi tiêu đề không; nếu đúng là một cột của sổ thì đặt tiêu đề cho cột."
)
MOVED_ROW = (
    "Mời xem dòng này có bị đẩy lệch sang phải không; nếu là ghi chú thì đặt tiêu đề “Ghi chú” cho cột."
)


def _outside(grid: Grid, header: Header, entry: Entry) -> list[int]:
    row = grid.cells[entry.number - 1]
    return [at for at, cell in enumerate(row) if cell != "" and at not in header.titles]


Reader = Callable[[Cell], Fact]


def read_cells(found: Sequence[Entry], header: Header, form: Form) -> None:
    """Read every cell but dates of birth: their century is told by the row's other dates."""
    for name in header.columns:
        kind = form.field(name).type
        if kind == "birth":
            continue
        reader: Reader = _day if kind == "date" else cells.READERS[kind]
        title = shown(header.titles[header.columns[name]])
        for entry in found:
            if (cell := entry.cells.get(name, "")) != "":
                _read(entry, name, cell, title, reader)


def read_births(found: Sequence[Entry], header: Header, form: Form) -> None:
    """Read dates of birth, each with the bounds its owner's age sets."""
    for name in header.columns:
        if form.field(name).type != "birth":
            continue
        age = next((age for age in form.ages if age.born == name), None)
        title = shown(header.titles[header.columns[name]])
        for entry in found:
            if (cell := entry.cells.get(name, "")) != "":
                at = entry.facts.get(age.at) if age else None
                bounds = _bounds(at, age.least, age.most) if age else None
                _read(entry, name, cell, title, _birth_within(bounds))


def _bounds(at: Fact, least: int, most: int) -> tuple[date, date] | None:
    if not isinstance(at, date):
        return None
    first, last = max(at.year - most, dates.OLDEST.year), at.year - least
    return date(first, 1, 1), date(last, 12, 31)


def _birth_within(bounds: tuple[date, date] | None) -> Reader:
    def birth(cell: Cell) -> Fact:
        found = dates.read_birth(cell, *(bounds or ()))
        return found if isinstance(found, int) else found.day

    return birth


_EVENTS_SINCE = date(2000, 1, 1)  # "26" beside a register's entry is no year of 1926


def _day(cell: Cell) -> Fact:
    return dates.read(cell, _EVENTS_SINCE).day


def _read(entry: Entry, name: str, cell: Cell, title: str, reader: Reader) -> None:
    try:
        entry.facts[name] = reader(cell)
    except cells.Unread as refused:
        entry.refuse(title, cell, refused.why, refused.todo, strange=refused.strange)
    except dates.NoDate as refused:
        todo = "Mời ghi đủ ngày/tháng/năm (năm bốn chữ số) theo sổ gốc."
        entry.refuse(title, cell, refused.why, todo, strange=refused.strange)
