"""Corrects what was written by a wrong clock, once the time is known."""

from datetime import UTC, datetime, timedelta

from nightvoice.diary import boots, log, mapping, runs
from nightvoice.diary.clock_changes import CORRECTED, ClockChange, redated
from nightvoice.diary.night import Span
from nightvoice.diary.spans import Listening, write_span
from nightvoice.storage.database import Sql
from nightvoice.system.clock import EARLIEST, Boot


def start(sql: Sql, listening: Listening, at: datetime, boot: Boot | None) -> datetime:
    """Correct earlier runs as a run starts; return the time before which its own clock is known to be wrong."""
    if moved := runs.change_since_last_run(sql, boot):
        set_clock(sql, listening, at, moved)
        return EARLIEST
    if boot and boot.synced:
        settle(sql, boot)
    return boots.floor(sql, log.changes(sql), boot)


def set_clock(sql: Sql, listening: Listening, at: datetime, seconds: float) -> int:
    """Append that the clock was set to ``at``, correct what was written before, and return the number."""
    changes = log.changes(sql)
    floor = boots.floor(sql, changes, runs.present_boot(sql))
    listening.move(sql, at, timedelta(seconds=seconds), runs.runs_of_boot(sql), changes, floor)
    seq = log.set_clock(sql, at, seconds)
    if boot := runs.present_boot(sql):
        settle(sql, boot)
    return seq


def settle(sql: Sql, present: Boot) -> None:
    """Date the nights before the ``present`` start, whose clock is right, as well as can be known.

    What cannot be dated within an hour stays as it was written. Idempotent.
    """
    if abs(present.at) >= boots.LATEST_S:
        return
    changes = log.changes(sql)
    logs = boots.boot_logs(sql, changes, present)
    floor = max(EARLIEST, boots.known_until(logs) - boots.TOLERANCE)
    for boot, by in boots.corrections(logs, datetime.fromtimestamp(present.at, UTC)):
        first = boot.end - CORRECTED
        _, spans = runs.spans_of(sql, boot.runs, changes, floor)
        for id in boot.spans:
            (row,) = sql(f"SELECT {mapping.SPAN_COLUMNS} FROM listening WHERE id = :id", id=id)
            span = mapping.to_span(row)
            if span.end >= first:
                sql("DELETE FROM listening WHERE id = :id", id=id)
                spans.append(span)
        for span in spans:
            if span.end >= first:
                write_span(sql, Span(span.start + by, span.end + by))
        written = f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE seq >= :since AND seq < :until ORDER BY seq"
        events = map(mapping.to_event, sql(written, since=boot.runs[0].seq, until=boot.until))
        since = next((event.seq for event in events if redated(event, changes).at >= first), boot.runs[-1].seq)
        log.write(sql, "clock_set", boot.end + by, {"seconds": by.total_seconds(), "since": since, "until": boot.until})
        log.refold(sql, ClockChange(since, boot.until, by))
