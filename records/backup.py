"""Pack a picture of one moment into one file, while others work.

`archive` tells what the file looks like, `restore` brings it back.
"""

import asyncio
import gzip
import hashlib
import os
import re
import sqlite3
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from asyncpg import InterfaceError, PostgresError  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from records.archive import (
    CHUNK,
    FORMAT,
    KEY_MEMBER,
    MANIFEST_MEMBER,
    MANIFESTS,
    SQLITE_MEMBER,
    VERSION_TABLE,
    Manifest,
    Member,
    Table,
    staging,
    sync_folder,
)
from records.database import BUSY_TIMEOUT_S, Database
from records.media import MediaStore
from records.retention import ERASED

_VERSION = "SELECT version_num FROM alembic_version"
PAGES = 2000  # copied in one step; 8 MB
LEVEL = 4  # of gzip: 6 took twice as long for 4 % less

_NAME_IN_TEXT = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class NothingToSave(Exception):
    """There is no database yet."""


class Damaged(Exception):
    """The database itself is damaged: SQLite's own check says so."""


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """The database as it was at one moment, laid down in a folder."""

    schema: str
    tables: tuple[Table, ...]
    files: Mapping[str, Path]
    names: frozenset[str]


class _Gone(Exception):
    """A file of the media store vanished, or is not what its name says."""


async def make(
    database: Database,
    target: Path,
    *,
    media: MediaStore,
    key: Path | None,
    software: str,
    now: datetime,
    force: bool = False,
) -> Manifest:
    """Write a backup to *target* while others work, and return what it holds.

    Writers are not kept waiting: everything comes from one snapshot. The file appears whole,
    read back and durable, or not at all. Raises FileExistsError unless *force*, NothingToSave, Damaged.
    """
    _may_write(target, force=force)
    with staging(target.parent) as folder:
        copy = _copied_sqlite if database.is_sqlite else _copied_postgres
        picture = await copy(database, folder)
        part, kind = folder / "part", "sqlite" if database.is_sqlite else "postgresql"
        manifest = await asyncio.to_thread(
            _write, part, media, picture, key, kind=kind, software=software, made_at=now
        )
        _may_write(target, force=force)
        part.replace(target)
        sync_folder(target.parent)
    return manifest


def _may_write(target: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise FileExistsError(target)


def own_tables(connection: Connection) -> list[str]:
    """Return the tables there are, without the one that holds the version."""
    return sorted(set(inspect(connection).get_table_names()) - {VERSION_TABLE})


# --- the picture -------------------------------------------------------------------------------


async def _copied_sqlite(database: Database, folder: Path) -> _Picture:
    try:
        return await asyncio.to_thread(_copy_sqlite, Path(database.url.database or ""), folder / "ward.db")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Damaged from error
        raise


def _copy_sqlite(source: Path, target: Path) -> _Picture:
    if not source.is_file():
        raise NothingToSave
    with closing(_open(source, "rw")) as live, closing(_open(target, "rwc")) as copy:
        live.execute("BEGIN")  # the snapshot: without it every write of others begins the copy anew
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        live.backup(copy, pages=PAGES)
        live.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")
        check(copy)
        copy.execute("VACUUM")  # pieces of deleted texts stay in the gaps otherwise (`scrubbing`)
        listing = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        )
        found = sorted(name for (name,) in copy.execute(listing))
        if VERSION_TABLE not in found:
            raise NothingToSave
        found.remove(VERSION_TABLE)
        (schema,) = copy.execute(_VERSION).fetchone()
        counts = {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in found}  # noqa: S608  names of our own schema
        names = frozenset(name for table in found for name in _named(table, _rows(copy, table)))
    tables = tuple(Table(name=name, rows=rows) for name, rows in counts.items())
    return _Picture(schema=schema, tables=tables, files={SQLITE_MEMBER: target}, names=names)


def check(connection: sqlite3.Connection) -> None:
    """Let SQLite look at every page. Raises Damaged."""
    try:
        verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise Damaged from error
    if verdict != ("ok",):
        raise Damaged


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
    )


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  a name of our own schema
        yield "\t".join(value for value in row if isinstance(value, str))


async def _copied_postgres(database: Database, folder: Path) -> _Picture:
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        found = await connection.run_sync(lambda it: inspect(it).get_table_names())
        if VERSION_TABLE not in found:
            raise NothingToSave
        version = await connection.execute(text(_VERSION))
        schema: str = version.scalar_one()
        await connection.execute(text("SET LOCAL DateStyle = 'ISO'"))
        tables, files = [], {}
        for name in await connection.run_sync(own_tables):
            path = folder / f"{name}.copy"
            tables.append(await _copy_table(connection, name, path))
            files[f"tables/{name}.copy"] = path
    names = frozenset(
        name for table, path in zip(tables, files.values(), strict=True) for name in _found_in(table, path)
    )
    return _Picture(schema=schema, tables=tuple(tables), files=files, names=names)


async def _copy_table(connection: AsyncConnection, name: str, path: Path) -> Table:
    """Write one table in COPY's text format: CSV breaks on a text with a line of backslash and dot."""
    described = await connection.run_sync(lambda it: inspect(it).get_columns(name))
    columns = tuple(str(column["name"]) for column in described)
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        told = await driver.copy_from_table(name, output=path, columns=columns)
    except (InterfaceError, PostgresError) as error:
        raise ConnectionError("the database went away while it was copied") from error
    return Table(name=name, rows=int(told.removeprefix("COPY ")), columns=columns)


def _found_in(table: Table, path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from _named(table.name, lines)


def _named(table: str, rows: Iterable[str]) -> Iterator[str]:
    """Find what may be names of files in *rows*; those of erased attachments are nobody's any more."""
    for row in rows:
        if table != "attachment" or ERASED not in row:
            yield from _NAME_IN_TEXT.findall(row)


# --- writing -----------------------------------------------------------------------------------


def _write(part: Path, media: MediaStore, picture: _Picture, key: Path | None, **facts: Any) -> Manifest:
    """Write the archive, once more without any file that is dropped meanwhile; read it back."""
    files = {**picture.files, **({KEY_MEMBER: key} if key is not None else {})}
    fixed = tuple(_member(name, path) for name, path in files.items())
    names = sorted(name for name in picture.names if media.has(name))
    gone: set[str] = set()
    while True:
        pictures = tuple(_media_member(media, name) for name in names if name not in gone)
        manifest = Manifest(
            format=FORMAT,
            schema=picture.schema,
            tables=picture.tables,
            members=fixed + pictures,
            left_out=len(gone),
            **facts,
        )
        try:
            _pack(part, manifest, files, media)
        except _Gone as error:
            gone.add(str(error))
        else:
            _read_back(part)
            return manifest


def _pack(part: Path, manifest: Manifest, files: Mapping[str, Path], media: MediaStore) -> None:
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw:
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
            whole = tarfile.TarFile(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT)
            told = MANIFESTS.dump_json(manifest)
            _add(whole, MANIFEST_MEMBER, len(told), BytesIO(told), manifest.made_at)
            for one in manifest.members:
                path = files.get(one.name)
                with path.open("rb") if path else _whole_file(media, one.sha256) as content:
                    _add(whole, one.name, one.size, content, manifest.made_at)
            whole.close()
        raw.flush()
        os.fsync(raw.fileno())


def _add(whole: tarfile.TarFile, name: str, size: int, content: IO[bytes], at: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(at.timestamp())
    whole.addfile(info, content)


def _member(name: str, path: Path) -> Member:
    with path.open("rb") as file:
        return Member(
            name=name, size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest()
        )


def _media_member(media: MediaStore, name: str) -> Member:
    try:
        size = media.path(name).stat().st_size
    except FileNotFoundError:  # packing finds out again, and leaves it out
        size = 0
    return Member(name=f"media/{name}", size=size, sha256=name)


def _whole_file(media: MediaStore, name: str) -> IO[bytes]:
    """Return the bytes of *name*. Raises _Gone when somebody had them erased, or the disk spoilt them."""
    try:
        content = media.path(name).read_bytes()
    except FileNotFoundError as error:
        raise _Gone(name) from error
    if hashlib.sha256(content).hexdigest() != name:
        raise _Gone(name)
    return BytesIO(content)


def _read_back(part: Path) -> None:
    """Unpack once for the checksum of gzip: what cannot be read is no backup."""
    with gzip.open(part) as packed:
        while packed.read(CHUNK):
            pass
