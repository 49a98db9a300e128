"""The person's clock: also when it is put forward or back while nightvoice listens."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Generic, TypeVar

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
        self._due = {make: clock.next(at, 0.0) for make, at in daily.items()}

    def due(self, t: float) -> list[Event]:
        """The events of now, each once."""
        made = []
        for make, due in self._due.items():
            if t >= due:
                made.append(make(t))
                self._due[make] = self._clock.next(self._daily[make], t)
        return made
