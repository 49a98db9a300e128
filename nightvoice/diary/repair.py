"""Corrects a diary whose computer had a wrong clock, from a release that noted clock changes but corrected nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nightvoice.diary import log, mapping
from nightvoice.diary.clock_changes import CORRECTED, ClockChange, redated, unrepaired
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span
from nightvoice.diary.spans import write_span
from nightvoice.diary.store import Diary
from nightvoice.storage.database import Sql
from nightvoice.system.clock import EARLIEST

_FUTURE: Final = timedelta(days=1)
"""How far after the present a time must be to be wrong."""


@dataclass(slots=True)
class Repaired:
    """Counts of a repair's results."""

    changes: int = 0
    """Changes of the clock whose events now have their true time."""
    spans: int = 0
    """Spans of listening that nobody can date, which were removed."""
    refiled: int = 0
    """Events that stood under another night than the one the diary files them by."""
    cramps: tuple[int, ...] = ()
    """Numbers of the cramps that nobody can date, which were left as they are."""


def repair(diary: Diary, now: datetime) -> Repaired:
    """Give the events before each change of the clock their true time, and file all. Atomic and idempotent.

    Raises StorageUnavailable.
    """
    result = Repaired()
    with diary.database.writing() as sql:
        events = list(log.all_events(sql))
        for event, change in unrepaired(events):
            _move(sql, events, event, change)
            result.changes += 1
        for id, span in _spans(sql):
            if _is_impossible(span.start, now) or _is_impossible(span.end, now):
                sql("DELETE FROM listening WHERE id = :id", id=id)
                result.spans += 1
        result.refiled = log.refile(sql)
    result.cramps = tuple(episode.id for episode in diary.episodes() if _is_impossible(episode.onset, now))
    return result


def _move(sql: Sql, events: list[Event], known: Event, change: ClockChange) -> None:
    """Correct what is written before ``known``, the first event after a ``change`` of the clock."""
    earlier = log.changes(sql)
    dated = [redated(event, earlier) for event in events if change.since <= event.seq < change.until]
    stopped = known.at - change.by
    recent = [event for event in dated if event.at >= stopped - CORRECTED]
    if not recent:
        return
    for id, span in _spans(sql):
        if recent[0].at <= span.start and span.end <= stopped:
            sql("DELETE FROM listening WHERE id = :id", id=id)
            write_span(sql, Span(span.start + change.by, span.end + change.by))
    data = {"seconds": change.by.total_seconds(), "since": recent[0].seq, "until": change.until}
    log.write(sql, "clock_set", known.at, data)
    log.refold(sql, ClockChange(recent[0].seq, change.until, change.by))


def _spans(sql: Sql) -> list[tuple[int, Span]]:
    rows = sql(f"SELECT id, {mapping.SPAN_COLUMNS} FROM listening ORDER BY id")
    return [(id, mapping.to_span(tuple(row))) for id, *row in rows]


def _is_impossible(at: datetime, now: datetime) -> bool:
    """Return whether no right clock can have shown ``at``."""
    return at < EARLIEST or (now >= EARLIEST and at > now + _FUTURE)
