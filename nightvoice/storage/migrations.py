"""Numbered SQL files that bring the tables of a database up to date.

A folder holds ``REVISION_name.sql`` for all dialects or ``REVISION_name.DIALECT.sql`` for one; revisions sort in the
order in which they are applied. The database keeps its revision in the table ``alembic_version``: the name comes from
the first releases, which used Alembic, and is kept so that old and new releases can open each other's files.
"""

from pathlib import Path
from typing import Final

from nightvoice.storage.database import Database, Sql
from nightvoice.storage.errors import ForeignDatabase, SchemaTooNew

VERSION_TABLE: Final = "alembic_version"
_CREATE_VERSION_TABLE: Final = (
    f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
    f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
)


def migrate(database: Database, folder: Path) -> None:
    """Migrate ``database`` to the newest revision in ``folder``. Raises StorageUnavailable.

    All migrations run in one transaction that excludes other writers, so a power cut leaves the database as it was.
    """
    scripts = revisions(folder, database.dialect)
    with database.reading() as sql:
        missing = _missing(database, sql, scripts)
    if not missing:
        return
    with database.writing() as sql:
        missing = _missing(database, sql, scripts)  # another process may have migrated in the meantime
        if not missing:
            return
        if VERSION_TABLE not in database.tables_in(sql):
            sql(_CREATE_VERSION_TABLE)
        for revision in missing:
            sql.script(scripts[revision].read_text(encoding="utf-8"))
        sql(f"DELETE FROM {VERSION_TABLE}")
        sql(f"INSERT INTO {VERSION_TABLE} (version_num) VALUES (:revision)", revision=missing[-1])


def newest(folder: Path) -> str:
    """Return the newest revision in ``folder``."""
    return max(file.name.partition("_")[0] for file in folder.glob("*.sql"))


def revisions(folder: Path, dialect: str) -> dict[str, Path]:
    """Return the SQL file of each revision for ``dialect``, oldest revision first."""
    suffixes = ([".sql"], [f".{dialect}", ".sql"])
    files = (file for file in sorted(folder.glob("*.sql")) if file.suffixes in suffixes)
    return {file.name.partition("_")[0]: file for file in files}


def _missing(database: Database, sql: Sql, scripts: dict[str, Path]) -> list[str]:
    """Return the revisions not yet applied. Raises ForeignDatabase or SchemaTooNew."""
    tables = database.tables_in(sql)
    found = sql(f"SELECT version_num FROM {VERSION_TABLE}") if VERSION_TABLE in tables else []
    known = list(scripts)
    if not found:
        if tables:
            raise ForeignDatabase(f"{database.label}: belongs to another program; name another one")
        return known
    revision = found[0][0]
    if revision not in scripts:
        raise SchemaTooNew(
            f"{database.label}: was written by a newer nightvoice (schema {revision}); install that version"
        )
    return known[known.index(revision) + 1 :]
