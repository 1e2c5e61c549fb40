"""The file of concerns as a clerk writes it: its schema, and what to do about each defect."""

import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from knowledge.concern_words import parse
from knowledge.rows import Defect, Row, defect, where

TABLES = ("cues", "groups", "category")

# What a clerk can do about each kind of defect pydantic tells.
_ADVICE = {
    "missing": "còn thiếu, xin thêm dòng này",
    "extra_forbidden": "không có mục tên này, xin xóa hoặc sửa tên",
    "string_too_short": "để trống hoặc quá ngắn, xin viết thêm",
    "string_too_long": "dài quá {max_length} ký tự, xin viết ngắn lại",
    "string_pattern_mismatch": "viết chưa đúng mẫu {pattern}",
    "string_type": "phải là chữ trong dấu ngoặc kép",
    "literal_error": "chỉ được là {expected}",
    "int_type": "phải là số nguyên, không có dấu ngoặc kép",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "phải từ {le} trở xuống",
    "bool_type": "chỉ được là true hoặc false",
    "bool_parsing": "chỉ được là true hoặc false",
    "date_type": "phải là ngày, viết như 2026-01-01",
    "list_type": "phải là danh sách trong dấu ngoặc vuông",
}


class TermRow(Row):
    """A later term: what holds for *level* from the day `since` on."""

    level: Literal["urgent", "normal", "complex"]
    minutes: int | None = Field(default=None, ge=30, le=14_400, strict=True)
    working_days: int | None = Field(default=None, ge=1, le=90, strict=True)
    source: str = Field(min_length=4, max_length=300)
    since: date


class Spoken(Row):
    """A row of which some lists are phrases."""

    @field_validator(
        "words", "hints", "not_words", "urgent_words", "complex_words", mode="after", check_fields=False
    )
    @classmethod
    def _spoken(cls, phrases: list[str]) -> list[str]:
        for phrase in phrases:
            parse(phrase)
        return phrases


class CategoryRow(Spoken):
    """One category of reports."""

    code: str = Field(pattern=r"^[a-z][a-z_]{2,29}$")
    name: str = Field(min_length=2, max_length=20)
    title: str = Field(min_length=3, max_length=80)
    kind: Literal["report", "suggestion", "opinion", "compliment"] = "report"
    example: str = Field(min_length=5, max_length=80)
    words: list[str]
    hints: list[str] = Field(default=[])
    not_words: list[str] = Field(default=[])
    urgent_words: list[str] = Field(default=[])
    complex_words: list[str] = Field(default=[])
    level: Literal["urgent", "normal", "complex"] = "normal"
    emergency: str = Field(default="", pattern=r"^(\d{3})?$")
    discreet: bool = False
    needs_place: bool = True
    urgent_minutes: int = Field(default=480, ge=30, le=14_400, strict=True)
    normal_days: int = Field(ge=1, le=90, strict=True)
    complex_days: int = Field(default=10, ge=1, le=90, strict=True)
    terms: list[TermRow] = Field(default=[])


class CueRow(Spoken):
    """Words that tell a report (`weight` above 0) from a question (below)."""

    weight: float = Field(ge=-10, le=10)
    words: list[str] = Field(min_length=1)


class AnyRow(Spoken):
    """Phrases that hold for every category."""

    words: list[str]


class GroupRow(Row):
    """One of the first buttons."""

    name: str = Field(min_length=2, max_length=20)
    codes: list[str] = Field(min_length=1)


class File(Row):
    """The whole file."""

    source: str = Field(min_length=4, max_length=300)
    since: date
    passed_over: str = ""
    cues: list[CueRow]
    urgent: AnyRow
    complex: AnyRow
    groups: list[GroupRow]
    category: list[CategoryRow] = Field(min_length=1)


def read(path: Path) -> tuple[File | None, list[Defect]]:
    """Return the file, or None and every defect of it. Raises `OSError`."""
    text = path.read_bytes().decode("utf-8", errors="replace")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = f"không đọc được, xin sửa chỗ này: {' '.join(str(error).split())[:200]}"
        return None, [Defect(file=path.name, line=1, code="", field="tệp", what=what)]
    try:
        file = File.model_validate(raw)
    except ValidationError as error:
        return None, [_told(path.name, text, raw, item) for item in error.errors()]
    defects = [
        defect(path.name, text, table=table, name=name, key=key, field=field, what=what)
        for table, name, key, field, what in _inconsistent(file)
    ]
    return (None if defects else file), defects


def _told(file: str, text: str, raw: dict[str, Any], error: Any) -> Defect:  # pydantic's ErrorDetails
    table, *inside = error["loc"]
    what = _advice(error)
    if table not in TABLES or not inside:
        return Defect(file=file, line=1, code="", field=where(error), what=what)
    row = raw[table][inside[0]] if isinstance(inside[0], int) else {}
    name = {"category": "code", "groups": "name"}.get(table, "weight")
    key = str(row.get(name, "")) if isinstance(row, dict) else ""
    field = ".".join(map(str, inside[1:])) or name
    return defect(file, text, table=table, name=name, key=key, field=field, what=what)


def _advice(error: Any) -> str:  # pydantic's ErrorDetails
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    advice = _ADVICE.get(error["type"])
    return advice.format(**error.get("ctx", {})) if advice else str(error["msg"])


_Told = tuple[str, str, str, str, str]  # table, the name of its key, the key, field, what to do


def _inconsistent(file: File) -> Iterator[_Told]:
    codes = [row.code for row in file.category]
    yield from _twice("category", "code", codes)
    yield from _twice("category", "name", [row.name for row in file.category])
    if "other" not in codes:
        yield "category", "code", "", "code", "còn thiếu lĩnh vực “other”, xin thêm"
    grouped: list[str] = []
    for group in file.groups:
        for code in group.codes:
            if code not in codes:
                yield "groups", "name", group.name, "codes", f"không có lĩnh vực “{code}”, xin sửa hoặc bỏ"
        grouped += group.codes
    yield from _twice("groups", "codes", grouped)
    for row in file.category:
        for place, term in enumerate(row.terms):
            yield from _unclear(row.code, place, term)


def _twice(table: str, field: str, said: Sequence[str]) -> Iterator[_Told]:
    for one in dict.fromkeys(said):
        if said.count(one) > 1:
            yield table, field, one, field, f"“{one}” dùng hai lần, xin giữ một"


def _unclear(code: str, place: int, term: TermRow) -> Iterator[_Told]:
    if term.level == "urgent" and (term.minutes is None or term.working_days is not None):
        what = "hạn mức khẩn tính bằng minutes, xin ghi minutes và bỏ working_days"
        yield "category", "code", code, f"terms.{place}", what
    if term.level != "urgent" and (term.working_days is None or term.minutes is not None):
        what = "hạn này tính bằng working_days, xin ghi working_days và bỏ minutes"
        yield "category", "code", code, f"terms.{place}", what
