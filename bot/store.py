"""Open the ward's database with the key that seals its history."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.settings import Settings
from records.database import Database

KEY_FILE = "audit.key"
KEY_BYTES = 32


def open_database(settings: Settings) -> Database:
    """Return the database of *settings*; nothing is connected yet."""
    return Database(settings.database_url, audit_key=audit_key(settings))


def audit_key(settings: Settings) -> bytes:
    """Return the key of the sealed history: from the settings, else from a file made once beside the photos.

    With several instances the setting is needed, since each has a folder of its own.
    """
    if settings.audit_key is not None:
        return settings.audit_key.get_secret_value().encode()
    path = settings.data_dir / KEY_FILE
    if not path.exists():
        _make(path)
    return bytes.fromhex(path.read_text("ascii").strip())


def _make(path: Path) -> None:
    """Write a fresh key, readable by us alone; whoever comes second takes the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{KEY_FILE}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
