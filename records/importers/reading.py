"""Read one register: a file in, rows that can be believed out, the others refused with a reason."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from records.importers import agreement, body, headers, kinds, pairing, sheet
from records.importers.agreement import Columns
from records.importers.body import Entry
from records.importers.cells import READERS, Unread
from records.importers.headers import Header
from records.importers.kinds import Form
from records.importers.rows import FileRefused, Kind, Reading, Row, shown
from records.importers.sheet import Grid

_MAPPING = "Mời sửa tệp ánh xạ cột của nhà cung cấp."
_CHOOSE = "Mời chọn lại từng cột: mỗi nội dung một cột."


@dataclasses.dataclass(frozen=True, kw_only=True)
class Placed:
    """A header a person has pointed out: its rows from 0, and the field of each column from 0."""

    first: int
    last: int
    fields: Mapping[int, str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a supplier's mapping says: titles of columns, constants, the sheet."""

    columns: Mapping[str, str]
    constants: Mapping[str, str]
    sheet: str
    placed: Placed | None = None


def read(
    content: bytes,
    name: str,
    kind: Kind,
    mapping: Mapping[str, Any] | None = None,
    *,
    today: date | None = None,
) -> Reading:
    """Return the rows of the register *content* is. Raises FileRefused when nothing may be trusted.

    *mapping* is one supplier's: `columns` (field → exact title), `constants` (field → value for
    every row, such as a book's number) and `sheet`; or `placed`, a header a person has pointed
    out column by column (see `proposing`). With *today*, dates after it are refused.
    """
    return understand(sheet.read(content, name), kind, mapping, today=today)


def understand(
    grids: Sequence[Grid],
    kind: Kind,
    mapping: Mapping[str, Any] | None = None,
    *,
    today: date | None = None,
) -> Reading:
    """Return the rows of the register in *grids*, as `read` does, of a file that is open already."""
    form = kinds.form(kind)
    wanted = wanted_of(mapping or {}, form)
    grid, header = which_sheet(grids, form, wanted)
    headers.check(header, form, wanted.constants)
    entries, notes = body.entries(grid, header, form)
    if not entries:
        raise FileRefused("Dưới dòng tiêu đề chưa có dòng nào.", "Mời điền sổ rồi nạp lại.")
    columns = Columns(titles={field: shown(header.titles[at]) for field, at in header.columns.items()})
    repeated = _judge(entries, form, header, columns=columns, wanted=wanted, today=today)
    rows = tuple(_rows(entries, form, repeated))
    refusals = tuple(refusal for entry in entries for refusal in entry.refusals)
    return Reading(
        kind=kind,
        sheet=grid.name,
        header_row=header.last + 1,
        columns=columns.titles,
        rows=rows,
        refusals=refusals,
        notes=(*grid.notes, *notes, *_notes(header, form, repeated, entries)),
    )


def _judge(
    entries: Sequence[Entry],
    form: Form,
    header: Header,
    *,
    columns: Columns,
    wanted: Wanted,
    today: date | None,
) -> set[int]:
    """Read the cells, then let rows, columns and the whole sheet be judged, in that order."""
    pairing.whole_columns(entries, form, columns)
    pairing.month_first(entries, form, columns)
    body.read_cells(entries, header, form)
    body.read_births(entries, header, form)
    for field, value in wanted.constants.items():
        for entry in entries:
            entry.facts[field] = READERS[form.field(field).type](value)
    agreement.check(entries, form, columns, today)
    pairing.across(entries, form, columns)
    whole = [entry for entry in entries if not entry.refusals]
    keyed = [form.key(entry.facts) for entry in whole]
    again = pairing.same_keys(whole, keyed, columns, form.fields[0].name)
    pairing.few(entries)
    return {whole[place].number for place in again}


def _rows(entries: Sequence[Entry], form: Form, repeated: set[int]) -> Iterator[Row]:
    kept = [field.name for field in form.fields if not field.evidence]
    for entry in entries:
        if not entry.refusals and entry.number not in repeated:
            facts = {name: entry.facts.get(name) for name in kept}
            yield Row(number=entry.number, key=form.key(entry.facts), facts=facts)


def _notes(header: Header, form: Form, repeated: set[int], entries: Sequence[Entry]) -> Iterator[str]:
    if unused := list(headers.unused(header)):
        yield f"Không dùng các cột: {', '.join(f'“{title}”' for title in unused)}."
    if repeated:
        yield f"Bỏ qua {len(repeated)} dòng lặp lại y nguyên một dòng khác."
    weak = [person.whose for person in form.persons if not ({person.born, person.id} & header.columns.keys())]
    if weak and form.ages:
        yield f"Không có ngày sinh, số định danh của {', '.join(weak)} để kiểm tra; mời đối chiếu kỹ họ tên từng dòng."
    hints = sum(agreement.seems_swapped(entry, form.persons) for entry in entries if not entry.refusals)
    if hints:
        yield f"Có {hints} họ tên dường như không hợp giới tính; mời xem lại."


# --- which sheet -----------------------------------------------------------------------------------


def which_sheet(grids: Sequence[Grid], form: Form, wanted: Wanted) -> tuple[Grid, Header]:
    """Return the one sheet that is this register. Raises FileRefused when none or two are."""
    if wanted.sheet:
        grids = [grid for grid in grids if grid.name == wanted.sheet]
        if not grids:
            raise FileRefused(f"Không có trang “{shown(wanted.sheet)}”.", _MAPPING)
    found = [(grid, header) for grid in grids if (header := _header(grid, form, wanted))]
    fits = [one for one in found if not one[1].missing(form, wanted.constants)]
    fits = [one for one in fits if _has_rows(*one)] or fits
    fits = [one for one in fits if one[0].visible] or fits
    if len(fits) > 1:
        names = ", ".join(f"“{shown(grid.name)}”" for grid, _ in fits)
        raise FileRefused(
            f"Có {len(fits)} trang cùng là {form.title.lower()}: {names}.",
            "Mời giữ lại một trang trong tệp, hoặc nạp từng trang một.",
        )
    if fits:
        return fits[0]
    if not found:
        raise FileRefused(
            f"Không tìm thấy dòng tiêu đề của {form.title.lower()}.",
            "Mời kiểm tra đã chọn đúng loại sổ chưa, hoặc dùng tệp mẫu.",
        )
    return max(found, key=lambda one: len(one[1].columns))


def _header(grid: Grid, form: Form, wanted: Wanted) -> Header | None:
    if wanted.placed is None:
        return headers.find(grid, form, wanted.columns)
    return headers.placed(grid, wanted.placed.first, wanted.placed.last, wanted.placed.fields)


def _has_rows(grid: Grid, header: Header) -> bool:
    return any(cell != "" for row in grid.cells[header.last + 1 :] for cell in row)


# --- a supplier's mapping --------------------------------------------------------------------------


def wanted_of(said: Mapping[str, Any], form: Form) -> Wanted:
    """Return what a mapping says. Raises FileRefused where it cannot be meant."""
    if strange := said.keys() - {"columns", "constants", "sheet", "placed"}:
        raise FileRefused(f"Tệp ánh xạ có mục lạ: {', '.join(map(shown, sorted(strange)))}.", _MAPPING)
    columns, constants = said.get("columns", {}), said.get("constants", {})
    known = {field.name for field in form.fields}
    if strange := (columns.keys() | constants.keys()) - known:
        raise FileRefused(f"Tệp ánh xạ có trường lạ: {', '.join(map(shown, sorted(strange)))}.", _MAPPING)
    for field, value in constants.items():
        _check_constant(form, field, value)
    return Wanted(
        columns=columns,
        constants=constants,
        sheet=str(said.get("sheet", "")),
        placed=_placed(said["placed"], known) if "placed" in said else None,
    )


def _placed(said: Any, known: Collection[str]) -> Placed:
    """Read a header that was pointed out. Raises FileRefused; each field stands in one column only."""
    try:
        fields = {int(column): str(field) for column, field in said["fields"].items() if field}
        placed = Placed(first=int(said["first"]), last=int(said["last"]), fields=fields)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileRefused("Phần chọn cột không đọc được.", _CHOOSE) from error
    if set(fields.values()) - set(known) or len(set(fields.values())) < len(fields):
        raise FileRefused("Có hai cột được chọn cùng một nội dung, hoặc nội dung lạ.", _CHOOSE)
    return placed


def _check_constant(form: Form, field: str, value: str) -> None:
    reader = READERS.get(form.field(field).type)
    if reader is None or form.field(field).pairs:
        raise FileRefused(f"Tệp ánh xạ, trường {field}: phải đọc từ từng dòng.", _MAPPING)
    try:
        reader(value)
    except Unread as error:
        raise FileRefused(f"Tệp ánh xạ, trường {field}: {error.why}.", _MAPPING) from error
