"""A PostgreSQL server for tests: Debian's, run by an unprivileged user in a temporary folder, without a TCP port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.waiting import PATIENCE_S, until


class Server:
    """A running server that hands out empty schemas."""

    def __init__(self, folder: Path, programs: Path, user: dict[str, Any]) -> None:
        self._folder, self._user = folder, user
        options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "max_connections=20"]
        self._command = [str(programs / "postgres"), "-D", str(folder / "data"), *options]
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)

    @property
    def url(self) -> str:
        return f"postgresql://nightvoice@/postgres?host={self._folder}"

    def place(self) -> str:
        """Create a schema and return its URL; that is faster than a database of its own."""
        name = f"diary{next(self._numbers)}"
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}&options=-csearch_path%3D{name}"

    def start(self) -> None:
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=self._folder, **self._user)
        until(self._answers, "an answer of PostgreSQL")

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "the server ended"
        import psycopg

        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Kill the server as a power cut would: what was not written to the disk is lost."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(PATIENCE_S)
            self._process = None


def describe(url: str) -> str:
    """Return the tables of a schema, one line for each column, constraint, index and sequence."""
    import psycopg

    with psycopg.connect(url) as connection:
        rows = [row for statement in _DESCRIBING for row in connection.execute(statement).fetchall()]
        ((schema,),) = connection.execute("SELECT current_schema()").fetchall()
    text = "".join(" | ".join("" if value is None else str(value) for value in row) + "\n" for row in rows)
    return text.replace(f"{schema}.", "")


_DESCRIBING = (
    "SELECT table_name, column_name, ordinal_position, column_default, is_nullable, data_type, "
    "character_maximum_length, numeric_precision, datetime_precision, udt_name FROM information_schema.columns "
    "WHERE table_schema = current_schema() ORDER BY 1, 3",
    "SELECT CAST(CAST(conrelid AS regclass) AS text), conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = CAST(current_schema() AS regnamespace) ORDER BY 1, 2",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1, 2",
    "SELECT sequencename, CAST(data_type AS text), start_value, min_value, max_value, increment_by, cycle, cache_size "
    "FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1",
    "SELECT sequence.relname, owner.relname, attname FROM pg_depend "
    "JOIN pg_class sequence ON sequence.oid = objid AND sequence.relkind = 'S' "
    "JOIN pg_class owner ON owner.oid = refobjid "
    "JOIN pg_attribute ON attrelid = owner.oid AND attnum = refobjsubid "
    "WHERE sequence.relnamespace = CAST(current_schema() AS regnamespace) ORDER BY 1",
    "SELECT relname, pg_get_partkeydef(oid) FROM pg_class "
    "WHERE relkind = 'p' AND relnamespace = CAST(current_schema() AS regnamespace)",
)


@contextmanager
def server() -> Iterator[Server]:
    """Runs while the block does; skips the test where Debian's package is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not installed:
        pytest.skip("the Debian package postgresql is not installed")
    programs = installed[-1].parent
    # The server refuses to run as root. A short path: that of a socket has to fit 107 letters.
    user: dict[str, Any] = {} if os.geteuid() else {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid}
    folder = Path(tempfile.mkdtemp(prefix="nightvoice-pg-", dir="/tmp"))
    try:
        if user:
            shutil.chown(folder, user["user"])
        habits = ["-U", "nightvoice", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", *habits],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **user,
        )  # fmt: skip
        found = Server(folder, programs, user)
        try:
            found.start()
            yield found
        finally:
            found.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # it may still be taking its own files away
