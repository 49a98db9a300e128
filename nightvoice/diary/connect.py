"""Opens the database of a diary by path or URL and brings its tables up to date."""

import os
from pathlib import Path
from typing import Final

from nightvoice.errors import NightvoiceError, reason
from nightvoice.storage.database import Database
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.storage.migrations import migrate
from nightvoice.storage.sqlite import Sqlite
from nightvoice.system import paths

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_PURPOSE: Final = "diary"


def open_database(url: str | None, create: bool) -> Database:
    """Open the database at ``url`` and migrate its tables; None opens one in memory. Raises NightvoiceError.

    Without ``create``, a SQLite file must already exist.
    """
    database = _database(url, create)
    try:
        migrate(database, MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database


def _database(url: str | None, create: bool) -> Database:
    scheme, found, rest = (url or "").partition("://")
    if found and scheme.split("+")[0] == "postgresql":
        from nightvoice.storage.postgresql import Postgresql  # noqa: PLC0415 - needed only with a server

        return Postgresql(f"postgresql://{rest}", _PURPOSE)
    if found and scheme != "sqlite":
        raise NightvoiceError(f"diary {scheme}://…: use a file's path, sqlite:///PATH or postgresql://HOST/DATABASE")
    if rest and not rest.startswith("/"):
        raise NightvoiceError("diary sqlite://…: is not a URL; write sqlite:///PATH")
    file = sqlite_file(url or "")
    if file:
        _prepare_file(file, create)
    return Sqlite(str(file) if file else None, _PURPOSE)


def sqlite_file(url: str) -> Path | None:
    """Return the file of a path or ``sqlite:///PATH``; None for a server or an in-memory database."""
    scheme, found, rest = url.partition("://")
    if found and scheme != "sqlite":
        return None
    file = rest[1:] if found else os.path.expanduser(scheme)
    return Path(file) if file else None


def _prepare_file(file: Path, create: bool) -> None:
    """Create the file before SQLite does, readable by its owner only; SQLite's helper files inherit its mode."""
    try:
        if not create:
            if not file.is_file():
                raise NightvoiceError(f"diary {file}: not there yet; nightvoice run begins one")
            return
        if file.parent == paths.data_dir():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageUnavailable(f"diary {file}: {reason(error)}; name a file in a folder you may write to") from None
