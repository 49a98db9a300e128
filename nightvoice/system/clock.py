"""The person's clock: also when it is put forward or back while nightvoice listens."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from time import CLOCK_BOOTTIME, clock_gettime
from time import time as wall_seconds
from typing import Final, Generic, TypeVar

LOST_S: Final = 15.0
"""Longer than frames ever wait to be listened to."""
MOVED_S: Final = 5.0
"""Less is a clock that is kept right."""

Event = TypeVar("Event")


class LocalZone(tzinfo):
    """The system's time zone with all of its changes; ``datetime.astimezone()`` gives one that never changes."""

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        return None if at is None else at.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, at: datetime | None) -> timedelta | None:
        return None

    def tzname(self, at: datetime | None) -> str | None:
        return None if at is None else at.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, at: datetime) -> datetime:
        # As a naive time: it says by its fold which of the two it is when an hour comes twice.
        return datetime.fromtimestamp(at.replace(tzinfo=UTC).timestamp()).replace(tzinfo=self)


LOCAL = LocalZone()


class Clock:
    """Wall clock of a night that began at ``began`` (aware) and is told in seconds since."""

    def __init__(self, began: datetime) -> None:
        self._began = began

    def at(self, t: float) -> datetime:
        # Through UTC, so that a change of the clocks in the night moves nothing.
        return (self._began.astimezone(UTC) + timedelta(seconds=t)).astimezone(self._began.tzinfo)

    def put_forward(self, seconds: float) -> None:
        """It is ``seconds`` later (negative: earlier) than was thought."""
        self._began = (self._began.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self._began.tzinfo)

    def next(self, daily: time, t: float) -> float:
        """Seconds at which it is next ``daily`` o'clock, later than ``t``."""
        now = self.at(t)
        due = datetime.combine(now.date(), daily, now.tzinfo)
        if due <= now:
            due = datetime.combine(now.date() + timedelta(days=1), daily, now.tzinfo)
        return (due.astimezone(UTC) - self._began.astimezone(UTC)).total_seconds()


class Appointments(Generic[Event]):
    """What is due every day at a time of day: a function of the seconds makes the event."""

    def __init__(self, clock: Clock, daily: Mapping[Callable[[float], Event], time]) -> None:
        self._clock = clock
        self._daily = dict(daily)
        self._due: dict[Callable[[float], Event], float] = {}
        self.plan(0.0)

    def plan(self, t: float) -> None:
        """Look at the clock anew, as when it was put forward or back."""
        self._due = {make: self._clock.next(at, t) for make, at in self._daily.items()}

    def due(self, t: float) -> list[Event]:
        """The events of now, each once."""
        made = []
        for make, due in self._due.items():
            if t >= due:
                made.append(make(t))
                self._due[make] = self._clock.next(self._daily[make], t)
        return made


class ClockWatch:
    """Finds out when the night's seconds and the clock on the wall part: the computer slept, or its clock was set.

    ``wall``: seconds since 1970; ``elapsed``: seconds of real time, those asleep included. It is 0 s in the night now.
    """

    def __init__(
        self,
        wall: Callable[[], float] = wall_seconds,
        elapsed: Callable[[], float] = lambda: clock_gettime(CLOCK_BOOTTIME),
    ) -> None:
        self._wall, self._elapsed = wall, elapsed
        self._start = elapsed()
        self._offset = wall() - self._start

    def lost(self, t: float) -> float:
        """Seconds that have passed and are not in ``t``: told once, and only from LOST_S on."""
        lost = self._elapsed() - self._start - t
        if lost < LOST_S:
            return 0.0
        self._start += lost
        return lost

    def moved(self) -> float:
        """Seconds by which the clock was set forward (negative: back): told once, and only from MOVED_S on."""
        offset = self._wall() - self._elapsed()
        moved = offset - self._offset
        if abs(moved) < MOVED_S:
            return 0.0
        self._offset = offset
        return moved
