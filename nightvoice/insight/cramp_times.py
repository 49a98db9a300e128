"""The time of night at which cramps come, and how long they last."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from statistics import median
from typing import Final, NamedTuple

from nightvoice.diary.night import Night
from nightvoice.insight.night import cramp_of

DURATION_BANDS: Final = (2, 5, 10)
"""Bounds in minutes between short and long cramps."""
USUAL_HOURS: Final = (22, 6)
"""First and last hour that are always shown."""
MIN_FOR_HALF: Final = 4
"""Fewest cramps of which the middle half is told."""
_NOON: Final = time(12)


class HourCount(NamedTuple):
    """Number of cramps that began in an hour of the night."""

    hour: int
    cramps: int


class CrampTimes(NamedTuple):
    """When the cramps of a period began."""

    hours: list[HourCount]
    """Each hour from the earliest to the latest, and at least ``USUAL_HOURS``; empty without cramps."""
    first: time
    """The earliest onset, or the start of the middle half if there are ``MIN_FOR_HALF`` cramps."""
    last: time
    total: int


class CrampDurations(NamedTuple):
    """How long the cramps of a period lasted, in minutes."""

    bands: list[int]
    """Number of cramps in each band: below the first of ``DURATION_BANDS``, and from each of them on."""
    median: float
    longest: float
    known: int
    total: int


def cramp_times(nights: Iterable[Night]) -> CrampTimes:
    """Return when the cramps of ``nights`` began, in their local time."""
    minutes = sorted(_since_noon(episode.onset) for night in nights for episode in night.episodes)
    if not minutes:
        return CrampTimes([], _NOON, _NOON, 0)
    low, high = ((hour - 12) % 24 for hour in USUAL_HOURS)
    low, high = min(low, minutes[0] // 60), max(high, minutes[-1] // 60)
    begun = [minute // 60 for minute in minutes]
    hours = [HourCount((hour + 12) % 24, begun.count(hour)) for hour in range(low, high + 1)]
    skipped = len(minutes) // 4 if len(minutes) >= MIN_FOR_HALF else 0
    return CrampTimes(hours, _time(minutes[skipped]), _time(minutes[-1 - skipped]), len(minutes))


def cramp_durations(nights: Iterable[Night]) -> CrampDurations:
    """Return how long the cramps of ``nights`` lasted."""
    cramps = [cramp_of(episode) for night in nights for episode in night.episodes]
    known = [cramp.minutes for cramp in cramps if cramp.minutes is not None]
    middle, longest = (median(known), max(known)) if known else (0.0, 0.0)
    return CrampDurations(_banded(known), middle, longest, len(known), len(cramps))


def _banded(minutes: Sequence[float]) -> list[int]:
    bands = [0] * (len(DURATION_BANDS) + 1)
    for length in minutes:
        bands[sum(length >= bound for bound in DURATION_BANDS)] += 1
    return bands


def _since_noon(at: datetime) -> int:
    """Return the minutes from noon to the time of day of ``at``."""
    return ((at.hour - 12) % 24) * 60 + at.minute


def _time(since_noon: int) -> time:
    return (datetime.combine(datetime.min, _NOON) + timedelta(minutes=since_noon)).time()
