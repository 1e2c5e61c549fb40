"""The sentences the two databases spell differently, each built once and then only executed.

Building and compiling such an insert costs far more than running it; so the statements are
kept, and the values always travel as parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, Dialect, SQLColumnExpression, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def insert_new(db: AsyncSession, table: type[SQLModel], row: Mapping[str, Any]) -> bool:
    """Insert *row* unless its key is already there; tell whether it was new."""
    return (await _run(db, _insert_new(db.get_bind().dialect.name, table), row)).rowcount == 1


async def insert_many(
    connection: AsyncConnection, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert many *rows* with the same columns, passing over those that are there, as fast as the driver can.

    For the first door only: it prepares the sentence and the values itself, since the
    library's way costs several times what the database does with them.
    """
    many = _prepared(connection.dialect, table, tuple(rows[0]))
    columns = [
        [convert(row[name]) if convert else row[name] for row in rows] for name, convert in many.columns
    ]
    if many.by_column:
        await connection.exec_driver_sql(many.text, tuple(columns))
    else:
        await connection.exec_driver_sql(many.text, list(zip(*columns, strict=True)))


class _Prepared(NamedTuple):
    """A sentence as the driver wants it, its columns in order with what turns their values.

    PostgreSQL takes whole columns as arrays in one message; SQLite takes row after row.
    """

    text: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    by_column: bool


@cache
def _prepared(dialect: Dialect, table: type[SQLModel], names: tuple[str, ...]) -> _Prepared:
    types = {column.name: column.type for column in table.__table__.columns}  # type: ignore[attr-defined]  # hidden by SQLModel
    by_column = dialect.name == "postgresql"
    if by_column:
        order, text = list(names), _by_column(dialect, table, [(name, types[name]) for name in names])
    else:
        compiled = _insert_new(dialect.name, table).compile(dialect=dialect, column_keys=list(names))
        order, text = compiled.positiontup or list(names), str(compiled)
    turns = [types[name].dialect_impl(dialect).bind_processor(dialect) for name in order]
    return _Prepared(text, tuple(zip(order, turns, strict=True)), by_column)


def _by_column(
    dialect: Dialect, table: type[SQLModel], columns: Sequence[tuple[str, TypeEngine[Any]]]
) -> str:
    """Return PostgreSQL's insert of arrays; every name comes from our own tables."""
    quote = dialect.identifier_preparer.quote
    listed = ", ".join(quote(name) for name, _ in columns)
    arrays = ", ".join(
        f"${place}::{type_.compile(dialect)}[]" for place, (_, type_) in enumerate(columns, start=1)
    )
    into = quote(str(table.__tablename__))
    return f"INSERT INTO {into} ({listed}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608  no value


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


def days_between(
    db: AsyncSession, earlier: SQLColumnExpression[Any], later: SQLColumnExpression[Any]
) -> SQLColumnExpression[Any]:
    """Return how many days lie between two moments, as the database counts."""
    if db.get_bind().dialect.name == "postgresql":
        return func.date_part("epoch", later - earlier) / 86400
    return func.julianday(later) - func.julianday(earlier)
