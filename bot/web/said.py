"""What a page may post: a few words, a place, photos. Everything else is nonsense."""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn, NotRequired, TypedDict

from bot.web.trouble import NotTaken, Trouble
from handlers.talk import MAX_TEXT, clean

MESSAGE_BYTES = 64 * 1024  # 4,096 letters, each escaped, and a little
MAX_PHOTOS = 5

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # the page's own name for a message: repeats carry the same
_PHOTO = re.compile(r"[0-9a-f]{64}")


class Spot(TypedDict):
    """A point in degrees."""

    latitude: float
    longitude: float


class Said(TypedDict):
    """One message, checked. `label` is what the pressed button showed; `at` is set by us."""

    id: str
    text: str
    photos: list[str]
    place: NotRequired[Spot]
    label: NotRequired[str]
    at: NotRequired[str]


def parse(body: bytes) -> Said:
    """Understand what a page posted. Raises NotTaken with the sentence for the resident.

    >>> parse(b'{"id": "1", "text": " khai sinh "}')
    {'id': '1', 'text': 'khai sinh', 'photos': []}
    """
    try:
        data = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise NotTaken(Trouble.NONSENSE) from error
    if not isinstance(data, dict) or not _is(_ID, data.get("id")):
        raise NotTaken(Trouble.NONSENSE)
    return _whole(data)


def _whole(data: Mapping[str, Any]) -> Said:
    said = Said(id=data["id"], text=_text(data.get("text", "")), photos=_photos(data.get("photos", [])))
    if data.get("place") is not None:
        said["place"] = _spot(data["place"])
    if isinstance(data.get("label"), str):
        said["label"] = clean(data["label"])[:100]
    if not (said["text"] or said["photos"] or "place" in said):
        raise NotTaken(Trouble.EMPTY)
    return said


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise NotTaken(Trouble.NONSENSE)
    text = clean(raw)
    if len(raw) > MAX_TEXT and (len(text) == MAX_TEXT or len(raw) > 4 * MAX_TEXT):
        raise NotTaken(Trouble.TOO_LONG)  # rather than answer half of it
    return text


def _photos(raw: object) -> list[str]:
    if not isinstance(raw, list) or not all(_is(_PHOTO, name) for name in raw):
        raise NotTaken(Trouble.NONSENSE)
    if len(raw) > MAX_PHOTOS:
        raise NotTaken(Trouble.MANY_PHOTOS)
    return list(dict.fromkeys(raw))


def _spot(raw: object) -> Spot:
    if not isinstance(raw, dict):
        raise NotTaken(Trouble.NO_PLACE)
    return Spot(latitude=_degrees(raw.get("latitude"), 90), longitude=_degrees(raw.get("longitude"), 180))


def _degrees(raw: object, most: int) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise NotTaken(Trouble.NO_PLACE)
    if not abs(raw) <= most:
        raise NotTaken(Trouble.NO_PLACE)
    return float(raw)


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
