"""The files Telegram keeps: put in by a person or the bot, fetched by `getFile`."""

import hashlib
import itertools
from dataclasses import dataclass, field

from .records import Json


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A file with the path it is downloaded from."""

    path: str
    content: bytes


@dataclass
class Shelf:
    """All files by `file_id`."""

    stored: dict[str, Stored] = field(default_factory=dict)
    _serial: "itertools.count[int]" = field(default_factory=itertools.count)

    def put(self, content: bytes, folder: str, ending: str) -> Json:
        """Keep *content*; return the fields every kind of file has in a message."""
        number = next(self._serial)
        unique = hashlib.sha256(content).hexdigest()[:16]
        file_id = f"AgACAgUAAxk{number:06d}{unique}"
        path = f"{folder}/file_{number}.{ending}"
        self.stored[file_id] = Stored(path=path, content=content)
        return {"file_id": file_id, "file_unique_id": unique, "file_size": len(content)}

    def at(self, path: str) -> bytes | None:
        """Return what lies at *path*."""
        return next((one.content for one in self.stored.values() if one.path == path), None)
