"""One file that holds a picture of a ward's records; how it is laid out, and how to read it without trust.

The file is a tar in gzip, its members in this order and no others:

    manifest.json       what follows: each member's size and SHA-256, the version of the schema
    database/ward.db    SQLite: the whole database in one file; or
    tables/NAME.copy    PostgreSQL: every table, as COPY writes it
    audit.key           the key that seals the history, unless it is kept elsewhere
    media/SHA256        every file the records name

Whoever reads it takes nothing but what the manifest announces: no links, no paths, no extended
headers, not one byte more.
"""

import fcntl
import gzip
import hashlib
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from records.media import MAX_BYTES

FORMAT = "ward-backup-1"
MANIFEST_MEMBER = "manifest.json"
SQLITE_MEMBER = "database/ward.db"
KEY_MEMBER = "audit.key"
VERSION_TABLE = "alembic_version"
CHUNK = 1 << 20
MOST_MANIFEST = 64 << 20  # bytes; half a million files
MOST_TAIL = 64 << 10  # zeros after the last member
MOST_KEY = 4096
RESERVE = 64 << 20  # bytes left free on the disk when unpacking
BLOCK = tarfile.BLOCKSIZE
_STAGING = ".ward-staging-"
_WORD = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Flaw(StrEnum):
    """Why a file is not taken for a backup."""

    UNREADABLE = "unreadable"  # no gzip, or no tar in it
    TRUNCATED = "truncated"
    MANIFEST = "manifest"  # missing, broken, or of another format
    UNEXPECTED = "unexpected"  # a member that was not announced, or not as announced
    CHANGED = "changed"  # the bytes do not fit their SHA-256
    TOO_LARGE = "too_large"  # more than the disk can hold


class NotABackup(Exception):
    """This file is no whole backup of ours; `flaw` says what is wrong with it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file in the archive; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its rows, and on PostgreSQL the columns in the order of its file."""

    name: str
    rows: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What an archive holds. `left_out` counts files the records name that were not whole on disk."""

    format: str
    kind: Literal["sqlite", "postgresql"]
    schema: str
    software: str
    made_at: datetime
    tables: tuple[Table, ...]
    members: tuple[Member, ...]
    left_out: int = 0

    @property
    def rows(self) -> int:
        """Return how many rows all tables hold together."""
        return sum(table.rows for table in self.tables)

    @property
    def media(self) -> tuple[str, ...]:
        """Return the names of the files of the media store."""
        return tuple(one.sha256 for one in self.members if one.name.startswith("media/"))

    @property
    def has_key(self) -> bool:
        """Tell whether the key that seals the history is inside."""
        return any(one.name == KEY_MEMBER for one in self.members)


MANIFESTS = TypeAdapter(Manifest)


@contextmanager
def staging(beside: Path) -> Iterator[Path]:
    """Give an empty folder *beside* the files it is for, ours alone; it is gone afterwards.

    What a killed process left behind holds people's words: it is removed first.
    """
    for old in beside.glob(f"{_STAGING}*"):
        _remove_abandoned(old)
    folder = Path(tempfile.mkdtemp(dir=beside, prefix=_STAGING))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make a new name in *folder* survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_abandoned(folder: Path) -> None:
    try:
        with (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # somebody works in it, or it is not ours
        return


def read(path: Path, into: Path | None = None) -> Manifest:
    """Check every byte of the backup at *path*; unpack it *into* a folder if one is given.

    Raises NotABackup; what was unpacked until then is the caller's to throw away.
    """
    try:
        with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as packed:
            manifest = _manifest(packed)
            if into is not None:
                _make_room(manifest, into)
            for one in manifest.members:
                _take(packed, one, into)
            _end(packed)
    except EOFError as error:
        raise NotABackup(Flaw.TRUNCATED) from error
    except (gzip.BadGzipFile, zlib.error, tarfile.TarError, UnicodeDecodeError) as error:
        raise NotABackup(Flaw.UNREADABLE) from error
    return manifest


def _manifest(packed: gzip.GzipFile) -> Manifest:
    size = _header(packed, MANIFEST_MEMBER, Flaw.MANIFEST)
    if size > MOST_MANIFEST:
        raise NotABackup(Flaw.MANIFEST)
    try:
        manifest = MANIFESTS.validate_json(_exactly(packed, size))
    except ValidationError as error:
        raise NotABackup(Flaw.MANIFEST) from error
    _exactly(packed, -size % BLOCK)
    if not _is_sound(manifest):
        raise NotABackup(Flaw.MANIFEST)
    return manifest


def _is_sound(manifest: Manifest) -> bool:
    """Tell whether every name is one of ours, where it belongs, once; what it says is not believed."""
    names = [one.name for one in manifest.members]
    base = [name for name in names if not name.startswith("media/") and name != KEY_MEMBER]
    tables = [table.name for table in manifest.tables]
    words = [*tables, *(column for table in manifest.tables for column in table.columns)]
    wanted = [SQLITE_MEMBER] if manifest.kind == "sqlite" else [f"tables/{name}.copy" for name in tables]
    return (
        manifest.format == FORMAT
        and manifest.made_at.tzinfo is not None
        and len(set(names)) == len(names)
        and base == wanted
        and all(_WORD.fullmatch(word) for word in words)
        and VERSION_TABLE not in tables
        and all(_is_sound_member(one) for one in manifest.members)
    )


def _is_sound_member(one: Member) -> bool:
    if one.size < 0 or not _SHA256.fullmatch(one.sha256):
        return False
    if one.name == KEY_MEMBER:
        return one.size <= MOST_KEY
    return not one.name.startswith("media/") or (one.name == f"media/{one.sha256}" and one.size <= MAX_BYTES)


def _make_room(manifest: Manifest, folder: Path) -> None:
    """Refuse what the disk cannot hold, before anything is written."""
    if sum(one.size for one in manifest.members) + RESERVE > shutil.disk_usage(folder).free:
        raise NotABackup(Flaw.TOO_LARGE)


def _take(packed: gzip.GzipFile, one: Member, into: Path | None) -> None:
    if _header(packed, one.name, Flaw.UNEXPECTED) != one.size:
        raise NotABackup(Flaw.UNEXPECTED)
    path = into / one.name if into is not None else None
    if path is not None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
    digest = hashlib.sha256()
    with path.open("wb") if path is not None else nullcontext() as file:
        for start in range(0, one.size, CHUNK):
            piece = _exactly(packed, min(CHUNK, one.size - start))
            digest.update(piece)
            if file is not None:
                file.write(piece)
    _exactly(packed, -one.size % BLOCK)
    if digest.hexdigest() != one.sha256:
        raise NotABackup(Flaw.CHANGED)


def _header(packed: gzip.GzipFile, name: str, flaw: Flaw) -> int:
    """Return the size of the next member, which must be a plain file called *name*.

    Our own reader of headers: the library's would follow extended ones, as large as a stranger likes.
    """
    info = tarfile.TarInfo.frombuf(_exactly(packed, BLOCK), "utf-8", "strict")
    if info.type != tarfile.REGTYPE or info.name != name or info.size < 0:
        raise NotABackup(flaw)
    return info.size


def _end(packed: gzip.GzipFile) -> None:
    tail = packed.read(MOST_TAIL + 1)
    if len(tail) > MOST_TAIL or tail.strip(b"\0"):
        raise NotABackup(Flaw.UNEXPECTED)


def _exactly(packed: gzip.GzipFile, size: int) -> bytes:
    content = packed.read(size)
    if len(content) != size:
        raise NotABackup(Flaw.TRUNCATED)
    return content
