"""One connection to SQLite or PostgreSQL, and what the two do differently.

Plain SQL that both understand, through their Python drivers: a diary is opened in milliseconds, where importing an SQL
toolkit takes longer than the whole morning summary may. Times and dates come and go as ISO text, JSON as text.
"""

import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from threading import RLock
from time import monotonic, sleep
from typing import Any, Final

from nightvoice.diary.errors import Damage, DiaryUnavailable, plain_errors
from nightvoice.errors import NightvoiceError

LOCK_WAIT_S: Final = 2.0
"""How long one process waits for another that is writing."""

SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""The second where text of a damaged file stands in the message of the first."""

Row = tuple[Any, ...]


class Sql:
    """Runs statements within a transaction; parameters are named: ``:night``."""

    def __init__(self, connection: Any, driver_style: Any) -> None:
        self._connection, self._style = connection, driver_style

    def __call__(self, statement: str, **values: Any) -> list[Row]:
        """The rows that it gives."""
        cursor = self._connection.execute(self._style(statement), values)
        return cursor.fetchall() if cursor.description else []

    def many(self, statement: str, values: Iterable[Mapping[str, Any]]) -> None:
        """The same statement for each of ``values``."""
        self._connection.cursor().executemany(self._style(statement), values)

    def pages(self, statement: str, size: int = 5000) -> Iterator[list[Row]]:
        """All rows of a statement that takes ``:after`` and ``:size`` and whose first column rises."""
        after = 0
        while rows := self(statement, after=after, size=size):
            yield rows
            after = rows[-1][0]


class Database(ABC):
    """One open database, for several threads; ``name`` is for messages (no password in it)."""

    dialect: str

    def __init__(self, name: str, errors: tuple[type[Exception], ...]) -> None:
        self.name = name
        self._errors = errors
        self._lock = RLock()
        self._connection: Any = None

    @contextmanager
    def reading(self) -> Iterator[Sql]:
        """A transaction that sees one state of the diary, whatever others write meanwhile."""
        with self._transaction(writes=False) as sql:
            yield sql

    @contextmanager
    def writing(self) -> Iterator[Sql]:
        """A transaction that no other writer is beside; it is on the disk when the block ends."""
        with self._transaction(writes=True) as sql:
            yield sql

    def close(self) -> None:
        """Let go of it; may be called twice."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @property
    def connection(self) -> Any:
        """The driver's connection, opened where it is not."""
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    @abstractmethod
    def tables(self) -> set[str]:
        """The tables that are there. Raises DiaryDamaged where their list is lost."""

    @abstractmethod
    def scrub(self) -> None:
        """Let nothing of deleted rows stay. Raises DiaryUnavailable where that has to wait."""

    @abstractmethod
    def follow(self, seq: int) -> None:
        """Give only numbers beyond ``seq`` to events from now on; called within ``writing``."""

    @abstractmethod
    def _connect(self) -> Any: ...

    @abstractmethod
    def _begin(self, connection: Any, writes: bool) -> None: ...

    @staticmethod
    @abstractmethod
    def _style(statement: str) -> str:
        """``statement`` with the driver's kind of parameters."""

    @contextmanager
    def _transaction(self, writes: bool, alone: bool = True) -> Iterator[Sql]:
        with self._lock, plain_errors(self.name, self._errors):
            connection = self.connection
            try:
                if alone:
                    self._begin(connection, writes)
                yield Sql(connection, self._style)
                connection.commit()
            except BaseException:
                self._undo(connection)
                raise

    def _undo(self, connection: Any) -> None:
        try:
            connection.rollback()
        except self._errors:
            # The server is gone: the next transaction tries a new connection.
            self._connection = None
            with suppress(*self._errors):
                connection.close()


class Sqlite(Database):
    """A file, or None: in memory."""

    dialect = "sqlite"

    def __init__(self, file: str | None) -> None:
        super().__init__(file or "in memory", SQLITE_ERRORS)
        self._file = file or ":memory:"

    def tables(self) -> set[str]:
        with self.reading() as sql:
            names = {name for (name,) in sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
            ((pages,),) = sql("PRAGMA page_count")
            if not names and pages > 1:
                raise Damage  # a new file has one page: the list of the tables is lost, they may not be
            return names

    def scrub(self) -> None:
        # Rebuilding the file leaves no page that ever held the words, and emptying the write-ahead log no copy there.
        with self._lock, plain_errors(self.name, self._errors):
            self.connection.execute("VACUUM")
            until = monotonic() + LOCK_WAIT_S
            while self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if monotonic() > until:
                    raise DiaryUnavailable(
                        f"diary {self.name}: deleted, but another program is reading it: the last traces leave the "
                        "file when that one lets go"
                    )
                sleep(0.05)

    def follow(self, seq: int) -> None:
        run = self.connection.execute
        run("DELETE FROM sqlite_sequence WHERE name = 'events'")
        run("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)", (seq,))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
        try:
            # temp_store: what VACUUM puts aside is nobody else's to read.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
                _patiently(connection, f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin(self, connection: sqlite3.Connection, writes: bool) -> None:
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    @staticmethod
    def _style(statement: str) -> str:
        return statement


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """For what SQLite does not wait with itself: a new file's change to a write-ahead log that another makes, too."""
    until = monotonic() + LOCK_WAIT_S
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
        sleep(0.01)


class Postgresql(Database):
    """A server, by ``postgresql://`` URL."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        try:
            import psycopg  # noqa: PLC0415 - only those who have a server need it
            from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise NightvoiceError(
                f"diary postgresql://…: the Python package {error.name} is missing; "
                "pip install 'nightvoice[postgresql]'"
            ) from None
        url = "postgresql://" + url.split("://", 1)[1]
        try:
            parts = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            raise NightvoiceError(
                "diary postgresql://…: is not a URL; write postgresql://USER@HOST:PORT/DATABASE"
            ) from None
        super().__init__(f"postgresql://{parts.get('host', 'localhost')}/{parts.get('dbname', '')}", (psycopg.Error,))
        self._url = url

    def tables(self) -> set[str]:
        with self.reading() as sql:
            return {name for (name,) in sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}

    def scrub(self) -> None:
        with self._lock, plain_errors(self.name, self._errors):
            self.connection.autocommit = True
            try:
                for table in ("events", "episodes", "days"):
                    self.connection.execute(f"VACUUM (FULL) {table}")
            finally:
                self.connection.autocommit = False

    def follow(self, seq: int) -> None:
        self.connection.execute("SELECT setval(pg_get_serial_sequence('events', 'seq'), %s, false)", (seq + 1,))

    def _connect(self) -> Any:
        import psycopg  # noqa: PLC0415
        from psycopg.types.string import TextLoader  # noqa: PLC0415

        connection = psycopg.connect(self._url, connect_timeout=10)
        for kind in ("timestamp", "date", "json"):
            connection.adapters.register_loader(kind, TextLoader)
        connection.execute("SET datestyle = ISO")
        # Whatever the server's habit is: what was acknowledged is on its disk.
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET lock_timeout = {round(LOCK_WAIT_S * 1000)}")
        connection.commit()
        return connection

    def _begin(self, connection: Any, writes: bool) -> None:
        if writes:
            # One writer at a time, so that numbers become visible in their order and a follower misses none.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('nightvoice'))")
        else:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    @staticmethod
    @cache
    def _style(statement: str) -> str:
        return re.sub(r":([a-z_]+)", r"%(\1)s", statement)
