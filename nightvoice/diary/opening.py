"""From a path or URL to an engine whose tables are those of this version."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from nightvoice.diary.errors import DiaryDamaged, DiaryTooNew, DiaryUnavailable, plain_errors
from nightvoice.errors import NightvoiceError

REVISION: Final = "0001"
"""The newest migration: an older diary is migrated when it is opened, a newer one is refused."""
LOCK_WAIT_S: Final = 2.0
"""How long one process waits for another that is writing."""


def open_engine(url: str | None, create: bool) -> tuple[Engine, str]:
    """An engine with up-to-date tables, and the diary's name for messages (no password in it).

    ``url`` None is a diary in memory. Without ``create`` a SQLite file must be there. Raises NightvoiceError.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        name = parsed.database or "in memory"
        if parsed.database:
            _prepare_file(Path(parsed.database), create)
        engine = _sqlite_engine(parsed)
    else:
        name = f"postgresql://{parsed.host or 'localhost'}/{parsed.database or ''}"
        engine = _postgresql_engine(parsed)
    try:
        with plain_errors(name):
            _bring_up_to_date(engine, name)
    except BaseException:
        engine.dispose()
        raise
    return engine, name


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: it has the write lock from its start, and is on the disk when the block ends."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


def _parse(url: str | None) -> URL:
    if url is None:
        return make_url("sqlite://")
    if "://" not in url:
        return URL.create("sqlite", database=os.path.expanduser(url))
    scheme = url.split("://", 1)[0]
    if scheme.split("+")[0] not in ("sqlite", "postgresql"):
        raise NightvoiceError(f"diary {scheme}://…: use a file's path, sqlite:///PATH or postgresql://HOST/DATABASE")
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise NightvoiceError(f"diary {scheme}://…: is not a URL; write {scheme}://USER@HOST:PORT/DATABASE") from None


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
        reason = (error.strerror or str(error)).lower()
        raise DiaryUnavailable(f"diary {file}: {reason}; name a file in a folder that you may write to") from None


def _sqlite_engine(url: URL) -> Engine:
    options: dict[str, Any] = {} if url.database else {"poolclass": StaticPool}
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False}, **options)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # Transactions begin where we say so (below), not where the driver thinks.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql_engine(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        return create_engine(url)
    except ModuleNotFoundError as error:
        raise NightvoiceError(
            f"diary postgresql://…: the Python package {error.name} is missing; pip install 'psycopg[binary]'"
        ) from None


def _bring_up_to_date(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        found = (
            connection.scalar(text("SELECT version_num FROM alembic_version")) if "alembic_version" in tables else None
        )
    if found == REVISION:
        return
    if tables and found is None:
        raise DiaryDamaged(f"diary {name}: is a database of something else; name another file")
    from nightvoice.diary.migrating import migrate, revisions  # noqa: PLC0415

    if found and found not in revisions():
        raise DiaryTooNew(f"diary {name}: was written by a newer nightvoice (schema {found}); install that version")
    with writing(engine) as connection:
        migrate(connection)
