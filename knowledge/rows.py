"""What every clerk's file has in common: rows of a table, their schema, and where a defect stands."""

import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One thing wrong in a catalogue file: where it stands and what is wrong."""

    file: str
    line: int
    code: str
    field: str
    what: str

    def __str__(self) -> str:
        """Return the defect as one line for the clerk."""
        return f"{self.file}:{self.line}: {self.code or '—'} · {self.field}: {self.what}"


class CatalogueError(Exception):
    """The edition has defects; nothing of it is used."""

    def __init__(self, defects: Sequence[Defect]) -> None:
        super().__init__("\n".join(map(str, defects)))
        self.defects = tuple(defects)


class Row(BaseModel):
    """The schema of one row: nothing unknown in it, all letters composed."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _composed(cls, value: object) -> object:
        said = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and text != unicodedata.normalize("NFC", text) for text in said):
            raise ValueError("chữ phải ở dạng dựng sẵn (NFC)")
        return value


R = TypeVar("R", bound=Row)


def read(path: Path, table: str, row: type[R]) -> tuple[list[R], list[Defect]]:
    """Read the rows `[[table]]` of a file whose rows are named by `key`; bad ones are told, not returned."""
    text = path.read_text("utf-8")
    try:
        raws: list[dict[str, Any]] = tomllib.loads(text)[table]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        what = f"không đọc được: {' '.join(str(error).split())[:200]}"
        return [], [Defect(file=path.name, line=1, code="", field="tệp", what=what)]
    rows, defects, seen = list[R](), list[Defect](), set[str]()
    for raw in raws:
        key = str(raw.get("key", ""))
        problems = [("key", "khóa dùng hai lần")] if key in seen else []
        try:
            rows.append(row.model_validate(raw))
        except ValidationError as error:
            problems += [(where(item), item["msg"]) for item in error.errors()]
        seen.add(key)
        defects += [
            defect(path.name, text, table=table, name="key", key=key, field=field, what=what)
            for field, what in problems
        ]
    return rows, defects


def defect(file: str, text: str, *, table: str, name: str, key: str, field: str, what: str) -> Defect:
    """Return a defect of the row whose *name* is *key*, on the line where it stands in *text*."""
    line = line_of(text, table=table, name=name, key=key, field=field)
    return Defect(file=file, line=line, code=key, field=field, what=what)


def where(error: Any) -> str:  # pydantic's ErrorDetails, a TypedDict of its core
    """Return the field an error of pydantic is about."""
    return ".".join(str(part) for part in error["loc"]) or "—"


def line_of(text: str, *, table: str, name: str, key: str, field: str) -> int:
    """Return the line on which *field* of the row stands whose *name* is *key*, or the row itself."""
    lines = text.splitlines()
    said = f'"{key}"'
    start = next((n for n, line in enumerate(lines) if line.startswith(name) and said in line), 0)
    wanted = field.split(".", maxsplit=1)[0]
    for number in range(start, len(lines)):
        if number > start and lines[number].startswith(f"[[{table}]]"):
            break
        if lines[number].strip().startswith((f"{wanted} ", f"{wanted}=", f"[[{table}.{wanted}]]")):
            return number + 1
    return start + 1
