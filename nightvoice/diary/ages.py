"""How long ago events happened, although the clock that dated them may have been set since.

A computer without a clock battery starts with a wrong clock and learns the time later. The log shows each change:
``listening_stopped`` with the reason ``clock`` has the old time, the ``listening_started`` after it has the new one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from nightvoice.diary.event import Event


def clock_changes(events: Sequence[Event]) -> list[tuple[int, timedelta]]:
    """Return the changes of the clock in ``events``, each with the number of the event that has the new time."""
    changes: list[tuple[int, timedelta]] = []
    stopped: Event | None = None
    for event in events:
        if event.kind == "listening_stopped":
            stopped = event if event.data.get("reason") == "clock" else None
        elif event.kind == "listening_started" and stopped is not None:
            changes.append((event.seq, event.at - stopped.at))
            stopped = None
    return changes


def ages(events: Sequence[Event], now: datetime) -> dict[int, timedelta]:
    """Return the age of each of ``events`` by its number, never negative.

    Only changes of the clock in ``events`` are known: they should end with the newest one.
    """
    changes = clock_changes(events)
    found: dict[int, timedelta] = {}
    for event in reversed(events):
        while changes and changes[-1][0] > event.seq:
            now -= changes.pop()[1]
        found[event.seq] = max(timedelta(), now - event.at)
    return found
