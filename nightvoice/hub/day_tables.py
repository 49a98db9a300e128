"""Moves the events of early releases, which had a table for each day, into the one table.

Each table is moved in a transaction of its own. Thousands of them (a bed's clock once made one for any date) would
exceed the locks that PostgreSQL allows one transaction.
"""

from datetime import datetime
from typing import Final

from nightvoice.hub.database import WardDatabase
from nightvoice.system.counting import plural

_OLD: Final = "events_by_day"
_NEXT: Final = (
    "SELECT CAST(CAST(inhrelid AS regclass) AS text) FROM pg_inherits "
    f"WHERE inhparent = CAST('{_OLD}' AS regclass) ORDER BY inhrelid LIMIT 1"
)
_MOVE: Final = (
    "INSERT INTO events (bed, log, seq, at, at_offset, night, episode, kind, data) "
    "SELECT bed, log, seq, at, at_offset, night, episode, kind, data FROM {table} "
    "WHERE at <= :latest ON CONFLICT DO NOTHING"
)


def move_day_tables(database: WardDatabase, latest: datetime) -> str | None:
    """Move all events up to ``latest``, and drop the tables of days; return a line to show, or None.

    Later events are those of a clock that was set to a time still to come.
    """
    with database.reading() as sql:  # without the lock of a writer, since there are seldom any
        if _OLD not in database.tables_in(sql):
            return None
    tables = dropped = 0
    while True:
        with database.writing() as sql:
            if _OLD not in database.tables_in(sql):
                break
            found = sql(_NEXT)
            if not found:
                sql(f"DROP TABLE {_OLD}")
                sql("DELETE FROM nights WHERE night > :latest", latest=latest.date())
                break
            ((table,),) = found
            ((later,),) = sql(f"SELECT count(*) FROM {table} WHERE at > :latest", latest=latest)
            sql(_MOVE.format(table=table), latest=latest)
            sql(f"DROP TABLE {table}")
            tables, dropped = tables + 1, dropped + later
    if not tables:
        return None
    future = f"; {dropped} with a date still to come were deleted" if dropped else ""
    return f"The events of {plural(tables, 'day')} were moved into one table{future}."
