"""The ward's PostgreSQL database, which several hubs write to at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nightvoice.storage.database import Sql
from nightvoice.storage.migrations import migrate
from nightvoice.storage.postgresql import Postgresql

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


class WardDatabase(Postgresql):
    """``writing`` excludes other writers and is for changes of tables; ``adding`` lets several hubs insert at once."""

    @contextmanager
    def adding(self) -> Iterator[Sql]:
        """Open a transaction beside which others may write. Its changes are on the disk when the block ends."""
        with self._transaction(writes=True, exclusive=False) as sql:
            yield sql


def open_database(url: str) -> WardDatabase:
    """Connect and bring the tables up to date. Raises NightvoiceError."""
    database = WardDatabase(url, "hub database")
    try:
        migrate(database, _MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database
