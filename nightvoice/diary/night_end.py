"""The time of day at which the diary ends a night and begins the next.

It is part of the log, so that every process and every backup of a diary files by the same time.
"""

from datetime import time
from typing import Final

from nightvoice.diary import mapping
from nightvoice.diary.night import NOON
from nightvoice.storage.database import Sql

KIND: Final = "night_end_set"


def night_end(sql: Sql) -> time:
    """Return the time of day by which the diary files, noon by default."""
    rows = sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE kind = '{KIND}' ORDER BY seq DESC LIMIT 1")
    return mapping.to_night_end(mapping.to_event(rows[0])) if rows else NOON
