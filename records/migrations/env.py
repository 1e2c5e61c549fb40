"""Alembic's entry: it works on the connection `records.schema` hands over."""

from alembic import context
from sqlmodel import SQLModel

from records import cases, console, letters, tables  # noqa: F401  the schema registers itself

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    compare_type=True,
)
context.run_migrations()
