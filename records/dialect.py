"""The sentences the two databases spell differently, each built once and then only executed.

Building and compiling such an insert costs far more than running it; so the statements are
kept, and the values always travel as parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def insert_new(db: AsyncSession, table: type[SQLModel], row: Mapping[str, Any]) -> bool:
    """Insert *row* unless its key is already there; tell whether it was new."""
    return (await _run(db, _insert_new(db.get_bind().dialect.name, table), row)).rowcount == 1


async def insert_many(db: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many *rows* with the same columns, passing over those that are there, as fast as the driver can.

    For the first door only: it prepares the sentence and the values itself, since the
    library's way costs several times what the database does with them.
    """
    many = _prepared(db.get_bind().dialect, table, tuple(rows[0]))
    values = [
        tuple(convert(row[name]) if convert else row[name] for name, convert in many.columns) for row in rows
    ]
    await (await db.connection()).exec_driver_sql(many.text, values)


class _Prepared(NamedTuple):
    """A sentence as the driver wants it, and its columns in order with what turns their values."""

    text: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]


@cache
def _prepared(dialect: Dialect, table: type[SQLModel], names: tuple[str, ...]) -> _Prepared:
    compiled = _insert_new(dialect.name, table).compile(dialect=dialect, column_keys=list(names))
    types = {column.name: column.type for column in table.__table__.columns}  # type: ignore[attr-defined]  # hidden by SQLModel
    order = compiled.positiontup or list(names)
    turns = [types[name].dialect_impl(dialect).bind_processor(dialect) for name in order]
    return _Prepared(str(compiled), tuple(zip(order, turns, strict=True)))


async def upsert(
    db: AsyncSession,
    table: type[SQLModel],
    key: tuple[str, ...],
    values: Mapping[str, Any],
    *,
    change: tuple[str, ...],
    unless_older: str | None = None,
) -> None:
    """Insert *values*, or set the columns in *change* of the row that has *key*.

    *unless_older* names a moment: a row that holds a later one stays as it is.
    """
    await _run(db, _upsert(db.get_bind().dialect.name, table, key, change, unless_older), values)


async def _run(db: AsyncSession, statement: Insert, row: Mapping[str, Any]) -> CursorResult[Any]:
    connection = await db.connection()
    return await connection.execute(statement, row)


@cache
def _insert_new(dialect: str, table: type[SQLModel]) -> Insert:
    found: Insert = _insert(dialect, table).on_conflict_do_nothing()
    return found


@cache
def _upsert(
    dialect: str,
    table: type[SQLModel],
    key: tuple[str, ...],
    change: tuple[str, ...],
    unless_older: str | None,
) -> Insert:
    statement = _insert(dialect, table)
    fresh = statement.excluded
    where = None
    if unless_older is not None:
        column = getattr(table, unless_older)
        where = column.is_(None) | (column <= fresh[unless_older])
    found: Insert = statement.on_conflict_do_update(
        index_elements=list(key), set_={name: fresh[name] for name in change}, where=where
    )
    return found


def _insert(dialect: str, table: type[SQLModel]) -> Any:  # both dialects' Insert, which share no base
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
