"""A TOML file read field by field: what is wrong is noted with file, line and field, not raised.

A clerk who edits a file hears of all mistakes at once. A field that is wrong reads as a
harmless stand-in, which nobody sees: the caller raises SheetError before using it.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, Final

from knowledge.hours import Span

_REQUIRED: Final = "\0"  # no file can hold it, so it cannot be a default
LONGEST: Final = 200  # letters of one sentence; a card holds 900 (conversation.md §2)
_HEADER = re.compile(r"^\s*\[\[?\s*([\w.\-]+)\s*\]\]?\s*(?:#.*)?$")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:h]([0-5]\d)")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class SheetError(Exception):
    """A file is wrong; `problems` says where and what to do, a line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class Lines:
    """Where tables and keys stand in a file, so that a defect can name its line."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()

    def header(self, table: str, index: int, after: int) -> int:
        """Return the line of the *index*-th `[table]` or `[[table]]` below line *after*, or *after* itself."""
        numbered = enumerate(self._lines[after:], after + 1)
        found = [n for n, line in numbered if (match := _HEADER.match(line)) and match[1] == table]
        return found[index] if index < len(found) else after

    def key(self, key: str, after: int) -> int:
        """Return the line of *key* in the table whose header stands on line *after*, or that line."""
        wanted = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""")
        for number, line in enumerate(self._lines[after:], after + 1):
            if _HEADER.match(line):
                break
            if wanted.match(line):
                return number
        return max(after, 1)


class Sheet:
    """One table of a file. Every reader notes what is missing or of the wrong kind."""

    def __init__(self, table: Mapping[str, Any], file: str, lines: Lines, problems: list[str]) -> None:
        self.problems = problems
        self._table, self._file, self._lines = table, file, lines
        self._name, self._header = "", 0
        self._seen: set[str] = set()

    def has(self, key: str) -> bool:
        """Tell whether the field is there at all."""
        self._seen.add(key)
        return key in self._table

    def note(self, key: str, what: str) -> None:
        """Note that *key* is wrong, and what to do about it."""
        line = self._lines.key(key, self._header)
        field = ".".join(part for part in (self._name, key) if part)
        self.problems.append(f"{self._file}, dòng {line}, mục {field}: {what}")

    def text(self, key: str, default: str = _REQUIRED) -> str:
        """Read a sentence; without a *default* it must be there and say something."""
        value = self._value(key, default)
        if isinstance(value, str) and len(value) > LONGEST:
            self.note(key, f"dài {len(value)} chữ cái; rút gọn còn {LONGEST} để vừa một tin nhắn")
        if isinstance(value, str) and value != _REQUIRED and (value.strip() or default != _REQUIRED):
            return value.strip()
        self.note(key, "phải là chữ trong ngoặc kép, không để trống")
        return ""

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """Read one of a few words."""
        value = self._value(key, _REQUIRED)
        if value in allowed:
            return str(value)
        self.note(key, f"phải là một trong: {', '.join(allowed)}")
        return allowed[0]

    def day(self, key: str) -> date:
        """Read a date: 2026-11-02 as TOML has it, or "02/11/2026" as people write it."""
        value = self._value(key, _REQUIRED)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str) and (match := _DAY.fullmatch(value.strip())):
            try:
                return date(int(match[3]), int(match[2]), int(match[1]))
            except ValueError:
                self.note(key, f"không có ngày {value}; xem lại ngày và tháng")
                return date.min
        self.note(key, 'phải là ngày, ví dụ 2026-11-02 hoặc "02/11/2026"')
        return date.min

    def clock(self, key: str) -> time:
        """Read an hour such as "7:30"."""
        found = _clock(self._value(key, _REQUIRED))
        if found is None:
            self.note(key, 'phải là giờ, ví dụ "15:00"')
        return found or time.min

    def number(self, key: str, low: int, high: int) -> int:
        """Read a whole number from *low* to *high*."""
        value = self._value(key, _REQUIRED)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.note(key, f"phải là số từ {low} đến {high}")
        return low

    def yes(self, key: str) -> bool:
        """Read true or false; what is not there is false."""
        value = self._value(key, default=False)
        if not isinstance(value, bool):
            self.note(key, "phải là true hoặc false")
        return value is True

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of sentences; what is not there is an empty list."""
        value = self._value(key, ())
        if isinstance(value, list | tuple) and all(_is_sentence(item) for item in value):
            return tuple(item.strip() for item in value)
        self.note(key, f'phải là danh sách chữ, mỗi mục tới {LONGEST} chữ cái, ví dụ ["một", "hai"]')
        return ()

    def spans(self, key: str) -> tuple[Span, ...]:
        """Read hours such as ["7:30-11:30", "13:00-17:00"], in order and apart."""
        spans = [_span(item) for item in self.texts(key)]
        clean = [span for span in spans if span is not None]
        edges = [edge for span in clean for edge in span]
        if len(clean) < len(spans) or any(a >= b for a, b in pairwise(edges)):
            self.note(key, 'phải là các khoảng giờ nối nhau, ví dụ ["7:30-11:30", "13:00-17:00"]')
        return tuple(clean)

    def part(self, key: str) -> "Sheet":
        """Read a table of its own, `[key]`; one that is missing is one defect, not one for every field."""
        value = self._value(key, _REQUIRED)
        if isinstance(value, dict):
            return self._sub(key, 0, value)
        self.note(key, f"thiếu phần [{key}]; thêm lại theo tệp mẫu")
        return Sheet({}, self._file, self._lines, [])

    def parts(self, key: str) -> list["Sheet"]:
        """Read a list of tables, `[[key]]`; none is an empty list."""
        value = self._value(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(item, dict) for item in value):
            self.note(key, f"phải là các phần [[{key}]]")
            return []
        return [self._sub(key, index, item) for index, item in enumerate(value)]

    def finish(self) -> None:
        """Note every field nobody asked for: a misspelt name would otherwise be lost in silence."""
        for key in self._table:
            if key not in self._seen:
                self.note(key, "tên mục này không có trong tệp mẫu; xem lại chính tả hoặc xóa đi")

    def _value(self, key: str, default: object) -> object:
        self._seen.add(key)
        return self._table.get(key, default)

    def _sub(self, key: str, index: int, value: Mapping[str, Any]) -> "Sheet":
        sheet = Sheet(value, self._file, self._lines, self.problems)
        sheet._name = f"{self._name}.{key}" if self._name else key
        sheet._header = self._lines.header(sheet._name, index, self._header)
        return sheet


def open_sheet(text: str, file: str, problems: list[str] | None = None) -> Sheet:
    """Read *text* as TOML; what cannot be read at all is noted and reads as an empty file."""
    problems = [] if problems is None else problems
    table: dict[str, Any] = {}
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{file}: không đọc được, {_where(str(error))}; xem lại dấu ngoặc kép và dấu bằng")
    return Sheet(table, file, Lines(text), problems)


def _where(error: str) -> str:
    """Say in Vietnamese where TOML broke."""
    match = re.search(r"at line (\d+), column (\d+)", error)
    return f"dòng {match[1]}, cột {match[2]}" if match else "ở cuối tệp"


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST


def _clock(value: object) -> time | None:
    if isinstance(value, time):
        return value
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    return time(int(match[1]), int(match[2])) if match else None


def _span(text: str) -> Span | None:
    start, _, end = text.partition("-")
    first, last = _clock(start), _clock(end)
    return (first, last) if first and last else None
