"""The person's clock, including changes to it while nightvoice listens."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from math import inf
from pathlib import Path
from time import CLOCK_BOOTTIME, clock_gettime, tzset
from time import time as wall_seconds
from typing import Final

LOST_S: Final = 15.0
"""Shortest loss of time in seconds that is reported; frames never wait this long to be processed."""
EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No version is older: a clock before this has not been set."""
LATE: Final = timedelta(hours=2)
"""How late a daily appointment may be: a morning at nine instead of eight, but no evening at night."""
APART: Final = timedelta(hours=12)
"""Shortest time between two appointments of a kind: a clock that is set back repeats none."""
MOVED_S: Final = 5.0
"""Smallest change of the wall clock in seconds that is reported; time synchronisation makes smaller ones."""
_SYNCHRONIZED_FILE: Final = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd once it has set the clock since the computer started."""
_BOOT_ID_FILE: Final = Path("/proc/sys/kernel/random/boot_id")


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
        # In UTC: the zone itself may be set while the night runs.
        self._began, self._zone = began.astimezone(UTC), began.tzinfo

    def at(self, t: float) -> datetime:
        """Return the wall clock time at ``t`` seconds."""
        return (self._began + timedelta(seconds=t)).astimezone(self._zone)

    def shift(self, seconds: float) -> None:
        """Correct the clock: it is ``seconds`` later (negative: earlier) than assumed."""
        self._began += timedelta(seconds=seconds)

    def next(self, daily: time, t: float) -> float:
        """Return the next time after ``t``, in seconds, at which the clock shows ``daily``."""
        now = self.at(t)
        due = datetime.combine(now.date(), daily, now.tzinfo)
        if due <= now:
            due = datetime.combine(now.date() + timedelta(days=1), daily, now.tzinfo)
        return (due.astimezone(UTC) - self._began).total_seconds()

    def latest(self, daily: time, t: float) -> datetime:
        """Return the latest time (UTC), up to ``t`` seconds, at which the clock showed ``daily``."""
        now = self.at(t)
        due = datetime.combine(now.date(), daily, now.tzinfo)
        if due > now:
            due = datetime.combine(now.date() - timedelta(days=1), daily, now.tzinfo)
        return due.astimezone(UTC)


class DailySchedule:
    """Tells which appointments are due, each once, although the clock may be set or the computer may sleep.

    ``daily``: times of day by name.
    """

    def __init__(self, clock: NightClock, daily: Mapping[str, time]) -> None:
        self._clock, self._daily = clock, dict(daily)
        self._began = clock.at(0.0).astimezone(UTC)
        self._kept: dict[str, datetime] = {}
        """When each appointment was last due, by the present clock."""
        self._check_at = 0.0

    def go_on(self, kept: Mapping[str, datetime], off_since: datetime | None) -> None:
        """Continue an earlier run, which ``kept`` appointments and ended at ``off_since``.

        An appointment in a short break is only late; after a long one, nobody expects it.
        """
        self._kept = dict(kept)
        if off_since is not None and self._began - off_since <= APART:
            self._began = off_since.astimezone(UTC)

    def reschedule(self, t: float, moved: float = 0.0) -> None:
        """Look at all times again at ``t``. ``moved``: seconds by which the clock was set forward."""
        self._began += timedelta(seconds=moved)
        self._kept = {name: at + timedelta(seconds=moved) for name, at in self._kept.items()}
        self._check_at = t

    def due(self, t: float) -> list[str]:
        """Return what is due at ``t``, also what a sleep or a change of the clock has just skipped."""
        if t < self._check_at:
            return []
        names = []
        for name, daily in self._daily.items():
            due = self._clock.latest(daily, t)
            now = self._clock.at(t).astimezone(UTC)
            before = self._kept.get(name)
            if due > self._began and now - due <= LATE and (before is None or due - before >= APART):
                names.append(name)
                self._kept[name] = now
        self._check_at = min((self._clock.next(daily, t) for daily in self._daily.values()), default=inf)
        return names


@dataclass(frozen=True, slots=True)
class Boot:
    """A start of the computer: it tells whether the clock was set between two runs of the program."""

    id: str
    """Random id, made by the kernel."""
    at: float
    """Its time by the present clock, in seconds since 1970. It changes only when the clock is set."""
    synced: bool = False
    """Whether the clock is known to have been set from the network since; elsewhere nobody knows."""


def this_boot(at: float | None = None) -> Boot | None:
    """Return the latest start of this computer, or None where the kernel does not name it."""
    try:
        id = _BOOT_ID_FILE.read_text(encoding="ascii").strip()
    except OSError:
        return None
    synced = _SYNCHRONIZED_FILE.exists()
    return Boot(id, wall_seconds() - elapsed_seconds() if at is None else at, synced)


class ClockWatch:
    """Detects that the night's seconds and the wall clock diverge because the computer slept or its clock was set.

    ``wall``: return seconds since 1970. ``elapsed``: return seconds of real time, including sleep. The night is at 0 s
    when the watch is created.
    """

    def __init__(
        self,
        wall: Callable[[], float] = wall_seconds,
        elapsed: Callable[[], float] = elapsed_seconds,
        zone_file: Path = Path("/etc/localtime"),
    ) -> None:
        self._wall, self._elapsed, self._zone_file = wall, elapsed, zone_file
        self._zone = self._present_zone()
        self._start = elapsed()
        self._offset = wall() - self._start
        self.boot = this_boot(self._offset)
        """The start of the computer, by the clock when the watch was created."""

    def lost_time(self, t: float) -> float:
        """Return the seconds that passed but are missing from ``t``; each loss once, 0 below ``LOST_S``."""
        lost = self._elapsed() - self._start - t
        if lost < LOST_S:
            return 0.0
        self._start += lost
        return lost

    def zone_change(self) -> bool:
        """Return whether the computer's time zone was set since the last call; from then on it is used."""
        zone = self._present_zone()
        if zone == self._zone:
            return False
        self._zone = zone
        tzset()  # the C library reads the zone only once
        return True

    def _present_zone(self) -> tuple[str, str, float]:
        try:
            changed = self._zone_file.stat().st_mtime
        except OSError:
            changed = 0.0
        return os.environ.get("TZ", ""), os.path.realpath(self._zone_file), changed

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
