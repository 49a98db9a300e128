"""Changes of the computer's clock, and the true times of the events that were dated before them.

A computer without a clock battery starts with a wrong clock and learns the time later. A ``clock_set`` event names the
events that the old clock dated. The log keeps their times as written; everything derived from it uses the true ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from nightvoice.diary.event import Event

CORRECTED: Final = timedelta(hours=24)
"""How far back a change of the clock corrects what was written: long ago, the clock may have been right."""

LONGEST: Final = timedelta(days=36_525)
"""Longest change that is believed: a century."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A correction of the events from number ``since`` to before ``until``."""

    since: int
    until: int
    by: timedelta
    """Time to add to theirs."""


def change_of(event: Event) -> ClockChange:
    """Return the correction of a ``clock_set`` event. Raises KeyError, TypeError or ValueError if its data are bad."""
    data = event.data
    by = timedelta(seconds=data["seconds"])
    if abs(by) > LONGEST:
        raise ValueError(f"a clock set by {by}")
    return ClockChange(int(data["since"]), int(data.get("until", event.seq)), by)


def redated(event: Event, changes: Iterable[ClockChange]) -> Event:
    """Return ``event`` with its true time; the time of a cramp told later is the person's and stays."""
    if event.kind == "episode_told":
        return event
    own = [change.by for change in changes if change.since <= event.seq < change.until]
    return replace(event, at=event.at + sum(own, timedelta())) if own else event


def unrepaired(events: Sequence[Event]) -> list[tuple[Event, ClockChange]]:
    """Return the changes that early releases noted without correcting anything, each with the event of its new time.

    They wrote ``listening_stopped`` with the reason ``clock`` and the old time, then ``listening_started``.
    """
    repaired = {event.data.get("until") for event in events if event.kind == "clock_set"}
    found: list[tuple[Event, ClockChange]] = []
    began = next(iter(events), None)
    stopped: Event | None = None
    for event in events:
        if event.kind == "listening_stopped":
            stopped = event if event.data.get("reason") == "clock" else None
        elif event.kind == "listening_started":
            if stopped is not None and began is not None and event.seq not in repaired:
                found.append((event, ClockChange(began.seq, event.seq, event.at - stopped.at)))
            # After a change of the clock, the same run goes on: a later change corrects all of it.
            began = event if stopped is None else began
            stopped = None
    return found
