"""The ward's PostgreSQL database, to which several hubs write concurrently."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nightvoice.storage.database import Sql
from nightvoice.storage.migrations import migrate
from nightvoice.storage.postgresql import Postgresql

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


class WardDatabase(Postgresql):
    """A database whose ``adding`` lets several hubs insert at once; ``writing`` is exclusive, for table changes."""

    @contextmanager
    def adding(self) -> Iterator[Sql]:
        """Open a transaction that allows concurrent writers. Changes are on disk when the block ends."""
        with self._transaction(writes=True, exclusive=False) as sql:
            yield sql


def open_database(url: str) -> WardDatabase:
    """Connect and migrate the tables. Raises NightvoiceError."""
    database = WardDatabase(url, "hub database")
    try:
        migrate(database, _MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database
