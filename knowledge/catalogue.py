"""An edition of all cards: load it from a file or a folder, say every defect, say what changed.

Three shapes are read: the clerk's TOML files (a field a file), the JSON document an edition
is stored and exported as, and the JSONL of the national portal (`knowledge.portal`).
"""

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from knowledge import elsewhere, events, portal
from knowledge.elsewhere import Elsewhere
from knowledge.events import LifeEvent
from knowledge.fold import fold
from knowledge.match import Index
from knowledge.procedure import Body, Case, FeeKind, Online, Paper, Procedure
from knowledge.rows import CatalogueError, Defect, Row, defect, where

__all__ = [
    "BUNDLED",
    "Catalogue",
    "CatalogueError",
    "Defect",
    "Difference",
    "cards",
    "compare",
    "differences",
    "document",
    "load",
    "plain_card",
    "read_card",
    "restore",
    "shared_names",
    "stored",
]

BUNDLED = Path(__file__).parent / "data" / "procedures"
CODE = r"^\d\.\d{6}(\.[A-Z0-9]+)?$"


@dataclass(frozen=True)
class Catalogue:
    """All procedures of one edition, what is done elsewhere, life events, and the index to all of it.

    An edition brings procedures only; the rest comes with the software. What the edition has a
    card for is not elsewhere.
    """

    procedures: tuple[Procedure, ...]
    elsewhere: tuple[Elsewhere, ...] = field(default_factory=elsewhere.bundled)
    events: tuple[LifeEvent, ...] = field(default_factory=events.bundled)
    index: Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes = {item.code for item in self.procedures}
        away = [entry.as_names() for entry in self.elsewhere if codes.isdisjoint(entry.codes)]
        happening = [event.as_names() for event in self.events]
        object.__setattr__(self, "index", Index(self.procedures, away, happening))

    @cached_property
    def fields(self) -> dict[str, str]:
        """Return the fields by slug, in the order of the files."""
        return {item.field_slug: item.field for item in self.procedures}

    def get(self, code: str) -> Procedure | None:
        """Return the card of *code*, or of the one that replaces it."""
        return self.index.by_code.get(code)

    def get_elsewhere(self, key: str) -> Elsewhere | None:
        """Return what is known of the matter *key* of another office."""
        return next((entry for entry in self.elsewhere if entry.key == key), None)

    def get_event(self, key: str) -> LifeEvent | None:
        """Return the life event *key*."""
        return next((event for event in self.events if event.key == key), None)

    def in_field(self, slug: str) -> list[Procedure]:
        """Return the cards of one field, in the order of its file."""
        return [item for item in self.procedures if item.field_slug == slug]

    def document(self) -> str:
        """Return the edition as JSON, the same text for the same cards."""
        return document(self.procedures)


class _Paper(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2, max_length=300)
    copies: str = Field(default="", max_length=60)
    when: str = Field(default="", max_length=250)


class _Case(BaseModel):
    model_config = ConfigDict(extra="forbid")
    label: str = Field(min_length=2, max_length=20)
    text: str = Field(min_length=2, max_length=500)


class _Card(Row):
    """The schema of one card in a clerk's file."""

    code: str = Field(pattern=CODE)
    name: str = Field(min_length=4, max_length=1000)
    short_name: str = Field(min_length=4, max_length=60)
    handler: Body
    detail: str = Field(pattern="^(full|brief)$")
    source: str = Field(pattern=r"^https?://")
    as_of: str = Field(pattern=r"^\d{4}-\d{2}$")
    checked_on: date
    aliases: list[str] = Field(default=[])
    sibling_words: list[str] = Field(default=[])
    differs: str = Field(default="", max_length=60)
    where: str = Field(default="", max_length=200)
    online: Online = Online.UNKNOWN
    result: str = Field(default="", max_length=300)
    papers: list[_Paper] = Field(default=[])
    time_limit: str = Field(default="", max_length=400)
    working_days: int | None = Field(default=None, ge=0, le=400)
    calendar_days: int | None = Field(default=None, ge=0, le=800)
    same_day_until: time | None = None
    fee_kind: FeeKind = FeeKind.UNKNOWN
    fee: str = Field(default="", max_length=500)
    fee_vnd: int | None = Field(default=None, ge=0)
    legal_basis: list[str] = Field(default=[])
    mistakes: list[str] = Field(default=[])
    cases: list[_Case] = Field(default=[], max_length=3)
    successors: list[str] = Field(default=[])

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, what) for what a full card must say and does not."""
        if self.fee_kind is FeeKind.AMOUNT and self.fee_vnd is None:
            yield "fee_vnd", "loại lệ phí là một mức (amount) thì phải có số tiền"
        if self.detail == "full":
            needed = ("papers", "time_limit", "fee", "where", "result")
            yield from ((name, "thẻ đầy đủ phải có mục này") for name in needed if not getattr(self, name))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    field: dict[str, str]
    procedure: list[dict[str, Any]]


def load(path: Path) -> Catalogue:
    """Read a whole edition. Raises `CatalogueError` with every defect, or `OSError`."""
    procedures, defects = _read(path)
    defects = [*defects, *shared_names(procedures, path.name)]
    if path == BUNDLED:
        codes = {item.code for item in procedures}
        defects += events.unknown_codes(events.EVENTS_FILE, events.bundled(), codes)
    if not procedures and not defects:
        defects = [Defect(file=path.name, line=1, code="", field="—", what="không có thủ tục nào")]
    if defects:
        raise CatalogueError(defects)
    return Catalogue(tuple(procedures))


def cards(path: Path = BUNDLED) -> list[Procedure]:
    """Return the cards of an edition that was loaded before, without an index of them."""
    return _read(path)[0]


def restore(document: str) -> Catalogue:
    """Read an edition from the JSON it was stored as."""
    return Catalogue(tuple(stored(document)))


def stored(document: str) -> list[Procedure]:
    """Read the cards of an edition from the JSON it was stored as; quicker than an index of them."""
    return _STORED.validate_json(document)


def document(procedures: Iterable[Procedure]) -> str:
    """Return an edition of *procedures* as JSON, the same text for the same cards."""
    return json.dumps([plain_card(item) for item in procedures], ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changes from one edition to another, as codes."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, tuple[str, ...]], ...]


def compare(old: Catalogue, new: Catalogue) -> Difference:
    """Say which cards came, went, and changed in which fields."""
    return differences(old.procedures, new.procedures)


def differences(old: Iterable[Procedure], new: Iterable[Procedure]) -> Difference:
    """Say the same of two lists of cards."""
    before = {item.code: item for item in old}
    after = {item.code: item for item in new}
    changed = ((code, _changed(before[code], after[code])) for code in before.keys() & after.keys())
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted((code, names) for code, names in changed if names)),
    )


_STORED = TypeAdapter(list[Procedure])


def _read(path: Path) -> tuple[list[Procedure], list[Defect]]:
    if path.is_dir():
        pairs = [_read_toml(file) for file in sorted(path.glob("*.toml"))]
        return [item for items, _ in pairs for item in items], [item for _, items in pairs for item in items]
    if path.suffix == ".toml":
        return _read_toml(path)
    if path.suffix == ".json":
        return _read_stored(path)
    return _read_portal(path)


def _read_portal(path: Path) -> tuple[list[Procedure], list[Defect]]:
    procedures, problems = portal.read(path.read_text("utf-8"))
    return procedures, [
        Defect(file=path.name, line=line, code=code, field=name, what=what)
        for line, code, name, what in problems
    ]


def _read_stored(path: Path) -> tuple[list[Procedure], list[Defect]]:
    try:
        return _STORED.validate_json(path.read_text("utf-8")), []
    except ValidationError as error:
        return [], [
            Defect(file=path.name, line=1, code="", field=where(item), what=item["msg"])
            for item in error.errors()
        ]


def _read_toml(path: Path) -> tuple[list[Procedure], list[Defect]]:
    text = path.read_text("utf-8")
    try:
        page = _File.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        what = " ".join(str(error).split())[:200]
        return [], [Defect(file=path.name, line=1, code="", field="tệp", what=f"không đọc được: {what}")]
    procedures, defects = [], []
    for raw in page.procedure:
        card, problems = read_card(raw, page.field)
        code = str(raw.get("code", ""))
        procedures += [card] if card else []
        defects += [
            defect(path.name, text, table="procedure", name="code", key=code, field=name, what=what)
            for name, what in problems
        ]
    return procedures, defects


def read_card(
    raw: Mapping[str, Any], of: Mapping[str, str], say: Callable[[Any], str] = lambda error: str(error["msg"])
) -> tuple[Procedure | None, list[tuple[str, str]]]:
    """Return the card in *raw*, of a field's `name` and `slug`; or what is wrong, as (field, what).

    *say* words an error of pydantic (a TypedDict of its core).
    """
    try:
        card = _Card.model_validate(raw)
    except ValidationError as error:
        return None, [(where(item), say(item)) for item in error.errors()]
    problems = list(card.problems())
    return (None if problems else _procedure(card, of)), problems


def _procedure(card: _Card, of: Mapping[str, str]) -> Procedure:
    values = {name: getattr(card, name) for name in type(card).model_fields if name != "detail"}
    for name in ("aliases", "sibling_words", "legal_basis", "mistakes", "successors"):
        values[name] = tuple(values[name])
    values["papers"] = tuple(Paper(**paper.model_dump()) for paper in card.papers)
    values["cases"] = tuple(Case(**case.model_dump()) for case in card.cases)
    return Procedure(
        **values, full=card.detail == "full", field=of.get("name", ""), field_slug=of.get("slug", "")
    )


def shared_names(procedures: Sequence[Procedure], file: str) -> list[Defect]:
    """Return every code used twice and every everyday name of two procedures: they would answer by chance."""
    defects, codes, names = [], dict[str, int](), dict[str, str]()
    for item in procedures:
        codes[item.code] = codes.get(item.code, 0) + 1
        for alias in item.aliases:
            other = names.setdefault(alias.lower(), item.code)
            if other != item.code:
                what = f"tên “{fold(alias)}” đã dùng cho {other}"
                defects.append(Defect(file=file, line=1, code=item.code, field="aliases", what=what))
    twice = [code for code, times in codes.items() if times > 1]
    return defects + [
        Defect(file=file, line=1, code=code, field="code", what="mã dùng hai lần") for code in twice
    ]


def _changed(old: Procedure, new: Procedure) -> tuple[str, ...]:
    return tuple(
        item.name for item in fields(Procedure) if getattr(old, item.name) != getattr(new, item.name)
    )


def plain_card(item: Procedure) -> dict[str, Any]:
    """Return a card as it is stored."""
    values = asdict(item)
    for name in ("checked_on", "same_day_until"):
        values[name] = values[name].isoformat() if values[name] is not None else None
    return values
