"""SQLite: a file in write-ahead mode, synced at each commit, or an in-memory database."""

import sqlite3
from time import monotonic, sleep
from typing import Final

from nightvoice.storage.database import LOCK_TIMEOUT_S, Database, Sql
from nightvoice.storage.errors import CorruptData, StorageUnavailable, translated_errors

SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""Errors of the driver; UnicodeDecodeError when SQLite's message quotes corrupt text from the file."""


class Sqlite(Database):
    """A SQLite database."""

    dialect = "sqlite"

    def __init__(self, file: str | None, purpose: str) -> None:
        """``file``: path of the database; None: in memory."""
        super().__init__(file or "in memory", purpose, SQLITE_ERRORS)
        self._file = file or ":memory:"

    def tables_in(self, sql: Sql) -> set[str]:
        names = {name for (name,) in sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
        ((pages,),) = sql("PRAGMA page_count")
        if not names and pages > 1:
            # A new file has one page. A larger file without a table list is damaged.
            raise CorruptData("no tables")
        return names

    def purge(self, *_tables: str) -> None:
        # VACUUM rewrites the file without the pages that held deleted text; truncating the write-ahead log removes its
        # copies.
        with self._lock, translated_errors(self.label, self._driver_errors):
            connection = self._open_connection()
            connection.execute("VACUUM")
            deadline = monotonic() + LOCK_TIMEOUT_S
            while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if monotonic() > deadline:
                    raise StorageUnavailable(
                        f"{self.label}: deleted, but another program is reading it: the last traces leave the file "
                        "when that program closes it"
                    )
                sleep(0.05)

    def set_next_seq(self, table: str, column: str, seq: int) -> None:
        execute = self._open_connection().execute
        execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, seq - 1))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            # temp_store: VACUUM's temporary files would be readable by other users.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
                _execute_when_unlocked(connection, f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin(self, connection: sqlite3.Connection, writes: bool) -> None:
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    @staticmethod
    def _to_driver_style(statement: str) -> str:
        return statement


def _execute_when_unlocked(connection: sqlite3.Connection, statement: str) -> None:
    """Execute ``statement``, retrying while the database is locked.

    SQLite's own timeout does not cover two processes that switch a new file to write-ahead mode at the same time.
    """
    deadline = monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > deadline:
                raise
        sleep(0.01)
