"""The ward's tables: every event of every bed once, whoever brings it how often."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self

from nightvoice.hub.database import WardDatabase, open_database
from nightvoice.hub.messages import BedEvent, BedNight
from nightvoice.storage.database import Row, Sql

LOOK_BACK: Final = timedelta(days=8)
"""So far back it is looked for numbers that are missing; a day more than a broker keeps a session (see ``intake``)."""
_DAY: Final = timedelta(days=1)
_NAME: Final = "events_%Y%m%d"
"""The table of a day."""
_COLUMNS: Final = {
    "bed": "text",
    "log": "text",
    "seq": "bigint",
    "at": "timestamptz",
    "at_offset": "smallint",
    "night": "date",
    "episode": "bigint",
    "kind": "text",
    "data": "jsonb",
}
_ADD: Final = (
    f"WITH added AS (INSERT INTO events ({', '.join(_COLUMNS)}) SELECT * FROM unnest("
    + ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())
    + ") ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*) FROM added"
)
_NIGHT: Final = (
    "INSERT INTO nights (bed, night, seq, listened_h, coverage, cramps) "
    "VALUES (:bed, :night, :seq, :listened_h, :coverage, :cramps) "
    "ON CONFLICT (bed, night) DO UPDATE SET seq = excluded.seq, listened_h = excluded.listened_h, "
    "coverage = excluded.coverage, cramps = excluded.cramps "
    "WHERE (excluded.seq, excluded.listened_h) > (nights.seq, nights.listened_h)"
)
_COMPLETE: Final = """
    WITH recent AS (
        SELECT bed, log, seq, at, lead(seq) OVER (PARTITION BY bed, log ORDER BY seq) AS next
        FROM events WHERE bed = ANY(:beds) AND at > :since
    ), newest AS (SELECT DISTINCT ON (bed) bed, log FROM recent ORDER BY bed, at DESC, seq DESC)
    SELECT bed, log, min(seq) FROM recent JOIN newest USING (bed, log)
    WHERE next IS DISTINCT FROM seq + 1 GROUP BY bed, log
"""
_LATEST: Final = (
    "SELECT DISTINCT ON (bed) bed, log, seq FROM events WHERE bed = ANY(:beds) ORDER BY bed, at DESC, seq DESC"
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """What retention took: everything from before ``oldest``."""

    oldest: date
    days: int
    events: int
    nights: int

    def __str__(self) -> str:
        return (
            f"Dropped everything before {self.oldest}: {self.events} events of {self.days} days, {self.nights} nights."
        )


class Store:
    """Every method may raise StorageUnavailable; then nothing of what it was given is stored."""

    def __init__(self, database: WardDatabase) -> None:
        self._database = database
        self._days: set[date] = set()
        """Those whose partitions are known to be there."""

    @classmethod
    def open(cls, url: str) -> Self:
        """Raises NightvoiceError."""
        return cls(open_database(url))

    def close(self) -> None:
        self._database.close()

    def add(self, told: Sequence[BedEvent | BedNight]) -> int:
        """Store what is new of it, and say how many events that were. It is on the disk when this returns."""
        oldest = self._oldest()
        events = [item for item in told if isinstance(item, BedEvent) and item.day >= oldest]
        nights = {
            (row["bed"], row["night"]): row
            for row in sorted(
                (item.row for item in told if isinstance(item, BedNight) and item.row["night"] >= oldest),
                key=lambda row: (row["bed"], row["night"], row["seq"], row["listened_h"]),
            )
        }
        try:
            self._make_partitions({event.day for event in events})
            # All hubs write in the same order: none waits for another that waits for it.
            rows = sorted((event.row for event in events), key=lambda row: (row["bed"], row["log"], row["seq"]))
            with self._database.adding() as sql:
                ((added,),) = sql(_ADD, **{name: [row[name] for row in rows] for name in _COLUMNS})
                if nights:
                    sql.executemany(_NIGHT, nights.values())
        except BaseException:
            self._days.clear()  # somebody may have dropped one
            raise
        return int(added)

    def complete(self, beds: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Of each bed that is known, its newest log and the number up to which nothing recent of that is missing."""
        wanted = set(beds)
        with self._database.reading() as sql:
            recent = sql(_COMPLETE, beds=list(wanted), since=datetime.now(UTC) - LOOK_BACK)
            others = wanted - {bed for bed, _, _ in recent}
            before = sql(_LATEST, beds=list(others)) if others else []
        return {bed: (log, seq) for bed, log, seq in recent + before}

    def beds(self) -> list[str]:
        """The names of all that ever told of a night or an event that is kept."""
        with self._database.reading() as sql:
            return [bed for (bed,) in sql("SELECT bed FROM nights UNION SELECT bed FROM events")]

    def nights(self, bed: str) -> list[tuple[date, float, str, int]]:
        """Night, hours listened, how much of it that was, cramps told."""
        with self._database.reading() as sql:
            which = "SELECT night, listened_h, coverage, cramps FROM nights WHERE bed = :bed ORDER BY night"
            return [(date.fromisoformat(night), *rest) for night, *rest in sql(which, bed=bed)]

    def events(self, bed: str, kinds: Sequence[str]) -> list[Row]:
        """When, the offset of the bed's clock in minutes, night, episode, kind, data."""
        with self._database.reading() as sql:
            columns = "at, at_offset, night, episode, kind, data"
            which = f"SELECT {columns} FROM events WHERE bed = :bed AND kind = ANY(:kinds) ORDER BY log, seq"
            found = sql(which, bed=bed, kinds=list(kinds))
        return [(at, offset, date.fromisoformat(night), *rest) for at, offset, night, *rest in found]

    def keep(self, days: int) -> None:
        """From now on, events and nights older than ``days`` are neither kept nor taken."""
        with self._database.writing() as sql:
            upsert = "ON CONFLICT (one) DO UPDATE SET days = excluded.days"
            sql(f"INSERT INTO retention (days) VALUES (:days) {upsert}", days=days)

    def kept(self) -> int | None:
        """How many days; None: for ever."""
        with self._database.reading() as sql:
            found = sql("SELECT days FROM retention")
        return int(found[0][0]) if found else None

    def drop_old(self) -> Dropped | None:
        """Drop what is not to be kept any longer; None where there is nothing of that."""
        days = self.kept()
        if days is None:
            return None
        oldest = _before(days)
        with self._database.writing() as sql:
            old = {day: name for day, name in sorted(_partitions(sql).items()) if day < oldest}
            events = 0
            for name in old.values():
                ((count,),) = sql(f"SELECT count(*) FROM {name}")
                events += count
                sql(f"DROP TABLE {name}")
            nights = len(sql("DELETE FROM nights WHERE night < :oldest RETURNING 1", oldest=oldest))
        return Dropped(oldest, len(old), events, nights) if old or nights else None

    def _oldest(self) -> date:
        """Nothing from before this day is stored."""
        days = self.kept()
        return date.min if days is None else _before(days)

    def _make_partitions(self, days: set[date]) -> None:
        missing = sorted(days - self._days)
        if not missing:
            return
        with self._database.writing() as sql:
            there = _partitions(sql)
            for day in missing:
                if day not in there:
                    name = f"{day:{_NAME}}"
                    sql(f"CREATE TABLE {name} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
                    # Attached, not created in place: that waits for nobody who is reading or adding.
                    span = f"FROM ('{day} +00') TO ('{day + _DAY} +00')"
                    sql(f"ALTER TABLE events ATTACH PARTITION {name} FOR VALUES {span}")
        self._days |= days


def _before(days: int) -> date:
    """The first day of those that are kept."""
    return datetime.now(UTC).date() - timedelta(days=days)


def _partitions(sql: Sql) -> dict[date, str]:
    """The days that have a table, and its name."""
    found = sql("SELECT CAST(relid AS text) FROM pg_partition_tree('events') WHERE isleaf")
    return {datetime.strptime(name, _NAME).date(): name for (name,) in found}
