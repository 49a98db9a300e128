"""Finds gaps in the logs of beds: numbers between two stored events that the ward should have.

A number is missing only if the bed has it. Each event names the one ``after`` which it comes in the bed's log, so that
numbers of deleted events are no gap. After a deletion, the bed replays once from the gap; the later event then arrives
with the new number before it.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from nightvoice.storage.database import Sql

LOOK_BACK: Final = timedelta(days=8)
"""How far back to look for missing events: a day longer than the broker keeps a session (``consumer.SESSION_S``)."""
# Rows of early releases do not say which event comes before.
_BEFORE: Final = "coalesce(after, seq - 1)"
_RECENT_MARKS: Final = f"""
    WITH recent AS (
        SELECT bed, log, seq, at, lead({_BEFORE}) OVER (PARTITION BY bed, log ORDER BY seq) AS next_after
        FROM events WHERE bed = ANY(:beds) AND at > :since
    ), newest AS (SELECT DISTINCT ON (bed) bed, log FROM recent ORDER BY bed, at DESC, seq DESC)
    SELECT bed, log, min(seq) FROM recent JOIN newest USING (bed, log)
    WHERE next_after IS NULL OR next_after > seq GROUP BY bed, log
"""
_LATEST_EVENTS: Final = """
    SELECT bed, log, seq FROM unnest(CAST(:beds AS text[])) AS asked (bed) CROSS JOIN LATERAL
        (SELECT log, seq FROM events WHERE events.bed = asked.bed ORDER BY at DESC, seq DESC LIMIT 1) AS latest
"""
_CLOSE_GAP: Final = f"""
    UPDATE events SET after = :after WHERE bed = :bed AND log = :log AND {_BEFORE} = :seq
        AND seq = (SELECT min(seq) FROM events WHERE bed = :bed AND log = :log AND seq > :seq)
"""


def high_water_marks(sql: Sql, beds: set[str]) -> dict[str, tuple[str, int]]:
    """Return each known bed's newest log, and the number up to which it has no recent gaps."""
    recent = sql(_RECENT_MARKS, beds=list(beds), since=datetime.now(UTC) - LOOK_BACK)
    others = beds - {bed for bed, _, _ in recent}
    before = sql(_LATEST_EVENTS, beds=list(others)) if others else []
    return {bed: (log, seq) for bed, log, seq in recent + before}


def close_gaps(sql: Sql, left_out: Iterable[Mapping[str, Any]]) -> None:
    """Make no gap of events that are ``left_out`` on purpose: link the stored event after them to the one before."""
    runs: list[dict[str, Any]] = []
    for row in sorted(left_out, key=lambda row: (row["bed"], row["log"], row["seq"])):
        numbers = {name: row[name] for name in ("bed", "log", "seq", "after")}
        before = runs[-1] if runs else {}
        if (before.get("bed"), before.get("log"), before.get("seq")) == (row["bed"], row["log"], row["after"]):
            numbers["after"] = runs.pop()["after"]
        runs.append(numbers)
    if runs:
        sql.executemany(_CLOSE_GAP, runs)
