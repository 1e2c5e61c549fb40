"""Telegram's wire: a call read from any of its body forms, an answer, a refusal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from .records import Json

# In a form these arrive as text that is JSON; in a JSON body both ways are allowed.
_STRUCTURED = frozenset(
    {
        "allowed_updates",
        "caption_entities",
        "commands",
        "entities",
        "link_preview_options",
        "media",
        "reply_markup",
        "reply_parameters",
        "scope",
    }
)
_NUMBERS = frozenset(
    {
        "chat_id",
        "limit",
        "max_connections",
        "message_id",
        "message_thread_id",
        "offset",
        "timeout",
    }
)
_SWITCHES = frozenset({"disable_notification", "drop_pending_updates", "protect_content", "show_alert"})


class Refusal(Exception):
    """The platform says no: a code, a description, perhaps parameters."""

    def __init__(self, code: int, why: str, **parameters: int) -> None:
        """Keep what the answer will say."""
        super().__init__(why)
        self.code = code
        self.why = why
        self.parameters = parameters


@dataclass(frozen=True, kw_only=True)
class Call:
    """One method call with its values in their own types, and its files."""

    method: str
    payload: Json
    files: Mapping[str, tuple[str, bytes]]  # field: (file name, content)

    def text(self, name: str) -> str:
        """Return a text parameter, empty when missing. Raises Refusal on another type."""
        value = self.payload.get(name) or ""
        if not isinstance(value, str):
            raise Refusal(400, f'Bad Request: field "{name}" must be of type String')
        return value

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number, *default* when missing. Raises Refusal on another type."""
        value = self.payload.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refusal(400, f'Bad Request: field "{name}" must be a Number')
        return value


async def read_call(method: str, request: web.Request) -> Call:
    """Read query, JSON, form or multipart alike. Raises Refusal on bad JSON."""
    payload: Json = dict(request.query)
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "application/json":
        payload |= _object(await request.text())
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
            else:
                payload[name] = value
    values = {name: _typed(name, value) for name, value in payload.items() if value is not None}
    return Call(method=method, payload=values, files=files)


def granted(result: Any) -> web.Response:
    """Answer that it is done."""
    return web.json_response({"ok": True, "result": result})


def refused(refusal: Refusal) -> web.Response:
    """Answer a refusal with its own HTTP status, as Telegram does."""
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.why}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)


def _object(body: str) -> Json:
    try:
        parsed = json.loads(body or "{}")
    except ValueError as error:
        raise Refusal(400, "Bad Request: can't parse the request's JSON object") from error
    if not isinstance(parsed, dict):
        raise Refusal(400, "Bad Request: object expected")
    return parsed


def _typed(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _STRUCTURED:
        try:
            return json.loads(value)
        except ValueError as error:
            raise Refusal(400, f"Bad Request: can't parse {name} JSON object") from error
    if name in _NUMBERS and value.removeprefix("-").isdecimal():
        return int(value)
    if name in _SWITCHES:
        return value.lower() == "true"
    return value
