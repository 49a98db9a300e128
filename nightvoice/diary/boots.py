"""The starts of the computer in the diary, and what contradicts their clocks.

A computer without a clock battery may run a whole night by a wrong clock and be switched off before it learns the
time. Two things are known of such a night: it is later than everything before it, and earlier than the next start.
A clock counts as right if it was set while the computer ran, or was synchronised.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from nightvoice.diary import mapping, runs
from nightvoice.diary.clock_changes import ClockChange, redated
from nightvoice.diary.event import Event
from nightvoice.storage.database import Sql
from nightvoice.system.clock import EARLIEST, Boot

TOLERANCE: Final = timedelta(minutes=2)
"""Clocks that differ by less contradict nothing."""
SURE_WITHIN: Final = timedelta(hours=2)
"""Longest period in which a night must lie to be dated by it: its middle is at most an hour off."""
_RUNS: Final = (
    f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE kind IN ('listening_started', 'clock_set') ORDER BY seq DESC"
)
LATEST_S: Final = 2**32
"""No clock shows a later time, in seconds since 1970: that is in the year 2106."""
_RECENT: Final = 300
"""Starts and changes of the clock looked at."""


@dataclass(frozen=True, slots=True)
class BootLog:
    """What was written between a start of the computer and the next."""

    runs: tuple[Event, ...]
    until: int
    """Number of the first event after it."""
    known: bool
    """Whether its clock is known to have been right in the end."""
    booted: datetime
    end: datetime
    """Time of its last sign of life, like ``booted`` by its own clock with the corrections so far."""
    spans: tuple[int, ...]
    """Ids of its spans of listening."""

    def contradicts(self, after: datetime, before: datetime) -> bool:
        """Return whether it cannot have been between two times."""
        return self.booted < max(EARLIEST, after - TOLERANCE) or self.end > before + TOLERANCE

    def correction(self, after: datetime, before: datetime) -> timedelta | None:
        """Return what to add to its times to lie between two times; None if these are too far apart to tell."""
        room = (before - after) - (self.end - self.booted)
        if not -TOLERANCE <= room <= SURE_WITHIN:
            return None
        return after + room / 2 - self.booted


def boot_logs(sql: Sql, changes: Sequence[ClockChange], present: Boot) -> list[BootLog]:
    """Return the starts before the ``present`` one, in order, from the last whose clock is known on."""
    rows = [mapping.to_event(row) for row in sql(f"{_RUNS} LIMIT {_RECENT}")]
    started_runs = [run for run in rows if run.kind == "listening_started"]
    # A correction from later counts where it corrects.
    set_at = [
        event.data.get("since", event.seq) if "until" in event.data else event.seq
        for event in rows
        if event.kind == "clock_set"
    ]
    found: list[BootLog] = []
    later: list[Event] = []
    ((newest,),) = sql("SELECT max(seq) FROM events")
    until = int(newest or 0) + 1
    for id, group in groupby(started_runs, key=lambda run: run.data.get("boot")):
        if id is None:  # early releases did not write it
            break
        started = list(group)[::-1]
        if id != present.id:
            known = any(run.data.get("synced") is True for run in started)
            known = known or any(started[0].seq <= seq < until for seq in set_at)
            found.append(_read(sql, started, later, until, known, changes))
            if known:
                break
        until, later = started[0].seq, [*started, *later]
    return found[::-1]


def known_until(logs: Iterable[BootLog]) -> datetime:
    """Return the newest time known to be right."""
    return max((log.end for log in logs if log.known), default=EARLIEST)


def corrections(logs: Sequence[BootLog], booted: datetime) -> list[tuple[BootLog, timedelta]]:
    """Return the ``logs`` whose clock was wrong, each with what to add to its times.

    ``booted``: when the computer started next, by a clock that is right.
    """
    after, found = known_until(logs), []
    unknown = [log for log in logs if not log.known]
    for number, log in enumerate(unknown):
        before = booted - sum((next.end - next.booted for next in unknown[number + 1 :]), timedelta())
        if not log.contradicts(after, before):
            after = max(after, log.end)
        elif (by := log.correction(after, before)) is not None:
            found.append((log, by))
            after = log.end + by
        else:
            after += log.end - log.booted
    return found


def floor(sql: Sql, changes: Sequence[ClockChange], present: Boot | None) -> datetime:
    """Return the time before which the clock of the ``present`` start is known to be wrong."""
    if present is None or present.synced:
        return EARLIEST
    return max(EARLIEST, known_until(boot_logs(sql, changes, present)) - TOLERANCE)


def _read(
    sql: Sql, started: list[Event], later: list[Event], until: int, known: bool, changes: Sequence[ClockChange]
) -> BootLog:
    first, last = redated(started[0], changes), redated(started[-1], changes)
    boot = mapping.to_boot(started[0].data)
    assert boot is not None
    booted = first.at
    if abs(boot.at) < LATEST_S:  # any number may have been imported
        booted = datetime.fromtimestamp(boot.at, UTC) + (first.at - started[0].at)
    end = max(last.at, runs.last_event(sql, last, until, changes))
    of_later = set(runs.spans_of(sql, later, changes)[0])
    spans = tuple(id for id in runs.spans_of(sql, started, changes)[0] if id not in of_later)
    for id in spans:
        (row,) = sql(f"SELECT {mapping.SPAN_COLUMNS} FROM listening WHERE id = :id", id=id)
        end = max(end, mapping.to_span(row).end)
    return BootLog(tuple(started), until, known, booted, end, spans)
