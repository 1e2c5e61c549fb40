"""Life events: what must be done, in order, when a child is born, somebody dies, a shop opens."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field

from knowledge import elsewhere, rows
from knowledge.procedure import Body, Procedure
from knowledge.rows import CatalogueError, Defect, Row

EVENTS_FILE = Path(__file__).parent / "data" / "life_events.toml"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do: by the card `code`, or at the entry `elsewhere`, or neither ("")."""

    text: str
    code: str = ""
    elsewhere: str = ""
    deadline: str = ""


@dataclass(frozen=True, kw_only=True)
class LifeEvent:
    """What to do, in order, when something happens; checked against `source` on `checked_on`."""

    key: str
    name: str
    aliases: tuple[str, ...]
    intro: str
    steps: tuple[Step, ...]
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


class _Step(Row):
    text: str = Field(min_length=4, max_length=300)
    code: str = ""
    elsewhere: str = ""
    deadline: str = Field(default="", max_length=200)


class _Row(Row):
    key: str = Field(pattern=r"^[a-z0-9_]{2,40}$")
    name: str = Field(min_length=3, max_length=100)
    aliases: list[str] = Field(min_length=1)
    intro: str = Field(min_length=4, max_length=400)
    steps: list[_Step] = Field(min_length=1)
    source: str = Field(pattern=r"^https?://")
    as_of: str = Field(pattern=r"^\d{4}-\d{2}$")
    checked_on: date


def load(path: Path, keys: Collection[str]) -> tuple[LifeEvent, ...]:
    """Read the file; *keys* are those of `elsewhere`. Raises `CatalogueError` or `OSError`."""
    found, defects = rows.read(path, "event", _Row)
    events = tuple(_event(row) for row in found)
    defects += _misled(path, events, "elsewhere", keys)
    if defects:
        raise CatalogueError(defects)
    return events


def unknown_codes(path: Path, events: Sequence[LifeEvent], codes: Collection[str]) -> list[Defect]:
    """Return a defect for every step that leads to a card the catalogue does not have."""
    return list(_misled(path, events, "code", codes))


@cache
def bundled() -> tuple[LifeEvent, ...]:
    """Return the life events that come with the software."""
    return load(EVENTS_FILE, {entry.key for entry in elsewhere.bundled()})


def _event(row: _Row) -> LifeEvent:
    steps = tuple(Step(**step.model_dump()) for step in row.steps)
    return LifeEvent(**row.model_dump() | {"aliases": tuple(row.aliases), "steps": steps})


def _misled(path: Path, events: Sequence[LifeEvent], name: str, known: Collection[str]) -> Iterator[Defect]:
    text = path.read_text("utf-8")
    for event in events:
        for number, step in enumerate(event.steps):
            leads_to = getattr(step, name)
            if leads_to and leads_to not in known:
                field, what = f"steps.{number}.{name}", f"không có “{leads_to}”"
                yield rows.defect(
                    path.name, text, table="event", name="key", key=event.key, field=field, what=what
                )
