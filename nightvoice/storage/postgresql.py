"""PostgreSQL through psycopg (extra ``postgresql``)."""

import re
from functools import cache
from typing import Any

from nightvoice.errors import NightvoiceError
from nightvoice.storage.database import LOCK_TIMEOUT_S, Database, Sql
from nightvoice.storage.errors import translated_errors


class Postgresql(Database):
    """A PostgreSQL database, given by a ``postgresql://`` URL."""

    dialect = "postgresql"

    def __init__(self, url: str, purpose: str) -> None:
        """Raises NightvoiceError, without the password, if the driver is missing or the URL is invalid."""
        try:
            import psycopg  # noqa: PLC0415 - needed only with a server
            from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise NightvoiceError(
                f"{purpose} postgresql://…: the Python package {error.name} is missing; "
                "pip install 'nightvoice[postgresql]'"
            ) from None
        url = "postgresql://" + url.split("://", 1)[1]
        try:
            parts = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            raise NightvoiceError(
                f"{purpose} postgresql://…: is not a URL; write postgresql://USER@HOST:PORT/DATABASE"
            ) from None
        name = f"postgresql://{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"
        super().__init__(name, purpose, (psycopg.Error,), (psycopg.DataError,))
        self._url = url

    def tables_in(self, sql: Sql) -> set[str]:
        return {name for (name,) in sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}

    def purge(self, *tables: str) -> None:
        with self._lock, translated_errors(self.label, self._driver_errors):
            connection = self._open_connection()
            connection.autocommit = True
            try:
                for table in tables:
                    connection.execute(f"VACUUM (FULL) {table}")
            finally:
                connection.autocommit = False

    def set_next_seq(self, table: str, column: str, seq: int) -> None:
        statement = "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)"
        self._open_connection().execute(statement, (table, column, seq))

    def _connect(self) -> Any:
        import psycopg  # noqa: PLC0415
        from psycopg.types.string import TextLoader  # noqa: PLC0415

        connection = psycopg.connect(self._url, connect_timeout=10)
        for kind in ("timestamp", "date", "json"):
            connection.adapters.register_loader(kind, TextLoader)
        connection.execute("SET datestyle = ISO")
        # Override the server's default: a commit returns once it is on the server's disk.
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET lock_timeout = {round(LOCK_TIMEOUT_S * 1000)}")
        connection.commit()
        return connection

    def _begin(self, connection: Any, writes: bool) -> None:
        if writes:
            # Allow one writer at a time, so that sequence numbers become visible in order and no follower misses one.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('nightvoice'))")
        else:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    @staticmethod
    @cache
    def _to_driver_style(statement: str) -> str:
        return re.sub(r":([a-z_]+)", r"%(\1)s", statement)
