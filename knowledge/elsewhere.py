"""What wards are asked for and do not do: who does it, where, and what the ward can help with."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field

from knowledge import rows
from knowledge.procedure import Body, Procedure
from knowledge.rows import CatalogueError, Row

ELSEWHERE_FILE = Path(__file__).parent / "data" / "elsewhere.toml"


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """A matter of another office: *not here, but there*.

    `codes` are national codes this entry speaks for; a catalogue that has one of them answers
    itself. `body` does it, `where` says how to hand in, `online` may be "". `source` was
    checked on `checked_on`, in the state of `as_of` (YYYY-MM).
    """

    key: str
    name: str
    codes: tuple[str, ...]
    aliases: tuple[str, ...]
    body: str
    where: str
    online: str
    what_the_ward_does: str
    source: str
    as_of: str
    checked_on: date

    def as_names(self) -> Procedure:
        """Return its names in the shape an index takes; `code` is the key."""
        return Procedure(
            code=self.key,
            name=self.name,
            short_name=self.name,
            field="",
            field_slug="",
            handler=Body.OTHER,
            source=self.source,
            as_of=self.as_of,
            checked_on=self.checked_on,
            aliases=self.aliases,
        )


class _Row(Row):
    key: str = Field(pattern=r"^[a-z0-9_]{2,40}$")
    name: str = Field(min_length=3, max_length=100)
    codes: list[str] = Field(default=[])
    aliases: list[str] = Field(min_length=1)
    body: str = Field(min_length=4, max_length=200)
    where: str = Field(min_length=4, max_length=400)
    online: str = Field(default="", max_length=200)
    what_the_ward_does: str = Field(default="", max_length=300)
    source: str = Field(pattern=r"^https?://")
    as_of: str = Field(pattern=r"^\d{4}-\d{2}$")
    checked_on: date


def load(path: Path) -> tuple[Elsewhere, ...]:
    """Read the file. Raises `CatalogueError` with every defect, or `OSError`."""
    found, defects = rows.read(path, "elsewhere", _Row)
    if defects:
        raise CatalogueError(defects)
    return tuple(
        Elsewhere(**row.model_dump() | {"codes": tuple(row.codes), "aliases": tuple(row.aliases)})
        for row in found
    )


@cache
def bundled() -> tuple[Elsewhere, ...]:
    """Return the entries that come with the software."""
    return load(ELSEWHERE_FILE)
