"""A table written as TOML: what a form holds becomes the text a page is kept as."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any


def written(table: Mapping[str, Any], head: str = "") -> str:
    r"""Return *table* as TOML under the comment *head*.

    >>> print(written({"name": "mùa hè", "hours": {"open": ["7:00-11:30"]}}), end="")
    name = "mùa hè"
    <BLANKLINE>
    [hours]
    open = ["7:00-11:30"]
    """
    lines = [*(head.rstrip().split("\n") if head.strip() else []), *_lines(table, "")]
    return "\n".join(lines).strip() + "\n"


def head_of(text: str) -> str:
    """Return the comment a page begins with."""
    lines = []
    for line in text.split("\n"):
        if not line.startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines)


def _lines(table: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield what the table says itself, then the tables in it."""
    yield from (f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_table(value))
    for key, value in table.items():
        whole = f"{name}.{_key(key)}" if name else _key(key)
        if isinstance(value, Mapping):
            yield from ("", f"[{whole}]", *_lines(value, whole))
        elif _is_table(value):
            for part in value:
                yield from ("", f"[[{whole}]]", *_lines(part, whole))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and all(isinstance(part, Mapping) for part in value)
    )


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isascii() and bare.isalnum() else json.dumps(key, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(part) for part in value)}]"
    return json.dumps(str(value), ensure_ascii=False)
