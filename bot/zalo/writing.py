"""What a message looks like on Zalo's wire, and which files Zalo takes (zalo.md §6 to §8, §10).

A message to a group has the same text and files. Buttons are not documented there: the
numbered list stands in the text. Pictures are [one]: sources name them for groups without
showing a body, so the one of a consultation is used; to be tried on the first day.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.channel import Outgoing, Refused
from bot.zalo import groups
from bot.zalo.errors import NOT_TAKEN
from handlers.talk import Choice, plain

MAX_TEXT = 2000
MAX_BUTTONS = 5
MAX_TITLE = 100
MAX_PAYLOAD = 1000
MEGABYTE = 2**20


class Shape(StrEnum):
    """The two doors for files; the value is the last word of the address."""

    IMAGE = "image"  # jpg, png
    FILE = "file"  # PDF, DOC, DOCX, CSV


LARGEST = {Shape.IMAGE: MEGABYTE, Shape.FILE: 5 * MEGABYTE}


@dataclass(frozen=True)
class Form:
    """A file's shape and the ending it must be called by."""

    shape: Shape
    ending: str


@dataclass(frozen=True)
class Uploaded:
    """A file that Zalo holds for us under *ref*."""

    shape: Shape
    ref: str


_FORMS = (
    (b"\xff\xd8\xff", Form(Shape.IMAGE, "jpg")),
    (b"\x89PNG\r\n\x1a\n", Form(Shape.IMAGE, "png")),
    (b"%PDF", Form(Shape.FILE, "pdf")),
    (b"\xd0\xcf\x11\xe0", Form(Shape.FILE, "doc")),
    (b"PK\x03\x04", Form(Shape.FILE, "docx")),
)


def form_of(content: bytes) -> Form:
    """Return what *content* is, by its bytes. Raises Refused for what Zalo does not take."""
    form = next((form for magic, form in _FORMS if content.startswith(magic)), None)
    if form is None:
        raise Refused("Zalo không nhận loại tệp này")
    if len(content) > LARGEST[form.shape]:
        raise Refused(f"tệp lớn hơn {LARGEST[form.shape] // MEGABYTE} MB")
    return form


def text_of(message: Outgoing) -> str:
    """Return the words as Zalo counts them: NFC, without marks. Raises Refused when too long.

    Words for a group may quote a resident: whatever would mention somebody there is taken out.
    """
    text = unicodedata.normalize("NFC", plain(message.text))
    text = (groups.without_mentions(text) if groups.named_by(message.to.user) else text).strip()
    if len(text) > MAX_TEXT:
        raise Refused(f"tin dài {len(text)} ký tự, Zalo nhận {MAX_TEXT}")
    return text


def check(message: Outgoing) -> None:
    """Raise Refused for a message that can never be written in one call."""
    if len(message.attachments) > 1:
        raise Refused("mỗi tin Zalo chỉ mang một tệp")
    if not text_of(message) and not message.attachments:
        raise Refused("tin không có nội dung")


def body(message: Outgoing, uploaded: Uploaded | None) -> bytes:
    """Return the request for *message*. Raises Refused."""
    group_id = groups.named_by(message.to.user)
    recipient = {"group_id": group_id} if group_id else {"user_id": message.to.user}
    wanted = {"recipient": recipient, "message": _content(message, uploaded)}
    return json.dumps(wanted, separators=(",", ":")).encode("ascii")


def template_body(message: Outgoing) -> bytes:
    """Return the request for a form Zalo approved. Raises Refused for what it would never take.

    [conflict] `user_id` stands at the top, as most sources have it, not inside `recipient`.
    """
    form = message.template or {}
    number, data = form.get("id"), form.get("data")
    if groups.named_by(message.to.user) or not isinstance(number, str) or not isinstance(data, Mapping):
        raise Refused(f"{NOT_TAKEN}: tin mẫu không có mã, không có dữ liệu, hoặc gửi cho nhóm")
    told = {name: unicodedata.normalize("NFC", str(value)).strip() for name, value in data.items()}
    if not told or not all(told.values()):
        raise Refused(f"{NOT_TAKEN}: tin mẫu còn tham số trống")
    wanted = {"user_id": message.to.user, "template_id": number, "template_data": told}
    return json.dumps(wanted, separators=(",", ":")).encode("ascii")


def _content(message: Outgoing, uploaded: Uploaded | None) -> dict[str, Any]:
    text = text_of(message)
    if uploaded is None:
        in_group = groups.named_by(message.to.user)
        return {"text": text} | ({} if in_group else _buttons(message.choices))
    if uploaded.shape is Shape.IMAGE:
        return ({"text": text} if text else {}) | _image(uploaded.ref)
    if text:
        raise Refused("Zalo không nhận chữ đi cùng tệp: gửi thành hai tin")
    return {"attachment": {"type": "file", "payload": {"token": uploaded.ref}}}


def _image(ref: str) -> dict[str, Any]:
    element = {"media_type": "image", "attachment_id": ref}
    return {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}}


def _buttons(choices: Sequence[Choice]) -> dict[str, Any]:
    buttons = [_button(one) for one in choices if one.label and one.say][:MAX_BUTTONS]
    # Both with and without `"template_type": "button"` are in use (zalo.md §6); §16 has it to be tried.
    return {"attachment": {"type": "template", "payload": {"buttons": buttons}}} if buttons else {}


def _button(choice: Choice) -> dict[str, str]:
    title = unicodedata.normalize("NFC", plain(choice.label))[:MAX_TITLE]
    return {"title": title, "type": "oa.query.hide", "payload": choice.say[:MAX_PAYLOAD]}
