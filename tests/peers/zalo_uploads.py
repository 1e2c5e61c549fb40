"""Files given to Zalo for sending: which types, how large, and for how many days."""

import itertools
from dataclasses import dataclass, field

from . import images
from .clock import Clock
from .records import Json
from .zalo_limits import ZaloLimits, over
from .zalo_wire import ZaloError

_DAY_S = 86_400
_DOCUMENTS = (b"%PDF", b"\xd0\xcf\x11\xe0", b"PK\x03\x04")
_NAMES = (".pdf", ".doc", ".docx", ".csv")


@dataclass
class Uploads:
    """What was uploaded, by attachment id or token."""

    clock: Clock
    limits: ZaloLimits
    _stored: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def take(self, kind: str, name: str, content: bytes) -> Json:
        """Store an "image", "gif" or "file"; return the answer's data. Raises ZaloError."""
        limits = self.limits
        most = {"image": limits.image_bytes, "gif": limits.gif_bytes, "file": limits.file_bytes}
        if not _right_type(kind, name, content):
            raise ZaloError(-201, f"file is invalid: {kind} expected")
        if over(len(content), most[kind]):
            raise ZaloError(-210, "file size is over the limit")
        key = f"upload-{kind}-{next(self._serial)}"
        self._stored[key] = (content, self.clock.epoch())
        return {"token" if kind == "file" else "attachment_id": key}

    def get(self, key: str) -> bytes:
        """Return an upload. Raises ZaloError when it is unknown or too old."""
        if key not in self._stored:
            raise ZaloError(-201, "attachment_id is invalid")
        content, at = self._stored[key]
        days = self.limits.upload_days
        if over(self.clock.epoch() - at, days and days * _DAY_S):
            raise ZaloError(-100, "attachment is expired")
        return content


def _right_type(kind: str, name: str, content: bytes) -> bool:
    if kind == "image":
        return images.kind(content) in ("jpeg", "png")
    if kind == "gif":
        return images.kind(content) == "gif"
    if not name.lower().endswith(_NAMES):
        return False
    return content.startswith(_DOCUMENTS) or name.lower().endswith(".csv")
