"""Telegram's HTML: what is allowed, what the person sees, how long it counts.

A small parser with the platform's own complaints. Offsets are UTF-8 bytes in
complaints and UTF-16 units in entities, as there.
Source: core.telegram.org/bots/api#html-style, November 2026.
"""

import re
from dataclasses import dataclass, field

from .records import Json

_NAMES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_MAX_ENTITIES = 100  # further ones are dropped in silence

_END = re.compile(r"</\s*([^\s>]*)\s*>")
_START = re.compile(
    r"""<(?P<name>[^\s>/]+)(?P<attributes>(?:\s+[\w-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*>"""
)
_ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_CHARACTER = re.compile(r"&(?:#(?P<dec>\d{1,7})|#x(?P<hex>[0-9a-fA-F]{1,6})|(?P<name>lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class CannotParse(Exception):
    """The text is not Telegram's HTML; the message is the platform's wording."""


@dataclass
class _Open:
    name: str
    attributes: dict[str, str]
    offset: int


@dataclass
class _Reader:
    source: str
    text: str = ""
    stack: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)


def units(text: str) -> int:
    """Return the length in UTF-16 units, the way Telegram counts.

    >>> units("phường"), units("👍")
    (6, 2)
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(source: str) -> tuple[str, list[Json]]:
    """Return the visible text and its entities. Raises CannotParse.

    >>> parse("<b>Mã</b> &lt;1&gt;")
    ('Mã <1>', [{'type': 'bold', 'offset': 0, 'length': 2}])
    """
    reader = _Reader(source)
    at = 0
    while at < len(source):
        if source[at] == "<":
            at = _end(reader, at) if source.startswith("</", at) else _start(reader, at)
        elif found := _CHARACTER.match(source, at):
            reader.text += _character(found)
            at = found.end()
        else:
            reader.text += source[at]
            at += 1
    if reader.stack:
        msg = f'can\'t find end tag corresponding to start tag "{reader.stack[-1].name}"'
        raise CannotParse(msg)
    reader.entities.sort(key=lambda one: (one["offset"], -one["length"]))
    return reader.text, reader.entities[:_MAX_ENTITIES]


def _start(reader: _Reader, at: int) -> int:
    offset = len(reader.source[:at].encode())
    name = re.split(r"[\s>]", reader.source[at + 1 :], maxsplit=1)[0].lower()
    if name not in _NAMES:
        msg = f'unsupported start tag "{name}" at byte offset {offset}'
        raise CannotParse(msg)
    found = _START.match(reader.source, at)
    if not found:
        msg = f'unclosed start tag "{name}" at byte offset {offset}'
        raise CannotParse(msg)
    attributes = {
        key.lower(): double or single or bare
        for key, double, single, bare in _ATTRIBUTE.findall(found["attributes"])
    }
    if name == "span" and attributes.get("class") != "tg-spoiler":
        msg = f'tag "span" must have class "tg-spoiler" at byte offset {offset}'
        raise CannotParse(msg)
    reader.stack.append(_Open(name, attributes, units(reader.text)))
    return found.end()


def _end(reader: _Reader, at: int) -> int:
    offset = len(reader.source[:at].encode())
    found = _END.match(reader.source, at)
    if not found:
        msg = f"unclosed end tag at byte offset {offset}"
        raise CannotParse(msg)
    if not reader.stack:
        msg = f"unexpected end tag at byte offset {offset}"
        raise CannotParse(msg)
    opened = reader.stack.pop()
    if found[1].lower() not in ("", opened.name):
        msg = f'unmatched end tag at byte offset {offset}, expected "</{opened.name}>", found "</{found[1]}>"'
        raise CannotParse(msg)
    length = units(reader.text) - opened.offset
    if length:
        reader.entities.append(_entity(opened, length))
    return found.end()


def _entity(opened: _Open, length: int) -> Json:
    entity: Json = {"type": _NAMES[opened.name], "offset": opened.offset, "length": length}
    if opened.name == "a":
        entity["url"] = opened.attributes.get("href", "")
    if opened.name == "tg-emoji":
        entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
    return entity


def _character(found: re.Match[str]) -> str:
    if found["name"]:
        return _NAMED[found["name"]]
    code = int(found["dec"]) if found["dec"] else int(found["hex"], 16)
    # What is no character stays as it was written.
    return chr(code) if 0 < code <= 0x10FFFF else found[0]
