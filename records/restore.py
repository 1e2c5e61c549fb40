"""Read a backup without trusting it, and bring it back without doing twice what has since been done.

Nothing is touched before every byte was checked, and what stood there is moved aside, never
deleted. What waited to be sent waits for a person; Zalo's tokens wait for a new consent, for a
refresh token works once; whoever had their data erased, refused letters or left the office
after the backup was made has done so again, as far as the old database still tells.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from asyncpg import PostgresError  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Connection, NullPool, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from records import schema, tokens
from records.archive import (
    KEY_MEMBER,
    SQLITE_MEMBER,
    VERSION_TABLE,
    Flaw,
    Manifest,
    NotABackup,
    Table,
    read,
    staging,
    sync_folder,
)
from records.backup import Damaged, check, own_tables
from records.database import Database
from records.media import MediaStore
from records.quarantine import Held, Since, happened, hold_again, quarantine
from records.schema import SchemaTooNew

_ACTS = (
    "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
)
_NUMBERS = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), max(id)) FROM \"{0}\""


class NotEmpty(Exception):
    """There are rows already; only who says so replaces them."""


class InUse(Exception):
    """Somebody else has the database open."""


class OtherKind(Exception):
    """The backup of one kind of database cannot become the other kind."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was brought back; `aside` is where the old database stands now, `old_key` its key."""

    manifest: Manifest
    held: Held
    since: Since
    aside: str | None
    old_key: str | None


@dataclass(frozen=True, kw_only=True)
class Order:
    """Where to: the database, the files, and the key that seals (`key_file` None: kept in the settings).

    `replace`: what stands there may be moved aside. `given` is the token the settings hold now;
    `after` does its part in the transaction that brings everything back.
    """

    url: str = field(repr=False)
    media: MediaStore
    key_file: Path | None
    own_key: Callable[[], bytes]
    now: datetime
    replace: bool = False
    given: tokens.Given
    after: Callable[[AsyncSession, Manifest, Since], Awaitable[None]]


async def restore(archive: Path, order: Order) -> Restored:
    """Bring back what is in *archive*; a kill at any moment leaves the old state whole or the new one.

    Another key comes right after the database: killed between the two, say it again with *replace*.

    Raises NotABackup, SchemaTooNew, OtherKind, NotEmpty unless *replace*, AlreadyRunning or InUse.
    """
    claim = Database(order.url)
    home = Path(claim.url.database or "").parent if claim.is_sqlite else order.media.root.parent
    try:
        claim.claim_file()
        with staging(home) as folder:
            manifest = await asyncio.to_thread(read, archive, folder)
            _refuse(manifest, is_sqlite=claim.is_sqlite)
            key = _key(order, manifest, folder)
            into = _into_sqlite if claim.is_sqlite else _into_postgres
            since, held, aside = await into(order, manifest, folder, key)
            old_key = _put_key(order, manifest, folder)
    finally:
        await claim.close()
    return Restored(manifest=manifest, held=held, since=since, aside=aside, old_key=old_key)


# --- bringing back -----------------------------------------------------------------------------


def _refuse(manifest: Manifest, *, is_sqlite: bool) -> None:
    if (manifest.kind == "sqlite") != is_sqlite:
        raise OtherKind(manifest.kind)
    known = set(schema.versions())
    if manifest.schema not in known:
        raise SchemaTooNew(manifest.schema)


async def _into_sqlite(
    order: Order, manifest: Manifest, folder: Path, key: bytes
) -> tuple[Since, Held, str | None]:
    url = make_url(order.url)
    target, staged = Path(url.database or ""), folder / SQLITE_MEMBER
    full, since = await _look_at(order.url, target, manifest.made_at)
    if full and not order.replace:
        raise NotEmpty
    await asyncio.to_thread(_distrust, staged)
    database = Database(url.set(database=str(staged)).render_as_string(hide_password=False), audit_key=key)
    try:
        await schema.upgrade(database)
        async with database.writing() as db:
            held = await _settle(db, order, manifest, since)
    finally:
        await database.close()
    await _bring_media(order, manifest, folder)
    return since, held, await asyncio.to_thread(_exchange, target, staged, order.now)


async def _look_at(url: str, target: Path, moment: datetime) -> tuple[bool, Since]:
    """Tell whether there is anything in the old file, and what happened in it after *moment*."""
    if not await asyncio.to_thread(target.exists):
        return False, Since()
    old = Database(url)
    try:
        async with old.reading() as db:
            full = await (await db.connection()).run_sync(_holds_rows)
            return full, await happened(db, moment) if full else Since()
    except (SQLAlchemyError, sqlite3.Error):  # damaged: perhaps that is why it is replaced
        return True, Since(known=False)
    finally:
        await old.close()


def _distrust(path: Path) -> None:
    """Let only sound tables in: a trigger of a stranger would act in our name. Raises NotABackup."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        try:
            check(connection)
        except Damaged as error:
            raise NotABackup(Flaw.UNREADABLE) from error
        if connection.execute(_ACTS).fetchone() != (0,):
            raise NotABackup(Flaw.UNEXPECTED)


def _exchange(target: Path, staged: Path, now: datetime) -> str | None:
    """Put *staged* where *target* is, in one step; return where the old one stands now."""
    _fold(staged)
    with staged.open("rb") as file:
        os.fsync(file.fileno())
    aside, there = _aside(target, now), target.exists()
    if there:
        with suppress(sqlite3.DatabaseError):  # damaged: its log, if it has one, goes along unread
            _fold(target)
        _keep_also(target, aside)
        shutil.copymode(target, staged)
    _move_log(target, aside)  # a log left lying there would be read into the new file
    staged.replace(target)
    sync_folder(target.parent)
    return str(aside) if there else None


def _fold(path: Path) -> None:
    """Make the database one file without a log, which only works alone. Raises InUse."""
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise InUse from error
            raise
    if mode != ("delete",):
        raise InUse


def _move_log(target: Path, aside: Path) -> None:
    for end in ("-wal", "-shm"):
        log = Path(f"{target}{end}")
        if log.exists():
            log.rename(f"{aside}{end}")


def _keep_also(path: Path, aside: Path) -> None:
    """Give what is at *path* a second name, so that it stays when the first is taken."""
    try:
        os.link(path, aside)
    except OSError:  # a file system without second names
        shutil.copy2(path, aside)


def _aside(path: Path, now: datetime) -> Path:
    return path.with_name(f"{path.name}.{_aside_name(now)}")


def _aside_name(now: datetime) -> str:
    return f"truoc_khoi_phuc_{now:%Y%m%d_%H%M%S_%f}"


async def _into_postgres(
    order: Order, manifest: Manifest, folder: Path, key: bytes
) -> tuple[Since, Held, str | None]:
    """Do all of it in one transaction: the old tables go to a schema of their own, new ones come."""
    plans = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}  # tables change under them
    engine = create_async_engine(order.url, poolclass=NullPool, connect_args=plans, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            await _be_alone(connection)
            full = await connection.run_sync(_holds_rows)
            if full and not order.replace:
                raise NotEmpty
            since = await _happened_there(connection, manifest.made_at) if full else Since()
            aside = await _move_aside(connection, order.now)
            await connection.run_sync(_build, manifest.schema)
            for table in await _in_order(connection, manifest):
                await _fill(connection, table, folder / "tables" / f"{table.name}.copy")
            await connection.run_sync(_build, "head")
            async with _session(connection, key) as db:
                held = await _settle(db, order, manifest, since)
                await db.commit()  # into the one transaction around us
            await _bring_media(order, manifest, folder)
    finally:
        await engine.dispose()
    return since, held, aside


async def _be_alone(connection: AsyncConnection) -> None:
    """Keep starting instances waiting for their schema, and refuse while others are connected.

    Whoever serves is connected; so this also finds an older version, or a person at a console.
    """
    alone = await connection.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": schema.LOCK})
    others = await connection.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND coalesce(backend_type, 'client backend') = 'client backend'"
        )
    )
    if not alone.scalar_one() or others.scalar_one():
        raise InUse
    await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
    await connection.execute(text("SET LOCAL DateStyle = 'ISO'"))


async def _happened_there(connection: AsyncConnection, moment: datetime) -> Since:
    try:
        async with connection.begin_nested(), _session(connection, b"") as db:
            return await happened(db, moment)
    except SQLAlchemyError:
        return Since(known=False)


async def _move_aside(connection: AsyncConnection, now: datetime) -> str | None:
    old = await connection.run_sync(own_tables)
    listing = [*old, VERSION_TABLE] if await connection.run_sync(_has_version) else old
    if not listing:
        return None
    aside = _aside_name(now)
    await connection.execute(text(f'CREATE SCHEMA "{aside}"'))
    for name in listing:
        await connection.execute(text(f'ALTER TABLE "{name}" SET SCHEMA "{aside}"'))
    return aside


def _build(connection: Connection, version: str) -> None:
    from records import migrating  # noqa: PLC0415  heavy, and only here

    migrating.upgrade(connection, version)


async def _in_order(connection: AsyncConnection, manifest: Manifest) -> list[Table]:
    """Return the tables so that each comes after those its rows point to."""
    found = await connection.run_sync(lambda it: inspect(it).get_sorted_table_and_fkc_names())
    place = {name: number for number, (name, _) in enumerate(found) if name not in (None, VERSION_TABLE)}
    if any(table.name not in place for table in manifest.tables):
        raise NotABackup(Flaw.UNEXPECTED)
    return sorted(manifest.tables, key=lambda table: place[table.name])


async def _fill(connection: AsyncConnection, table: Table, path: Path) -> None:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        await driver.copy_to_table(table.name, source=path, columns=table.columns)
    except PostgresError as error:
        raise NotABackup(Flaw.UNEXPECTED) from error
    if "id" in table.columns:
        await connection.execute(text(_NUMBERS.format(table.name)))


def _session(connection: AsyncConnection, key: bytes) -> AsyncSession:
    return AsyncSession(connection, expire_on_commit=False, autoflush=False, info={"audit_key": key})


def _has_version(connection: Connection) -> bool:
    return inspect(connection).has_table(VERSION_TABLE)


def _holds_rows(connection: Connection) -> bool:
    """Tell whether any table has a row; one that a starting instance has just made has none."""
    return any(
        connection.execute(text(f'SELECT EXISTS (SELECT 1 FROM "{name}")')).scalar_one()  # noqa: S608  names the database told
        for name in own_tables(connection)
    )


# --- what both have in common ------------------------------------------------------------------


async def _settle(db: AsyncSession, order: Order, manifest: Manifest, since: Since) -> Held:
    held = await quarantine(db, order.given, order.now)
    await hold_again(db, since, order.now)
    await order.after(db, manifest, since)
    return held


async def _bring_media(order: Order, manifest: Manifest, folder: Path) -> None:
    for name in manifest.media:
        if not order.media.has(name):
            await order.media.save(await asyncio.to_thread((folder / "media" / name).read_bytes))


def _key(order: Order, manifest: Manifest, folder: Path) -> bytes:
    """Return the key the restored history will be sealed with."""
    if order.key_file is None or not manifest.has_key:
        return order.own_key()
    try:
        return bytes.fromhex((folder / KEY_MEMBER).read_text("ascii").strip())
    except ValueError as error:
        raise NotABackup(Flaw.UNEXPECTED) from error


def _put_key(order: Order, manifest: Manifest, folder: Path) -> str | None:
    """Put the key of the backup in its place; return where another one, that stood there, stands now."""
    path, fresh = order.key_file, folder / KEY_MEMBER
    if path is None or not manifest.has_key:
        return None
    aside = None
    if path.exists():
        if path.read_text("ascii").strip() == fresh.read_text("ascii").strip():
            return None
        aside = _aside(path, order.now)
        _keep_also(path, aside)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(fresh.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
    return str(aside) if aside else None
