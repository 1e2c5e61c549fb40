"""Which column was taken for what: shown to a person, who may choose otherwise, column by column.

A proposal says more than a reading: also of a file that was refused because of its header. What
the person chose goes back to `reading` as the mapping `placed`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from records.importers import kinds
from records.importers.headers import Header
from records.importers.kinds import Form
from records.importers.reading import wanted_of, which_sheet
from records.importers.rows import FileRefused, Kind, shown
from records.importers.sheet import Grid

MOST_COLUMNS = 80  # a register has twenty; what lies farther out is no column of it


@dataclass(frozen=True, kw_only=True)
class Titled:
    """One column with a title: `field` is what it was taken for, "" for nothing; `doubtful`: for several."""

    place: int
    title: str
    field: str
    doubtful: bool = False


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A header as it was understood: sheet, its rows from 0, its columns from the left."""

    sheet: str
    first: int
    last: int
    columns: tuple[Titled, ...]


def propose(grids: Sequence[Grid], kind: Kind, mapping: Mapping[str, Any] | None = None) -> Proposal | None:
    """Return how the header was understood, rows and all; None where there is no header, or two sheets fit."""
    form = kinds.form(kind)
    try:
        grid, header = which_sheet(grids, form, wanted_of(mapping or {}, form))
    except FileRefused:
        return None
    return Proposal(
        sheet=grid.name, first=header.first, last=header.last, columns=tuple(_columns(header)[:MOST_COLUMNS])
    )


def _columns(header: Header) -> list[Titled]:
    fields = {place: field for field, place in header.columns.items()}
    return [
        Titled(
            place=place,
            title=shown(title),
            field=fields.get(place, ""),
            doubtful=title in header.doubtful,
        )
        for place, title in sorted(header.titles.items())
    ]


def choices(kind: Kind) -> list[tuple[str, str, bool]]:
    """Return what a column of this register may hold: name, title, and whether it must be there."""
    form: Form = kinds.form(kind)
    return [(field.name, field.title, field.needed) for field in form.fields]


def chosen(proposal: Proposal, fields: Mapping[int, str]) -> dict[str, Any]:
    """Return the mapping that has *fields* read under the header of *proposal*."""
    placed = {str(column.place): fields.get(column.place, "") for column in proposal.columns}
    return {
        "sheet": proposal.sheet,
        "placed": {"first": proposal.first, "last": proposal.last, "fields": placed},
    }


def packed(proposal: Proposal) -> dict[str, Any]:
    """Return *proposal* as it is kept."""
    columns = [[one.place, one.title, one.field, one.doubtful] for one in proposal.columns]
    return {"sheet": proposal.sheet, "first": proposal.first, "last": proposal.last, "columns": columns}


def unpacked(kept: Mapping[str, Any]) -> Proposal:
    """Return the proposal that was kept."""
    columns = tuple(
        Titled(place=place, title=title, field=field, doubtful=doubtful)
        for place, title, field, doubtful in kept["columns"]
    )
    return Proposal(sheet=kept["sheet"], first=kept["first"], last=kept["last"], columns=columns)
