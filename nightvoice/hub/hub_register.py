"""When each hub was last running. The broker keeps a share of the messages for one that is gone."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from nightvoice.hub.database import WardDatabase

SIGN_IN_INTERVAL_S: Final = 60.0
"""How often a hub signs in."""
GONE_AFTER: Final = timedelta(minutes=10)
"""Time without a sign of life after which a hub counts as gone; it may be restarted in the meantime."""
KEPT_FOR: Final = timedelta(days=7)
"""How long the broker keeps messages for a hub that is gone. Later, there is nothing to release."""


class GoneHub(NamedTuple):
    """A hub that does not run, and for which messages are kept."""

    name: str
    seen: datetime

    def __str__(self) -> str:
        since = f"{self.seen.astimezone():%Y-%m-%d %H:%M}"
        return (
            f"the hub {self.name} has not run since {since}, and its share of the events waits at the broker: "
            f"start it again, or run nightvoice hub release {self.name}"
        )


class HubRegister:
    """The hubs of one ward. Times are those of the database. Methods may raise StorageUnavailable."""

    def __init__(self, database: WardDatabase) -> None:
        self._database = database

    def sign_in(self, name: str) -> None:
        """Note that the hub ``name`` runs."""
        upsert = "ON CONFLICT (name) DO UPDATE SET seen = excluded.seen"
        with self._database.adding() as sql:
            sql(f"INSERT INTO hubs (name, seen) VALUES (:name, now()) {upsert}", name=name)

    def sign_out(self, name: str) -> None:
        """Forget the hub ``name``."""
        with self._database.adding() as sql:
            sql("DELETE FROM hubs WHERE name = :name", name=name)

    def running(self) -> list[str]:
        """Return the names of the hubs that do not count as gone."""
        with self._database.reading() as sql:
            return [name for (name,) in sql("SELECT name FROM hubs WHERE seen > now() - :gone", gone=GONE_AFTER)]

    def gone(self) -> tuple[GoneHub, ...]:
        """Return the hubs that are gone, sorted by name."""
        which = "seen BETWEEN now() - :kept AND now() - :gone"
        with self._database.reading() as sql:
            found = sql(f"SELECT name, seen FROM hubs WHERE {which} ORDER BY name", kept=KEPT_FOR, gone=GONE_AFTER)
        return tuple(GoneHub(*row) for row in found)
