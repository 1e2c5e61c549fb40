"""JSON from strangers: one way in, and no surprise behind it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.channel import Unreadable

_IDENT = re.compile(r"[\x21-\x7e]{1,100}")  # what our columns hold; Zalo's ids are digits or hex


def parse(body: bytes | str) -> dict[str, Any]:
    """Return the object *body* holds. Raises Unreadable for anything else.

    Numbers stay the text they were written as: ids and times are too long for a double, and
    the signature is made over the digits of the time.

    >>> parse(b'{"id": 246845883529197922, "pi": 3.10}')
    {'id': '246845883529197922', 'pi': '3.10'}
    """
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        found = json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        kind = type(error).__name__
    else:
        if isinstance(found, dict):
            return found
        kind = type(found).__name__
    # Outside the `except`: a JSONDecodeError carries the whole text with it.
    raise Unreadable(f"not a JSON object: {kind}")


def at(fields: Any, *path: str) -> Any:
    """Return what stands at *path*, None where the way ends.

    >>> at({"sender": {"id": "7"}}, "sender", "id"), at({"sender": 1}, "sender", "id")
    ('7', None)
    """
    for name in path:
        if not isinstance(fields, Mapping):
            return None
        fields = fields.get(name)
    return fields


def text_at(fields: Any, *path: str) -> str:
    """Return the text at *path*, empty where there is none."""
    found = at(fields, *path)
    return found if isinstance(found, str) else ""


def ident_at(fields: Any, *path: str) -> str:
    """Return the id at *path*, empty where there is none that our records could hold."""
    found = text_at(fields, *path)
    return found if _IDENT.fullmatch(found) else ""


def items_at(fields: Any, *path: str) -> list[Any]:
    """Return the list at *path*, empty where there is none."""
    found = at(fields, *path)
    return found if isinstance(found, list) else []


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
