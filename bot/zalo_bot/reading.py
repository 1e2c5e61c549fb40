"""An event of the bot platform → what a person said, alone with the bot or in a group.

In a group the sender is the group, who spoke is the author; the platform shows us only what
mentions the bot or answers it. Pictures and voice notes are told as something we cannot open:
where they lie is not documented, and staff have better ways to send one. Source: zalo.md §13,
November 2026.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channel import Arrival, Unreadable
from handlers.talk import Incoming, clean
from records.tables import Address, ChannelName

log = logging.getLogger(__name__)

GROUP = "GROUP"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = re.compile(r"[0-9]{1,14}")  # to the year 5138
_IDENT = re.compile(r"[\x21-\x7e]{1,100}")  # what our columns hold
# A group's words begin with our name, of which no method tells how it is shown; a command tells
# where it ends.
_CALLED = re.compile(r"@[^/\n]{1,60}\s(?=/\w)")

Said = dict[str, Any]
What = dict[str, str]


def load(body: bytes | str) -> dict[str, Any]:
    """Return the object *body* holds; numbers stay text. Raises Unreadable.

    >>> load('{"ok": true, "result": {"date": 1750316131602}}')
    {'ok': True, 'result': {'date': '1750316131602'}}
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


def event_in(fields: Any) -> dict[str, Any]:
    """Return the event, which may come wrapped in {"ok", "result"}. Raises Unreadable."""
    event = fields
    if isinstance(fields, dict) and "event_name" not in fields:
        event = fields.get("result")
    if not isinstance(event, dict) or not isinstance(event.get("event_name"), str):
        raise Unreadable("an event has a name")
    return event


def name(event: dict[str, Any], body: str) -> Arrival:
    """Return *event*, which came as *body*, under its key and its chat. Raises Unreadable."""
    key = _ident(_part(event, "message").get("message_id")) or _digest(event)
    return Arrival(key=f"zalo_bot:{key}", user=_chat(event), body=body)


def read(arrival: Arrival, now: datetime) -> Incoming | None:
    """Understand *arrival*; None for what says nothing to us. Raises Unreadable."""
    event = event_in(load(arrival.body))
    kind = event["event_name"]
    said, person = _part(event, "message"), _part(_part(event, "message"), "from")
    author = _ident(person.get("id"))
    if kind not in EVENTS:
        log.info("the zalo bot got an event we do not know (%d characters)", len(kind))
        return None
    what = EVENTS[kind](said)
    if what is None or not arrival.user or not author or person.get("is_bot") is True:
        return None
    group = _part(said, "chat").get("chat_type") == GROUP
    return Incoming(
        key=arrival.key,
        sender=Address(ChannelName.ZALO_BOT, arrival.user),
        sent_at=_moment(said, now),
        group=group,
        author=Address(ChannelName.ZALO_BOT, author) if group else None,
        unsupported=what.get("unsupported"),
        text=_without_our_name(what.get("text", "")) if group else what.get("text", ""),
    )


def _without_our_name(text: str) -> str:
    """Return what a group's words ask of us, if that is a command.

    >>> _without_our_name("@Bot Phường An Thịnh /viec"), _without_our_name("@Bot xong rồi")
    ('/viec', '@Bot xong rồi')
    """
    called = _CALLED.match(text)
    return text[called.end() :] if called else text


def _text(said: Said) -> What | None:
    text = _words(said, "text")
    return {"text": text} if text else None


def _link(said: Said) -> What | None:
    """Read a link as the words that came with it; nobody opens it."""
    text, url = _words(said, "text"), _words(said, "url")
    whole = text if url in text else f"{text} {url}".strip()
    return {"text": whole} if whole else None


def _closed(what: str) -> Callable[[Said], What | None]:
    return lambda said: {"text": _words(said, "caption"), "unsupported": what}


def _nothing(_: Said) -> None:
    """Pass over what asks for nothing."""


EVENTS: dict[str, Callable[[Said], What | None]] = {
    "message.text.received": _text,
    "message.link.received": _link,
    "message.image.received": _closed("file"),
    "message.voice.received": _closed("file"),
    "message.sticker.received": _closed("sticker"),
    "message.unsupported.received": _closed("other"),
    "message.reaction.received": _nothing,
}


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _part(fields: dict[str, Any], place: str) -> dict[str, Any]:
    found = fields.get(place)
    return found if isinstance(found, dict) else {}


def _ident(found: Any) -> str:
    return found if isinstance(found, str) and _IDENT.fullmatch(found) else ""


def _chat(event: dict[str, Any]) -> str:
    return _ident(_part(_part(event, "message"), "chat").get("id"))


def _words(said: Said, place: str) -> str:
    found = said.get(place)
    return clean(found) if isinstance(found, str) else ""


def _moment(said: Said, now: datetime) -> datetime:
    """Return when it was said: never later than our own clock, and now when nothing tells."""
    digits = said.get("date")
    if not isinstance(digits, str) or not _MILLISECONDS.fullmatch(digits):
        return now
    return min(_EPOCH + timedelta(milliseconds=int(digits)), now)


def _digest(event: dict[str, Any]) -> str:
    try:
        whole = json.dumps(event, sort_keys=True)
    except (RecursionError, ValueError, TypeError) as error:
        raise Unreadable(f"an event that cannot be written: {type(error).__name__}") from None
    return hashlib.sha256(whole.encode()).hexdigest()
