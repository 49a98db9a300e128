"""The person's clock, including changes to it while nightvoice listens."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from time import CLOCK_BOOTTIME, clock_gettime
from time import time as wall_seconds
from typing import Final, Generic, TypeVar

LOST_S: Final = 15.0
"""Shortest loss of time in seconds that is reported; frames never wait this long to be processed."""
EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No version is older: a clock before this has not been set."""
MOVED_S: Final = 5.0
"""Smallest change of the wall clock in seconds that is reported; time synchronisation makes smaller ones."""

Event = TypeVar("Event")


def elapsed_seconds() -> float:
    """Return seconds of real time since the computer started, including sleep; setting the clock does not alter it."""
    return clock_gettime(CLOCK_BOOTTIME)


class LocalZone(tzinfo):
    """The system's time zone with all its changes; ``datetime.astimezone()`` gives a fixed offset instead."""

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        return None if at is None else at.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, at: datetime | None) -> timedelta | None:
        return None

    def tzname(self, at: datetime | None) -> str | None:
        return None if at is None else at.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, at: datetime) -> datetime:
        # A naive time has a fold, which distinguishes the two occurrences of a repeated hour.
        return datetime.fromtimestamp(at.replace(tzinfo=UTC).timestamp()).replace(tzinfo=self)


LOCAL = LocalZone()


class NightClock:
    """Converts seconds since the start of a night, ``began`` (aware), to wall clock time."""

    def __init__(self, began: datetime) -> None:
        self._began = began

    def at(self, t: float) -> datetime:
        """Return the wall clock time at ``t`` seconds."""
        # Convert through UTC, so that daylight saving changes do not shift the result.
        return (self._began.astimezone(UTC) + timedelta(seconds=t)).astimezone(self._began.tzinfo)

    def shift(self, seconds: float) -> None:
        """Correct the clock: it is ``seconds`` later (negative: earlier) than assumed."""
        self._began = (self._began.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self._began.tzinfo)

    def next(self, daily: time, t: float) -> float:
        """Return the next time after ``t``, in seconds, at which the clock shows ``daily``."""
        now = self.at(t)
        due = datetime.combine(now.date(), daily, now.tzinfo)
        if due <= now:
            due = datetime.combine(now.date() + timedelta(days=1), daily, now.tzinfo)
        return (due.astimezone(UTC) - self._began.astimezone(UTC)).total_seconds()


class DailySchedule(Generic[Event]):
    """Emits events at times of day. ``daily``: times by the function that makes the event for a time in seconds."""

    def __init__(self, clock: NightClock, daily: Mapping[Callable[[float], Event], time]) -> None:
        self._clock = clock
        self._daily = dict(daily)
        self._due: dict[Callable[[float], Event], float] = {}
        self.reschedule(0.0)

    def reschedule(self, t: float) -> None:
        """Recompute all due times, for example after a clock change."""
        self._due = {make: self._clock.next(at, t) for make, at in self._daily.items()}

    def due(self, t: float) -> list[Event]:
        """Return the events due at ``t``, each once."""
        made = []
        for make, due in self._due.items():
            if t >= due:
                made.append(make(t))
                self._due[make] = self._clock.next(self._daily[make], t)
        return made


class ClockWatch:
    """Detects that the night's seconds and the wall clock diverge because the computer slept or its clock was set.

    ``wall``: return seconds since 1970. ``elapsed``: return seconds of real time, including sleep. The night is at 0 s
    when the watch is created.
    """

    def __init__(
        self,
        wall: Callable[[], float] = wall_seconds,
        elapsed: Callable[[], float] = elapsed_seconds,
    ) -> None:
        self._wall, self._elapsed = wall, elapsed
        self._start = elapsed()
        self._offset = wall() - self._start

    def lost_time(self, t: float) -> float:
        """Return the seconds that passed but are missing from ``t``; each loss once, 0 below ``LOST_S``."""
        lost = self._elapsed() - self._start - t
        if lost < LOST_S:
            return 0.0
        self._start += lost
        return lost

    def clock_change(self) -> float:
        """Return the seconds by which the wall clock was set forward (negative: back).

        Each change is returned once; 0 below ``MOVED_S``.
        """
        offset = self._wall() - self._elapsed()
        moved = offset - self._offset
        if abs(moved) < MOVED_S:
            return 0.0
        self._offset = offset
        return moved
