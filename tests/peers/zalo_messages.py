"""The shapes of a consultation message, judged (reference, section 6).

message
├── text
├── text + buttons (template_type "button" or none)
├── media: one image, gif or sticker, perhaps with text
├── list, request_user_info
└── file, without text
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .records import Button, Json
from .zalo_limits import ZaloLimits, over
from .zalo_wire import ZaloError

_MOST_ELEMENTS = {"list": 5, "media": 1, "request_user_info": 1}
_TITLE, _SUBTITLE, _SMS = 100, 500, 160


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the person sees of a message that was accepted."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


def judge(message: Any, limits: ZaloLimits, uploaded: Callable[[str], bytes]) -> Judged:
    """Return what the person will see. Raises ZaloError: -201, -210, -233, or -100."""
    if not isinstance(message, dict) or not {"text", "attachment"} & message.keys():
        raise ZaloError(-201, "message is invalid")
    text = message.get("text", "")
    if not isinstance(text, str) or ("text" in message and not text.strip()):
        raise ZaloError(-201, "text is invalid")
    if over(len(text), limits.text):
        raise ZaloError(-210, f"text is over the limit of {limits.text} characters")
    if "attachment" not in message:
        return Judged(text=text)
    attachment = _object(message["attachment"], "attachment")
    payload = _object(attachment.get("payload"), "payload")
    if attachment.get("type") == "file":
        if text:
            raise ZaloError(-201, "text is invalid: a file takes none")
        token = str(payload.get("token", ""))
        return Judged(files={token: uploaded(token)})
    if attachment.get("type") != "template":
        raise ZaloError(-201, "attachment type is invalid")
    return _template(text, payload, limits, uploaded)


def judge_for_group(message: Any, limits: ZaloLimits, uploaded: Callable[[str], bytes]) -> Judged:
    """Return what a group will see: text, one picture, or a file; no other template is for groups."""
    judged = judge(message, limits, uploaded)
    payload = message.get("attachment", {}).get("payload", {})
    if judged.buttons or payload.get("template_type", "media") != "media":
        raise ZaloError(-233, "message type is not supported in groups")
    return judged


def _template(text: str, payload: Json, limits: ZaloLimits, uploaded: Callable[[str], bytes]) -> Judged:
    kind = payload.get("template_type", "button")
    buttons = _buttons(payload.get("buttons", []), limits)
    if kind == "button":
        if not text or not buttons:
            raise ZaloError(-201, "buttons need a text, and at least one button")
        return Judged(text=text, buttons=buttons)
    if kind not in _MOST_ELEMENTS:
        raise ZaloError(-233, "message type is not supported")
    elements = payload.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= _MOST_ELEMENTS[kind]:
        raise ZaloError(-201, "elements is invalid")
    if kind == "media":
        element = _object(elements[0], "element")
        return Judged(text=text, buttons=buttons, files=_media(element, uploaded))
    lines = [text, *(_titles(_object(one, "element")) for one in elements)]
    actions = [one["default_action"] for one in elements if "default_action" in one]
    # A list element's action is a button whose title is the element's.
    titled = [one | {"title": e["title"]} for one, e in zip(actions, elements, strict=False)]
    seen = "\n".join(filter(None, lines))
    return Judged(text=seen, buttons=buttons + _buttons(titled, limits))


def _media(element: Json, uploaded: Callable[[str], bytes]) -> dict[str, bytes]:
    kind = element.get("media_type")
    if kind not in ("image", "gif", "sticker"):
        raise ZaloError(-201, "media_type is invalid")
    if kind == "gif" and not {"width", "height"} <= element.keys():
        raise ZaloError(-201, "gif needs width and height")
    if ("url" in element) == ("attachment_id" in element):
        raise ZaloError(-201, "either url or attachment_id is needed")
    if "url" in element:
        if not str(element["url"]).startswith(("http://", "https://")):
            raise ZaloError(-201, "url is invalid")
        return {}
    key = str(element["attachment_id"])
    return {} if kind == "sticker" else {key: uploaded(key)}


def _titles(element: Json) -> str:
    title, subtitle = element.get("title"), element.get("subtitle", "")
    if not isinstance(title, str) or not 1 <= len(title) <= _TITLE or len(subtitle) > _SUBTITLE:
        raise ZaloError(-201, "title or subtitle is invalid")
    return f"{title}\n{subtitle}".strip()


def _buttons(listed: Any, limits: ZaloLimits) -> tuple[Button, ...]:
    if not isinstance(listed, list) or over(len(listed), limits.buttons):
        raise ZaloError(-201, "buttons is invalid")
    return tuple(_button(_object(one, "button"), limits) for one in listed)


def _button(button: Json, limits: ZaloLimits) -> Button:
    title, kind, payload = button.get("title"), button.get("type"), button.get("payload")
    if not isinstance(title, str) or not title.strip() or over(len(title), limits.button_title):
        raise ZaloError(-201, "button title is invalid")
    if kind in ("oa.query.show", "oa.query.hide"):
        if not isinstance(payload, str) or not payload:
            raise ZaloError(-201, "button payload is invalid")
        if over(len(payload), limits.button_payload):
            raise ZaloError(-201, "button payload is over the limit")
        return Button(label=title, data=payload)
    fields = _object(payload, "button payload")
    if kind == "oa.open.url" and str(fields.get("url", "")).startswith(("http://", "https://")):
        return Button(label=title, url=str(fields["url"]))
    if kind == "oa.open.phone" and fields.get("phone_code"):
        return Button(label=title)
    if kind == "oa.open.sms" and fields.get("phone_code") and len(fields.get("content", "")) <= _SMS:
        return Button(label=title)
    raise ZaloError(-201, "button type or payload is invalid")


def _object(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise ZaloError(-201, f"{name} is invalid")
    return value
