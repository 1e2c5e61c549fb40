"""The two column types the schema needs: an instant that keeps its zone, a word of an enum."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator

LENGTH = 20  # letters of a word, unless one of its kind is longer
FIGURES = 9  # of a number that fits the column of an id on both databases


def row_number(text: str) -> int | None:
    """Return the number somebody wrote, if a row may have it; None for anything else.

    >>> row_number("42"), row_number("-1"), row_number("4" * 5000), row_number("٤٢")
    (42, None, None, None)
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= FIGURES else None


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite would drop the zone; this gives it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the records")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def word(kind: type[StrEnum], *, primary_key: bool = False, nullable: bool = False) -> Column[Any]:
    """Return a column holding one value of *kind*, stored by value and checked by the database."""
    return Column(
        Enum(
            kind,
            values_callable=lambda members: [member.value for member in members],
            native_enum=False,
            create_constraint=True,
            validate_strings=True,
            length=max(LENGTH, *(len(member.value) for member in kind)),
            name=kind.__name__.lower(),
        ),
        primary_key=primary_key,
        nullable=nullable,
    )
