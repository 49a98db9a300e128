"""The ward's PostgreSQL, which several hubs write to at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nightvoice.diary.connect import bring_up_to_date
from nightvoice.storage.database import Postgresql, Sql

REVISION: Final = "h001"
"""The newest of our migrations."""
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


class WardDatabase(Postgresql):
    """``writing`` is for whoever changes tables, one at a time; ``adding`` for everybody."""

    @contextmanager
    def adding(self) -> Iterator[Sql]:
        """A transaction that others may write beside; it is on the disk when the block ends."""
        with self._transaction(writes=True, alone=False) as sql:
            yield sql


def open_database(url: str) -> WardDatabase:
    """Connect, and bring the tables up to date. Raises NightvoiceError."""
    database = WardDatabase(url)
    try:
        bring_up_to_date(database, REVISION, _MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database
