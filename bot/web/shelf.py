"""The files of the page: read once, named by what is in them, so that a browser may keep them."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.web.guard import dress
from bot.web.trouble import NotTaken, Trouble

FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One file, also packed."""

    content: bytes
    packed: bytes
    content_type: str
    etag: str


class Shelf:
    """Every file of the folder; `version` changes when any of them does."""

    def __init__(self, folder: Path = FOLDER) -> None:
        files = sorted(path for path in folder.iterdir() if path.suffix in _TYPES)
        self._items = {path.name: _item(path) for path in files}
        self.version = _digest(b"".join(item.content for item in self._items.values()))

    def give(self, request: web.Request, name: str, cache: str) -> web.Response:
        """Return file *name* to be kept as *cache* says. Raises NotTaken when there is none."""
        item = self._items.get(name)
        if item is None:
            raise NotTaken(Trouble.NOT_FOUND)
        response = _unchanged(request, item) or _whole(request, item)
        response.etag = item.etag
        response.headers["Cache-Control"] = cache
        response.headers["Vary"] = "Accept-Encoding"
        dress(response)
        return response


def _unchanged(request: web.Request, item: Item) -> web.Response | None:
    known = request.if_none_match or ()
    return web.Response(status=304) if any(tag.value in {item.etag, "*"} for tag in known) else None


def _whole(request: web.Request, item: Item) -> web.Response:
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = web.Response(
        body=item.packed if packed else item.content, content_type=item.content_type, charset="utf-8"
    )
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _item(path: Path) -> Item:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0)
    return Item(content=content, packed=packed, content_type=_TYPES[path.suffix], etag=_digest(content))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
