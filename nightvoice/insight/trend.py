"""Cramp rates per week over observed nights with their uncertainty, cramps by site, and steps that helped."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist, fmean, pvariance
from typing import Final, NamedTuple

from nightvoice.diary.night import Night
from nightvoice.insight.coverage import is_observed
from nightvoice.insight.night import eased_by

WINDOW: Final = 4
"""Weeks in the moving average, including the current one."""
MIN_OBSERVED: Final = 7
"""Fewest observed nights for an average."""
_Z: Final = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Average:
    """Cramps per week over the last ``WINDOW`` weeks."""

    rate: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Week:
    """A week of nights, from Monday to Sunday."""

    start: date
    nights: int
    """Nights of the week within the period: 7, or fewer at its ends."""
    listened: int
    """Observed nights among them (see ``insight.coverage``)."""
    cramps: int
    """Cramps on observed nights."""
    average: Average | None
    """Moving average; None if the last weeks have too few observed nights."""

    @property
    def rate(self) -> float | None:
        """Cramps per seven observed nights."""
        return 7 * self.cramps / self.listened if self.listened else None


class SiteCount(NamedTuple):
    """Number of cramps at a site, by side."""

    site: str | None
    """Site; None if unknown."""
    left: int
    right: int
    other: int
    """Cramps on both sides or an unknown side."""

    @property
    def total(self) -> int:
        return self.left + self.right + self.other


class Remedy(NamedTuple):
    """Counts of how often a step eased a cramp."""

    step: str
    eased: int
    known: int
    """Cramps in which it was tried with a known effect."""
    unknown: int
    """Cramps in which it was tried with an unknown effect."""
    interval: Interval | None
    """Interval of the eased share; None without known effects."""


def weeks(nights: Sequence[Night]) -> list[Week]:
    """Group consecutive ``nights`` by week."""
    counted = [(night.date, is_observed(night), len(night.episodes)) for night in nights]
    spread = overdispersion([cramps for _, listened, cramps in counted if listened])
    sums: dict[date, tuple[int, int, int]] = {}
    for day, listened, cramps in counted:
        monday = day - timedelta(days=day.weekday())
        of, heard, had = sums.get(monday, (0, 0, 0))
        sums[monday] = (of + 1, heard + listened, had + (cramps if listened else 0))
    found: list[Week] = []
    rows = list(sums.items())
    for index, (monday, (of, heard, had)) in enumerate(rows):
        window = [row for _, row in rows[max(0, index - WINDOW + 1) : index + 1]]
        average = _average(sum(row[2] for row in window), sum(row[1] for row in window), spread)
        found.append(Week(monday, of, heard, had, average))
    return found


def site_counts(nights: Iterable[Night]) -> list[SiteCount]:
    """Return the number of cramps by site, most frequent first and unknown sites last."""
    counts: dict[str | None, Counter[str]] = {}
    for night in nights:
        for episode in night.episodes:
            side = episode.side if episode.side in ("left", "right") else "other"
            counts.setdefault(episode.site, Counter())[side] += 1
    found = [SiteCount(site, sides["left"], sides["right"], sides["other"]) for site, sides in counts.items()]
    return sorted(found, key=lambda count: (count.site is None, -count.total, count.site or ""))


def remedies(nights: Iterable[Night]) -> list[Remedy]:
    """Return how often each step eased a cramp, most frequent first; a step counts once per cramp."""
    eased: Counter[str] = Counter()
    known: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for night in nights:
        for episode in night.episodes:
            by = eased_by(episode)
            for name in {step.step for step in episode.steps}:
                did = by is not None and by.step == name
                tried[name] += 1
                eased[name] += did
                known[name] += did or any(step.effect for step in episode.steps if step.step == name)
    found = [
        Remedy(name, eased[name], known[name], times - known[name], _share(eased[name], known[name]))
        for name, times in tried.items()
    ]
    return sorted(found, key=lambda remedy: (-remedy.eased, -remedy.known, remedy.step))


def overdispersion(counts: Sequence[int]) -> float:
    """Return the ratio of the variance of nightly counts to that of a Poisson distribution; at least 1."""
    mean = fmean(counts) if counts else 0
    return max(1.0, pvariance(counts) / mean) if mean else 1.0


def _average(cramps: int, listened: int, overdispersion: float) -> Average | None:
    """Return the rate with Byar's approximation of the Poisson interval (Breslow and Day 1987, p. 69).

    Counts are divided by ``overdispersion``, because clustered cramps are less evidence than independent ones.
    """
    if listened < MIN_OBSERVED:
        return None
    effective = cramps / overdispersion
    low = effective * (1 - 1 / (9 * effective) - _Z / (3 * sqrt(effective))) ** 3 if effective else 0.0
    high = (effective + 1) * (1 - 1 / (9 * (effective + 1)) + _Z / (3 * sqrt(effective + 1))) ** 3
    scale = 7 * overdispersion / listened
    return Average(7 * cramps / listened, Interval(max(0.0, low) * scale, high * scale))


def _share(part: int, of: int) -> Interval | None:
    """Return the Wilson score interval of a share (Wilson 1927)."""
    if not of:
        return None
    share, weight = part / of, _Z**2 / of
    middle = (share + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * sqrt(share * (1 - share) / of + weight / (4 * of))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
