"""Pages of the ward as forms: a row of boxes for each season, session or entry, instead of TOML.

What is typed is only put in its place here; whether it is right says the reader of the page.
"""

import tomllib
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any, Final

from knowledge.card_form import tidy
from knowledge.toml_text import head_of, written

SPARE: Final = 3  # empty rows to write into
MOST_ROWS: Final = 80
Table = dict[str, Any]


class Box(StrEnum):
    """What a box of a form takes."""

    TEXT = "text"
    DAY = "day"
    CLOCK = "clock"
    NUMBER = "number"
    SPANS = "spans"  # "7:30-11:30, 13:00-17:00"
    TICK = "tick"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One box: its key in the file, what stands above it, what it takes."""

    key: str
    title: str
    box: Box = Box.TEXT
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form for a part of a page. `unfold` gives its rows out of the page, `fold` puts them back."""

    name: str
    page: str
    title: str
    about: str
    fields: tuple[Column, ...]  # the key may lead into a table: "hours.saturday"
    rows_title: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]  # of the keys of a row in the file
    unfold: Callable[[Table, date], list[Table]]
    fold: Callable[[Table, list[Table], date], None]


def _seasons(table: Table, _: date) -> list[Table]:
    return list(table.get("hours", {}).get("season", []))


def _keep_seasons(table: Table, rows: list[Table], _: date) -> None:
    table.setdefault("hours", {})["season"] = rows


def _sessions(table: Table, _: date) -> list[Table]:
    return list(table.get("session", []))


def _keep_sessions(table: Table, rows: list[Table], _: date) -> None:
    table["session"] = rows


def _entries(table: Table, today: date) -> list[Table]:
    """Return the entries of this week and those to come."""
    weeks = [week for week in table.get("week", []) if not _is_past(week, today)]
    return [entry for week in weeks for entry in week.get("entry", [])]


def _keep_entries(table: Table, rows: list[Table], today: date) -> None:
    """Put each entry into the week of its day; a week keeps the day it was published on."""
    known = {week.get("starts_on"): week for week in table.get("week", [])}
    past = [week for week in table.get("week", []) if _is_past(week, today)]
    fresh: dict[object, Table] = {}
    for row in rows:
        day = row.get("date")
        starts_on = _monday(day) if isinstance(day, date) else _monday(today)
        before = known.get(starts_on, {})
        published_on = before.get("published_on", today)
        week = fresh.setdefault(
            starts_on, {"starts_on": starts_on, "published_on": published_on, "entry": []}
        )
        week["entry"].append(row)
    table["week"] = [*past, *(fresh[start] for start in sorted(fresh, key=str))]


def _is_past(week: Mapping[str, Any], today: date) -> bool:
    starts_on = week.get("starts_on")
    return isinstance(starts_on, date) and starts_on < _monday(today)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


CHECKED: Final = Column(key="checked_on", title="Ngày đối chiếu với thực tế", box=Box.DAY)
FORMS: Final = (
    Form(
        name="gio-lam-viec",
        page="office.toml",
        title="Giờ làm việc",
        about="Mỗi dòng một mùa: từ ngày tháng nào, mở cửa những giờ nào.",
        fields=(
            Column(
                key="hours.saturday",
                title="Giờ tiếp nhận thứ Bảy",
                box=Box.SPANS,
                hint="Để trống nếu không tiếp.",
            ),
            Column(
                key="hours.same_day_until",
                title="Nhận hồ sơ “trong ngày” đến",
                box=Box.CLOCK,
                hint="Sau giờ này, việc trả trong ngày chuyển sang ngày làm việc sau.",
            ),
            CHECKED,
        ),
        rows_title="Các mùa",
        columns=(
            Column(key="name", title="Tên mùa"),
            Column(key="day", title="Từ ngày", box=Box.NUMBER),
            Column(key="month", title="Tháng", box=Box.NUMBER),
            Column(key="open", title="Giờ mở cửa", box=Box.SPANS, hint="7:30-11:30, 13:00-17:00"),
        ),
        order=("name", "month", "day", "open"),
        unfold=_seasons,
        fold=_keep_seasons,
    ),
    Form(
        name="tiep-cong-dan",
        page="reception.toml",
        title="Lịch tiếp công dân",
        about="Mỗi dòng một buổi. Lịch cần niêm yết trước ít nhất 5 ngày làm việc.",
        fields=(
            Column(key="place", title="Nơi tiếp"),
            Column(key="published_on", title="Ngày niêm yết", box=Box.DAY),
            CHECKED,
        ),
        rows_title="Các buổi tiếp",
        columns=(
            Column(key="date", title="Ngày", box=Box.DAY),
            Column(key="hours", title="Giờ", box=Box.SPANS, hint="7:30-11:30"),
            Column(key="host", title="Người tiếp"),
            Column(key="chair", title="Chủ tịch tiếp", box=Box.TICK),
            Column(key="note", title="Ghi chú"),
        ),
        order=("date", "hours", "host", "chair", "note"),
        unfold=_sessions,
        fold=_keep_sessions,
    ),
    Form(
        name="lich-tuan",
        page="week.toml",
        title="Lịch công tác tuần",
        about="Mỗi dòng một việc, từ tuần này trở đi; không ghi giờ là việc cả ngày.",
        fields=(CHECKED,),
        rows_title="Việc trong tuần",
        columns=(
            Column(key="date", title="Ngày", box=Box.DAY),
            Column(key="at", title="Giờ", box=Box.CLOCK, hint="8:00"),
            Column(key="what", title="Việc"),
            Column(key="host", title="Người chủ trì"),
            Column(key="place", title="Nơi"),
        ),
        order=("date", "at", "what", "host", "place"),
        unfold=_entries,
        fold=_keep_entries,
    ),
)
BY_NAME: Final = {form.name: form for form in FORMS}


def typed(form: Form, text: str, today: date) -> dict[str, str]:
    """Return what stands in the boxes for the page *text*: "f.key" for a field, "r.number.key" for a row."""
    table = _table(text)
    said = {f"f.{one.key}": _shown(_inside(table, one.key), one.box) for one in form.fields}
    for number, row in enumerate(form.unfold(table, today)):
        said |= {f"r.{number}.{one.key}": _shown(row.get(one.key), one.box) for one in form.columns}
    return said


def rows_in(said: Mapping[str, str]) -> int:
    """Return how many rows to show: those that say something, and a few to write into."""
    numbers = [int(name.split(".")[1]) for name, value in said.items() if name.startswith("r.") and value]
    return min(max(numbers, default=-1) + 1 + SPARE, MOST_ROWS)


def text_of(form: Form, said: Mapping[str, str], before: str, today: date) -> str:
    """Return the page as it reads with what the form says; everything else of *before* stays."""
    table = deepcopy(_table(before))
    for one in form.fields:
        _put(table, one.key, _meant(said.get(f"f.{one.key}", ""), one.box))
    rows = [_row(form, said, number) for number in range(MOST_ROWS)]
    form.fold(table, [row for row in rows if any(value is not False for value in row.values())], today)
    return written(table, head_of(before))


def _row(form: Form, said: Mapping[str, str], number: int) -> Table:
    values = {one.key: _meant(said.get(f"r.{number}.{one.key}", ""), one.box) for one in form.columns}
    return {key: values[key] for key in form.order if values[key] not in (None, [])}


def _meant(text: str, box: Box) -> object:
    """Return what a box says as the file has it; what cannot be meant stays as it was typed, to be told."""
    said = tidy(text)
    if box is Box.TICK:
        return said == "1"
    if box is Box.SPANS:
        return [part.strip().replace("–", "-").replace(" ", "") for part in said.split(",") if part.strip()]
    if box is Box.DAY:
        return _day(said)
    if box is Box.NUMBER and said.isascii() and said.isdecimal() and len(said) <= 4:  # noqa: PLR2004  a month, a day
        return int(said)
    return said or None


def _day(said: str) -> object:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return said or None


def _shown(value: object, box: Box) -> str:
    if box is Box.TICK:
        return "1" if value is True else ""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if isinstance(value, time):
        return f"{value.hour}:{value.minute:02}"
    return "" if value is None else str(value)


def _table(text: str) -> Table:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _inside(table: Mapping[str, Any], key: str) -> object:
    *way, last = key.split(".")
    for name in way:
        table = table.get(name, {})
    return table.get(last)


def _put(table: Table, key: str, value: object) -> None:
    *way, last = key.split(".")
    for name in way:
        table = table.setdefault(name, {})
    if value is None:
        table.pop(last, None)
    else:
        table[last] = value
