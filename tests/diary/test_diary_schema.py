"""Migrations and tables say the same, for every database that a diary may live in."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from nightvoice.diary.migrating import revisions
from nightvoice.diary.opening import REVISION
from nightvoice.diary.store import Diary
from nightvoice.diary.tables import metadata


def test_the_newest_migration_is_the_one_that_is_looked_for() -> None:
    assert revisions()[0] == REVISION


def test_migrations_make_the_tables_that_the_code_has() -> None:
    with Diary.open() as diary, diary._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_numbers_of_events_are_never_given_twice() -> None:
    with Diary.open() as diary, diary._engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'events'").scalar()
    assert "AUTOINCREMENT" in str(made)


def test_the_tables_can_be_made_in_postgresql() -> None:
    for table in metadata.sorted_tables:
        statement = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert ("BIGSERIAL" in statement) == (table.name != "episodes")
