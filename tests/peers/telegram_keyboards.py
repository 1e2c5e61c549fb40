"""Keyboards on Telegram: what is allowed, and what the person sees of them.

Source: core.telegram.org/bots/api#inlinekeyboardbutton, November 2026.
"""

from itertools import chain
from typing import Any

from .records import Button, Json
from .telegram_wire import Refusal

_ACTIONS = frozenset(
    {
        "callback_data",
        "callback_game",
        "copy_text",
        "login_url",
        "pay",
        "switch_inline_query",
        "switch_inline_query_chosen_chat",
        "switch_inline_query_current_chat",
        "url",
        "web_app",
    }
)
_KINDS = frozenset({"inline_keyboard", "keyboard", "remove_keyboard", "force_reply"})
_PRIVATE_ONLY = ("request_contact", "request_location")
_DATA_BYTES = 64
_COPY_TEXT = 256


def check(markup: Any, *, private: bool, most: int | None, in_a_row: int | None) -> Json:
    """Return *markup* if the platform takes it, {} for none. Raises Refusal."""
    if markup is None:
        return {}
    if not isinstance(markup, dict) or len(_KINDS & markup.keys()) != 1:
        raise Refusal(400, "Bad Request: object expected as reply markup")
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refusal(400, "Bad Request: field of the keyboard must be an Array of Arrays")
    wide = in_a_row is not None and any(len(row) > in_a_row for row in rows)
    if wide or (most is not None and sum(map(len, rows)) > most):
        raise Refusal(400, "Bad Request: reply markup is too long")
    for button in (one for row in rows for one in row):
        if "inline_keyboard" in markup:
            _check_inline(button)
        else:
            _check_reply(button, private=private)
    return markup


def buttons(markup: Json) -> tuple[Button, ...]:
    """Return what the person sees, row by row."""
    rows: list[list[Json]] = markup.get("inline_keyboard") or reply_rows(markup)
    return tuple(
        Button(label=one["text"], data=one.get("callback_data"), url=one.get("url"))
        for one in chain.from_iterable(rows)
    )


def reply_rows(markup: Json) -> list[list[Json]]:
    """Return a reply keyboard with its short-hand (a text alone) written out."""
    return [
        [{"text": one} if isinstance(one, str) else one for one in row] for row in markup.get("keyboard", [])
    ]


def _check_inline(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise Refusal(400, "Bad Request: can't parse inline keyboard button: object expected")
    if not button["text"].strip():
        raise Refusal(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    actions = _ACTIONS & button.keys()
    if len(actions) != 1:
        why = "Bad Request: can't parse inline keyboard button: exactly one action expected"
        raise Refusal(400, why)
    if "callback_data" in actions and not _fits(button["callback_data"]):
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    if "url" in actions and not _is_address(button["url"]):
        raise Refusal(400, "Bad Request: BUTTON_URL_INVALID")
    if "copy_text" in actions and not 1 <= len(button["copy_text"]["text"]) <= _COPY_TEXT:
        raise Refusal(400, "Bad Request: BUTTON_COPY_TEXT_INVALID")


def _check_reply(button: Any, *, private: bool) -> None:
    if isinstance(button, str):
        return
    if not isinstance(button, dict) or not button.get("text"):
        raise Refusal(400, 'Bad Request: can\'t parse keyboard button: field "text" not found')
    if not private and any(button.get(one) for one in _PRIVATE_ONLY):
        raise Refusal(400, "Bad Request: contact and location can be requested in private chats only")


def _fits(data: Any) -> bool:
    return isinstance(data, str) and 1 <= len(data.encode()) <= _DATA_BYTES


def _is_address(url: Any) -> bool:
    return isinstance(url, str) and url.startswith(("http://", "https://", "tg://", "tel:"))
