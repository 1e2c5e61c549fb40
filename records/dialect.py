"""The sentences the two databases spell differently."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def insert_new(db: AsyncSession, table: type[SQLModel]) -> Insert:
    """Return an insert into *table* that passes over rows whose key is already there."""
    statement: Insert = _insert(db, table).on_conflict_do_nothing()
    return statement


def upsert(
    db: AsyncSession,
    table: type[SQLModel],
    key: Sequence[str],
    values: Mapping[str, Any],
    change: Sequence[str],
    *,
    only: ColumnElement[bool] | None = None,
) -> Insert:
    """Return an insert of *values* that sets the columns in *change* where *key* is already there.

    *only* says of which rows that may be changed.
    """
    statement = _insert(db, table).values(**values)
    found: Insert = statement.on_conflict_do_update(
        index_elements=list(key), set_={name: statement.excluded[name] for name in change}, where=only
    )
    return found


def _insert(db: AsyncSession, table: type[SQLModel]) -> Any:  # both dialects' Insert, which share no base
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
