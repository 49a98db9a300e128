"""The ward's tables, which store every event of every bed once, however often it arrives."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Self

from nightvoice.hub.database import WardDatabase, open_database
from nightvoice.hub.day_tables import move_day_tables
from nightvoice.hub.erasure import erase
from nightvoice.hub.gaps import close_gaps, high_water_marks
from nightvoice.hub.hub_register import HubRegister
from nightvoice.hub.messages import AHEAD, BedEvent, BedNight, LeftOut, Parsed
from nightvoice.storage.database import Row
from nightvoice.system.counting import plural

_COLUMNS: Final = {
    "bed": "text",
    "log": "text",
    "seq": "bigint",
    "after": "bigint",
    "at": "timestamptz",
    "at_offset": "smallint",
    "night": "date",
    "episode": "bigint",
    "kind": "text",
    "data": "jsonb",
}
_ADD_EVENTS: Final = f"""
    WITH added AS (
        INSERT INTO events ({", ".join(_COLUMNS)})
        SELECT * FROM json_to_recordset(CAST(:rows AS json))
            AS given ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())})
        ON CONFLICT (bed, log, seq) DO UPDATE SET after = excluded.after
            WHERE excluded.after < coalesce(events.after, events.seq - 1)
        RETURNING xmax = 0 AS is_new
    ) SELECT count(*) FILTER (WHERE is_new) FROM added
"""
_UPSERT_NIGHT: Final = (
    "INSERT INTO nights (bed, night, seq, listened_h, coverage, cramps) "
    "VALUES (:bed, :night, :seq, :listened_h, :coverage, :cramps) "
    "ON CONFLICT (bed, night) DO UPDATE SET seq = excluded.seq, listened_h = excluded.listened_h, "
    "coverage = excluded.coverage, cramps = excluded.cramps "
    "WHERE (excluded.seq, excluded.listened_h) > (nights.seq, nights.listened_h)"
)
# Finds each name by the index; DISTINCT would read every event.
_BEDS: Final = """
    WITH RECURSIVE known (bed) AS (
        SELECT min(bed) FROM events
        UNION ALL SELECT (SELECT min(bed) FROM events WHERE bed > known.bed) FROM known WHERE bed IS NOT NULL
    )
"""
_DROP_EVENTS: Final = f"""
    {_BEDS}, dropped AS (
        DELETE FROM events USING known WHERE events.bed = known.bed AND at < :oldest RETURNING at
    ) SELECT count(*), count(DISTINCT CAST(at AT TIME ZONE 'UTC' AS date)) FROM dropped
"""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Counts of dropped data: everything before ``oldest``."""

    oldest: date
    days: int
    events: int
    nights: int

    def __str__(self) -> str:
        return (
            f"Dropped everything before {self.oldest}: {plural(self.events, 'event')} of {plural(self.days, 'day')}, "
            f"{plural(self.nights, 'night')}."
        )


class Store:
    """The stored events, nights and retention. A method that raises StorageUnavailable has stored nothing."""

    def __init__(self, database: WardDatabase) -> None:
        self._database = database
        self.hubs: Final = HubRegister(database)

    @classmethod
    def open(cls, url: str, log: Callable[[str], None] = lambda line: None) -> Self:
        """Connect and migrate the tables; ``log`` is called with a line if that changed events.

        Raises NightvoiceError.
        """
        database = open_database(url)
        try:
            if moved := move_day_tables(database, datetime.now(UTC) + AHEAD):
                log(moved)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        self._database.close()

    def add(self, messages: Sequence[Parsed]) -> int:
        """Store ``messages`` durably and return the number of new events."""
        oldest = self._oldest_kept()
        events = [item for item in messages if isinstance(item, BedEvent)]
        left_out = [item.row for item in messages if isinstance(item, LeftOut)]
        left_out += [event.row for event in events if event.day < oldest]
        nights = {
            (row["bed"], row["night"]): row
            for row in sorted(
                (item.row for item in messages if isinstance(item, BedNight) and item.row["night"] >= oldest),
                key=lambda row: (row["bed"], row["night"], row["seq"], row["listened_h"]),
            )
        }
        rows = _distinct(event.row for event in events if event.day >= oldest)
        with self._database.adding() as sql:
            ((added,),) = sql(_ADD_EVENTS, rows=json.dumps(rows))
            close_gaps(sql, left_out)
            if nights:
                sql.executemany(_UPSERT_NIGHT, nights.values())
        return int(added)

    def erase_deleted(self, beds: list[str] | None = None) -> int:
        """Delete the cramps that ``beds`` (None: all beds) deleted from their diaries; return their number."""
        with self._database.writing() as sql:
            return erase(sql, beds)

    def high_water_marks(self, beds: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Return each known bed's newest log, and the number up to which it has no recent gaps."""
        with self._database.reading() as sql:
            return high_water_marks(sql, set(beds))

    def beds(self) -> list[str]:
        """Return the names of all beds with a stored night or event."""
        with self._database.reading() as sql:
            return [
                bed
                for (bed,) in sql(f"{_BEDS} SELECT bed FROM known WHERE bed IS NOT NULL UNION SELECT bed FROM nights")
            ]

    def nights(self, bed: str) -> list[tuple[date, float, str, int]]:
        """Return date, hours listened, coverage and number of cramps of each night."""
        with self._database.reading() as sql:
            statement = "SELECT night, listened_h, coverage, cramps FROM nights WHERE bed = :bed ORDER BY night"
            return [(date.fromisoformat(night), *rest) for night, *rest in sql(statement, bed=bed)]

    def events(self, bed: str, kinds: Sequence[str]) -> list[Row]:
        """Return time, UTC offset of the bed's clock in minutes, night, episode, kind and data of each event."""
        with self._database.reading() as sql:
            columns = "at, at_offset, night, episode, kind, data"
            statement = f"SELECT {columns} FROM events WHERE bed = :bed AND kind = ANY(:kinds) ORDER BY log, seq"
            found = sql(statement, bed=bed, kinds=list(kinds))
        return [(at, offset, date.fromisoformat(night), *rest) for at, offset, night, *rest in found]

    def set_retention(self, days: int) -> None:
        """From now on, delete and reject events and nights older than ``days``."""
        with self._database.writing() as sql:
            upsert = "ON CONFLICT (one) DO UPDATE SET days = excluded.days"
            sql(f"INSERT INTO retention (days) VALUES (:days) {upsert}", days=days)

    def retention_days(self) -> int | None:
        """Return the number of days to keep; None: all."""
        with self._database.reading() as sql:
            found = sql("SELECT days FROM retention")
        return int(found[0][0]) if found else None

    def drop_expired(self) -> Dropped | None:
        """Drop all data older than the retention; return None if there was none."""
        days = self.retention_days()
        if days is None:
            return None
        oldest = _first_kept(days)
        with self._database.writing() as sql:
            ((events, dropped_days),) = sql(_DROP_EVENTS, oldest=datetime.combine(oldest, time.min, UTC))
            nights = len(sql("DELETE FROM nights WHERE night < :oldest RETURNING 1", oldest=oldest))
        return Dropped(oldest, dropped_days, events, nights) if events or nights else None

    def _oldest_kept(self) -> date:
        """Return the first day that may be stored."""
        days = self.retention_days()
        return date.min if days is None else _first_kept(days)


def _distinct(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return each event once: as it came first, after the lowest number.

    They are in the same order in all hubs, so that inserting them cannot deadlock.
    """
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for row in rows:
        first = found.setdefault((row["bed"], row["log"], row["seq"]), dict(row))
        first["after"] = min(first["after"], row["after"])
    return [found[key] for key in sorted(found)]


def _first_kept(days: int) -> date:
    """Return the earliest of the last ``days`` days."""
    return datetime.now(UTC).date() - timedelta(days=days)
