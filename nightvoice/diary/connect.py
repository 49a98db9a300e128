"""From a path or URL to a database whose tables are those of this version."""

import os
from pathlib import Path
from typing import Final

from nightvoice.diary.errors import DiaryForeign, DiaryTooNew, DiaryUnavailable
from nightvoice.errors import NightvoiceError, reason
from nightvoice.storage.database import Database, Postgresql, Sqlite

REVISION: Final = "0002"
"""The newest migration: an older diary is migrated when it is opened, a newer one is refused."""
MIGRATIONS: Final = Path(__file__).parent / "migrations" / "versions"


def open_database(url: str | None, create: bool) -> Database:
    """A database with up-to-date tables; ``url`` None is in memory. Raises NightvoiceError.

    Without ``create`` a SQLite file must be there.
    """
    database = _database(url, create)
    try:
        bring_up_to_date(database, REVISION, MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database


def _database(url: str | None, create: bool) -> Database:
    scheme, found, rest = (url or "").partition("://")
    if found and scheme.split("+")[0] == "postgresql":
        return Postgresql(f"postgresql://{rest}")
    if found and scheme != "sqlite":
        raise NightvoiceError(f"diary {scheme}://…: use a file's path, sqlite:///PATH or postgresql://HOST/DATABASE")
    if rest and not rest.startswith("/"):
        raise NightvoiceError("diary sqlite://…: is not a URL; write sqlite:///PATH")
    file = sqlite_file(url or "")
    if file:
        _prepare_file(file, create)
    return Sqlite(str(file) if file else None)


def sqlite_file(url: str) -> Path | None:
    """The file that a path or ``sqlite:///PATH`` names; None for another database or one in memory."""
    scheme, found, rest = url.partition("://")
    if found and scheme != "sqlite":
        return None
    file = rest[1:] if found else os.path.expanduser(scheme)
    return Path(file) if file else None


def _prepare_file(file: Path, create: bool) -> None:
    """Make the file before SQLite does, so that nobody else may ever read it; its helper files take over its mode."""
    try:
        if not create:
            if not file.is_file():
                raise NightvoiceError(f"diary {file}: not there yet; nightvoice run begins one")
            return
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DiaryUnavailable(f"diary {file}: {reason(error)}; name a file in a folder you may write to") from None


def bring_up_to_date(database: Database, revision: str, migrations: Path) -> None:
    """Migrate to ``revision``, the newest of ``migrations``, where it is older. Raises DiaryUnavailable."""
    tables = database.tables()
    found = None
    if "alembic_version" in tables:
        with database.reading() as sql:
            found = next((version for (version,) in sql("SELECT version_num FROM alembic_version")), None)
    if found == revision:
        return
    if tables and found is None:
        raise DiaryForeign(f"diary {database.name}: is a database of something else; name another one")
    from nightvoice.diary.migrating import migrate, revisions  # noqa: PLC0415

    if found and found not in revisions(migrations):
        raise DiaryTooNew(
            f"diary {database.name}: was written by a newer nightvoice (schema {found}); install that version"
        )
    migrate(database, migrations)
