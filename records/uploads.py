"""Register files that were handed in: on disk under a name of our own, and how far each has come.

The file a person sent names nothing here: it lies under the number of its row. It goes as soon
as its rows are in the records, or nobody wants them any more; the sheet of refused rows, in
which numbers are masked, stays a while longer.
"""

import asyncio
import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.console import Upload, UploadState
from records.importers import Kind

LARGEST: Final = 20 * 1024 * 1024  # bytes; a register of 100,000 rows has about half
KEPT: Final = timedelta(days=30)  # the sheet of refused rows
UNDECIDED: Final = timedelta(days=7)  # a file that was read and that nobody brings in
BUSY: Final = (UploadState.RECEIVED, UploadState.APPLYING)  # somebody must go on with it
MOST_WAITING: Final = 20  # files of all clerks that are read or wait
_ODD = re.compile(r"[^\w .()\[\],+&-]")


class TooLarge(Exception):
    """The file has more bytes than we take in."""


class TooMany(Exception):
    """More files wait than anybody looks at."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A file that lies on disk under a passing name."""

    path: Path
    sha256: str
    size: int


class UploadStore:
    """The folder of register files. Nobody but the house may look inside."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir / "uploads"

    def register(self, number: int) -> Path:
        """Return where the file of an upload lies."""
        return self.root / f"{number}.register"

    def errors(self, number: int) -> Path:
        """Return where the sheet of refused rows of an upload lies."""
        return self.root / f"{number}.errors.xlsx"

    async def take(self, pieces: AsyncIterator[bytes], largest: int = LARGEST) -> Taken:
        """Write what comes, piece by piece, to disk. Raises TooLarge; nothing is left then."""
        await asyncio.to_thread(self.root.mkdir, mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.root, suffix=".part")
        path, seal, size = Path(name), hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as file:
                async for piece in _bounded(pieces, largest):
                    size += len(piece)
                    seal.update(piece)
                    await asyncio.to_thread(file.write, piece)
                await asyncio.to_thread(_settle, file.fileno(), file.flush)
        except BaseException:
            os.unlink(name)  # noqa: PTH108  at once: a wait here could be cancelled and leave the file
            raise
        return Taken(path=path, sha256=seal.hexdigest(), size=size)

    def keep(self, taken: Taken, number: int) -> None:
        """Give a file that was taken its lasting name."""
        taken.path.replace(self.register(number))

    def drop(self, taken: Taken) -> None:
        """Let a file go that was taken and not kept."""
        taken.path.unlink(missing_ok=True)

    def read(self, number: int) -> bytes:
        """Return the file of an upload. Raises FileNotFoundError."""
        return self.register(number).read_bytes()

    def numbers(self) -> list[int]:
        """Return of which uploads the file is here."""
        return [int(path.stem) for path in self._listed("*.register") if path.stem.isdecimal()]

    def forget(self, number: int, *, errors: bool = False) -> None:
        """Let the file of an upload go, and the sheet of its refused rows if asked."""
        self.register(number).unlink(missing_ok=True)
        if errors:
            self.errors(number).unlink(missing_ok=True)

    def lay_errors(self, number: int, content: bytes, now: datetime) -> None:
        """Keep the sheet of refused rows of an upload."""
        path = self.errors(number)
        path.write_bytes(content)
        os.utime(path, (now.timestamp(), now.timestamp()))

    def clear(self) -> None:
        """Let go what a kill left of files on their way in; nobody may be handing one in."""
        for path in self._listed("*.part"):
            path.unlink(missing_ok=True)

    def sweep(self, now: datetime) -> None:
        """Let go the sheets of refused rows that are older than they are kept."""
        for path in self._listed("*.errors.xlsx"):
            if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
                path.unlink(missing_ok=True)

    def _listed(self, what: str) -> list[Path]:
        return list(self.root.glob(what)) if self.root.is_dir() else []


async def _bounded(pieces: AsyncIterator[bytes], largest: int) -> AsyncIterator[bytes]:
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > largest:
            raise TooLarge
        yield piece


def _settle(number: int, flush: Any) -> None:
    flush()
    os.fsync(number)


def name_shown(said: str) -> str:
    """Return a file's name as it may be shown: its last part, short, of letters that are seen.

    >>> name_shown("../tai lieu/../sổ kết hôn<1>.xlsx")
    'sổ kết hôn_1_.xlsx'
    """
    last = unicodedata.normalize("NFC", said).replace("\\", "/").rpartition("/")[2]
    plain = " ".join(_ODD.sub("_", last).split()).strip(". ")
    return plain[:120] or "tep-khong-ten"


# --- rows ----------------------------------------------------------------------------------------


async def add(db: AsyncSession, kind: Kind, file: str, sha256: str, *, by: int, now: datetime) -> Upload:
    """Note a file that was handed in. Raises TooMany when too many wait already."""
    waiting = await db.exec(
        select(func.count()).select_from(Upload).where(col(Upload.state).in_([*BUSY, UploadState.READ]))
    )
    if waiting.one() >= MOST_WAITING:
        raise TooMany
    row = Upload(kind=kind, file=name_shown(file), sha256=sha256, by=by, at=now, changed_at=now)
    db.add(row)
    await db.flush()
    return row


async def same(db: AsyncSession, kind: Kind, sha256: str) -> int | None:
    """Return the upload of the very same file that nobody has finished with."""
    found = await db.exec(
        select(Upload.id).where(
            col(Upload.state).in_([*BUSY, UploadState.READ]),
            col(Upload.kind) == kind,
            col(Upload.sha256) == sha256,
        )
    )
    return found.first()


async def next_busy(db: AsyncSession) -> Upload | None:
    """Return the upload to go on with: the oldest that is to be read or brought in."""
    found = await db.exec(select(Upload).where(col(Upload.state).in_(BUSY)).order_by(col(Upload.id)).limit(1))
    return found.first()


async def turn(
    db: AsyncSession, number: int, before: UploadState, after: UploadState, now: datetime, **values: Any
) -> bool:
    """Lead an upload from one state to another; False when it is not there, or somebody was quicker."""
    result = await (await db.connection()).execute(
        update(Upload)
        .where(col(Upload.id) == number, col(Upload.state) == before)
        .values(state=after, changed_at=now, **values)
    )
    return result.rowcount == 1


async def listed(
    db: AsyncSession, *, kind: str = "", state: str = "", most: int = 30, skip: int = 0
) -> list[Upload]:
    """Return uploads, the newest first."""
    wanted = select(Upload).order_by(col(Upload.id).desc()).limit(most).offset(skip)
    wanted = wanted.where(col(Upload.kind) == kind) if kind else wanted
    wanted = wanted.where(col(Upload.state) == state) if state else wanted
    return list((await db.exec(wanted)).all())


async def abandoned(db: AsyncSession, now: datetime) -> list[int]:
    """Drop what was read and nobody brought in for a week; return which."""
    result = await (await db.connection()).execute(
        update(Upload)
        .where(col(Upload.state) == UploadState.READ, col(Upload.changed_at) < now - UNDECIDED)
        .values(state=UploadState.DROPPED, changed_at=now)
        .returning(col(Upload.id))
    )
    return [number for number in result.scalars() if number is not None]
