"""The runs of the program since the computer started, and changes of the clock between them.

``listening_started`` holds the start of the computer by the clock. Where the next run finds that start at another time,
the clock was set while nobody listened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from nightvoice.diary import mapping
from nightvoice.diary.clock_changes import ClockChange, redated, unrepaired
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span
from nightvoice.storage.database import Database, Sql
from nightvoice.system.clock import EARLIEST, MOVED_S, Boot, this_boot

_STARTED: Final = f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE kind = 'listening_started' ORDER BY seq DESC"
_OF_RUN: Final = ("heard", "episode_opened", "episode_closed", "step", "listening_stopped")


def change_since_last_run(sql: Sql, boot: Boot | None) -> float:
    """Return the seconds by which the clock was set forward (negative: back) since the last event of the last run.

    0 if that was before the computer started, or on another computer.
    """
    newest = _newest(sql)
    before = None if newest is None else mapping.to_boot(newest.data)
    if newest is None or before is None or boot is None or before.id != boot.id:
        return 0.0
    moved = boot.at - before.at - sum(_noted_since(sql, newest.seq))
    return 0.0 if abs(moved) < MOVED_S else round(moved, 3)


def present_boot(sql: Sql) -> Boot | None:
    """Return the start of the computer that the newest run names, by the clock as it was set since."""
    newest = _newest(sql)
    boot = None if newest is None else mapping.to_boot(newest.data)
    return replace(boot, at=boot.at + sum(_noted_since(sql, newest.seq))) if newest and boot else None


def runs_of_boot(sql: Sql) -> list[Event]:
    """Return ``listening_started`` of the newest run and of those before it since the computer started, in order."""
    newest = _newest(sql)
    if newest is None:
        return []
    boot = mapping.to_boot(newest.data)
    if boot is None:
        return [newest]
    same = takewhile(lambda event: event.data.get("boot") == boot.id, map(mapping.to_event, sql(_STARTED)))
    return list(same)[::-1]


def spans_of(
    sql: Sql, runs: Iterable[Event], changes: Iterable[ClockChange], floor: datetime = EARLIEST
) -> tuple[list[int], list[Span]]:
    """Return the ids of the spans of ``runs``, and the spans of those before ``floor``, which were not filed."""
    changes, filed, unfiled = list(changes), set[int](), list[Span]()
    for run in (redated(run, changes) for run in runs):
        if run.at < floor:
            unfiled.append(Span(run.at, _end(sql, run, changes)))
            continue
        ((first,),) = sql("SELECT max(id) FROM listening WHERE start = :start", start=mapping.utc_text(run.at))
        if first is not None:
            which = "WHERE id >= :first AND start >= :start"
            found = sql(f"SELECT id FROM listening {which}", first=first, start=mapping.utc_text(run.at))
            filed.update(id for (id,) in found)
    return sorted(filed), unfiled


def ages(database: Database, events: Sequence[Event], now: datetime) -> dict[int, timedelta]:
    """Return the age of each of ``events`` by its number; negative: the clocks of then and ``now`` contradict.

    ``events`` should end with the newest one: only changes of the clock among them, and since, are known.
    """
    with database.reading() as sql:
        now -= timedelta(seconds=change_since_last_run(sql, this_boot()))
    changes = [change for _, change in unrepaired(events)]
    moved = {change.until: change.by for change in changes}
    for event in (event for event in events if event.kind == "clock_set"):
        moved[event.data.get("until", event.seq)] = timedelta(seconds=mapping.to_clock_seconds(event))
    found: dict[int, timedelta] = {}
    for event in reversed(events):
        found[event.seq] = now - event.at
        now -= moved.get(event.seq, timedelta())
    return found


def last_event(sql: Sql, run: Event, until: int, changes: Iterable[ClockChange]) -> datetime:
    """Return the time of the last event of the night after ``run`` and before the number ``until``."""
    kinds = ", ".join(f"'{kind}'" for kind in _OF_RUN)
    which = f"WHERE kind IN ({kinds}) AND seq > :seq AND seq < :until ORDER BY seq DESC LIMIT 1"
    rows = sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events {which}", seq=run.seq, until=until)
    return redated(mapping.to_event(rows[0]), changes).at if rows else run.at


def _end(sql: Sql, run: Event, changes: list[ClockChange]) -> datetime:
    """Return the time of the last event of ``run`` before its first gap."""
    end = run
    later = f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE seq > :seq ORDER BY seq"
    for event in map(mapping.to_event, sql(later, seq=run.seq)):
        if event.kind in ("listening_started", "clock_set", "gap"):
            break
        if event.kind in _OF_RUN:
            end = event
    return max(run.at, redated(end, changes).at)


def _noted_since(sql: Sql, started: int) -> list[float]:
    """Return the seconds by which the clock was set after the event ``started``."""
    which = "WHERE kind = 'clock_set' AND seq > :started ORDER BY seq"
    rows = map(mapping.to_event, sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events {which}", started=started))
    # A repair names the events that it corrects; it is no change of the clock.
    return [mapping.to_clock_seconds(event) for event in rows if "until" not in event.data]


def _newest(sql: Sql) -> Event | None:
    rows = sql(f"{_STARTED} LIMIT 1")
    return mapping.to_event(rows[0]) if rows else None
