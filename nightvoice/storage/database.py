"""A database connection, its transactions, and the interface that each dialect implements.

Statements are plain SQL that SQLite and PostgreSQL both understand. Times, dates and JSON are passed as text.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import RLock
from typing import Any, Final

from nightvoice.storage.errors import translated_errors

LOCK_TIMEOUT_S: Final = 2.0
"""How long a writer waits for another process to finish writing."""

Row = tuple[Any, ...]


class Sql:
    """Runs statements inside one transaction. Parameters are named: ``:night``."""

    def __init__(self, connection: Any, to_driver_style: Any) -> None:
        self._connection, self._to_driver_style = connection, to_driver_style

    def __call__(self, statement: str, **values: Any) -> list[Row]:
        """Run ``statement`` and return its rows."""
        cursor = self._connection.execute(self._to_driver_style(statement), values)
        return cursor.fetchall() if cursor.description else []

    def executemany(self, statement: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Run ``statement`` once for each of ``values``."""
        self._connection.cursor().executemany(self._to_driver_style(statement), values)

    def script(self, text: str) -> None:
        """Run the statements of ``text``, which take no parameters and each end with ``;`` at the end of a line."""
        for statement in text.split(";\n"):
            if statement.strip():
                self._connection.execute(statement)

    def pages(self, statement: str, size: int = 5000) -> Iterator[list[Row]]:
        """Yield the rows of ``statement`` in pages of ``size``.

        The statement takes ``:after`` and ``:size`` and sorts its rows by the first column, a positive number.
        """
        after = 0
        while rows := self(statement, after=after, size=size):
            yield rows
            after = rows[-1][0]


class Database(ABC):
    """One open database, shared by several threads. Every method may raise StorageUnavailable."""

    dialect: str

    def __init__(
        self,
        name: str,
        purpose: str,
        driver_errors: tuple[type[Exception], ...],
        refusals: tuple[type[Exception], ...] = (),
    ) -> None:
        """``name``: the file, or the server without a password. Messages start with ``purpose`` and ``name``.

        ``refusals``: errors of the driver that mean that a value is not taken.
        """
        self.name = name
        self.purpose = purpose
        self._driver_errors, self._refusals = driver_errors, refusals
        self._lock = RLock()
        self._connection: Any = None

    @property
    def label(self) -> str:
        """Prefix of error messages: purpose and name, such as ``diary /home/anna/diary.sqlite``."""
        return f"{self.purpose} {self.name}"

    @contextmanager
    def reading(self) -> Iterator[Sql]:
        """Open a transaction that sees one snapshot, unaffected by concurrent writes."""
        with self._transaction(writes=False) as sql:
            yield sql

    @contextmanager
    def writing(self) -> Iterator[Sql]:
        """Open a transaction that excludes other writers. Changes are synced to disk when the block ends."""
        with self._transaction(writes=True) as sql:
            yield sql

    def tables(self) -> set[str]:
        """Return the names of the tables. Raises StorageDamaged if the table list is lost."""
        with self.reading() as sql:
            return self.tables_in(sql)

    def close(self) -> None:
        """Close the connection. Closing twice is allowed."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @abstractmethod
    def tables_in(self, sql: Sql) -> set[str]:
        """Return the names of the tables within a transaction. Raises CorruptData if the table list is lost."""

    @abstractmethod
    def purge(self, *tables: str) -> None:
        """Erase remains of deleted rows of ``tables`` from disk. Raises StorageUnavailable if a reader blocks it."""

    @abstractmethod
    def set_next_seq(self, table: str, column: str, seq: int) -> None:
        """Make ``seq`` the next number that ``table`` generates for ``column``; call it within ``writing``."""

    @abstractmethod
    def _connect(self) -> Any: ...

    @abstractmethod
    def _begin(self, connection: Any, writes: bool) -> None: ...

    @staticmethod
    @abstractmethod
    def _to_driver_style(statement: str) -> str:
        """Return ``statement`` with its parameters in the driver's style."""

    def _open_connection(self) -> Any:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    @contextmanager
    def _transaction(self, writes: bool, exclusive: bool = True) -> Iterator[Sql]:
        with self._lock, translated_errors(self.label, self._driver_errors, self._refusals):
            connection = self._open_connection()
            try:
                if exclusive:
                    self._begin(connection, writes)
                yield Sql(connection, self._to_driver_style)
                connection.commit()
            except BaseException:
                self._roll_back(connection)
                raise

    def _roll_back(self, connection: Any) -> None:
        try:
            connection.rollback()
        except self._driver_errors:
            # The connection is lost; the next transaction opens a new one.
            self._connection = None
            with suppress(*self._driver_errors):
                connection.close()
