"""The schema: what the code declares is what migrations build, and a newer one is not touched."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import SQLModel

from records import migrating, schema
from records.database import AlreadyRunning, Database


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, SQLModel.metadata))


async def test_migrations_build_exactly_what_the_tables_declare(database):
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert await schema.current(database) == schema.head()


async def test_two_instances_starting_at_once_migrate_once(make_postgres):
    url = make_postgres()
    pair = Database(url), Database(url)
    await asyncio.gather(*(schema.upgrade(one) for one in pair))
    assert await schema.current(pair[0]) == schema.head()
    for one in pair:
        await one.close()


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(database):
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(schema.SchemaTooNew):
        await schema.upgrade(database)
    assert await schema.current(database) == "9999"


async def test_a_second_process_on_the_same_sqlite_file_is_refused(sqlite_url):
    first, second = Database(sqlite_url), Database(sqlite_url)
    await schema.upgrade(first)
    first.claim_file()
    with pytest.raises(AlreadyRunning):
        second.claim_file()
    await first.close()
    second.claim_file()
    await second.close()


async def test_sqlite_is_opened_so_that_a_power_cut_forgets_nothing(sqlite_url):
    opened = Database(sqlite_url)
    async with opened.engine.connect() as connection:
        found = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        ]
    await opened.close()
    assert found == ["wal", 2, 1]  # 2 is FULL


def test_versions_are_those_of_the_migrations_in_one_line():
    script = ScriptDirectory.from_config(migrating.config())
    assert [one.revision for one in reversed(list(script.walk_revisions()))] == list(schema.versions())
    assert script.get_heads() == [schema.head()]
