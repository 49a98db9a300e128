"""How often, week by week: cramps for the nights that were really listened to, and how sure that is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist, fmean, pvariance
from typing import Final, NamedTuple

from nightvoice.diary.night import Night
from nightvoice.insight.coverage import observed
from nightvoice.insight.night import eased_by

WINDOW: Final = 4
"""Weeks of the moving average: this one and those before it."""
LEAST: Final = 7
"""Nights listened to, without which there is no average."""
_Z: Final = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """95 % of such intervals hold the true value."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Average:
    """Cramps a week over the last ``WINDOW`` weeks."""

    rate: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Week:
    """Monday's night to Sunday's."""

    start: date
    nights: int
    """Of the week that lie in the period: 7, or fewer at its ends."""
    listened: int
    """Of these, the nights that were listened to well enough to count (``insight.observed``)."""
    cramps: int
    """In the nights listened to."""
    average: Average | None
    """None where the last weeks have too few nights listened to."""

    @property
    def rate(self) -> float | None:
        """Cramps for seven nights of listening."""
        return 7 * self.cramps / self.listened if self.listened else None


class Place(NamedTuple):
    """How many cramps were at a site, by side."""

    site: str | None
    left: int
    right: int
    other: int
    """On both sides, or nobody said on which."""

    @property
    def total(self) -> int:
        return self.left + self.right + self.other


class Remedy(NamedTuple):
    """How often a step eased a cramp."""

    step: str
    eased: int
    known: int
    """Cramps in which it was tried and the person said what it did."""
    unknown: int
    """Cramps in which it was tried and nobody said."""
    interval: Interval | None
    """Of the share eased; None where nothing is known."""


def weeks(nights: Sequence[Night]) -> list[Week]:
    """``nights``, in order and without holes, by the week."""
    counted = [(night.date, observed(night), len(night.episodes)) for night in nights]
    spread = _spread([cramps for _, listened, cramps in counted if listened])
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


def places(nights: Iterable[Night]) -> list[Place]:
    """By site, the most frequent first; a cramp whose site nobody said is under None, last."""
    counts: dict[str | None, Counter[str]] = {}
    for night in nights:
        for episode in night.episodes:
            side = episode.side if episode.side in ("left", "right") else "other"
            counts.setdefault(episode.site, Counter())[side] += 1
    found = [Place(site, sides["left"], sides["right"], sides["other"]) for site, sides in counts.items()]
    return sorted(found, key=lambda place: (place.site is None, -place.total, place.site or ""))


def remedies(nights: Iterable[Night]) -> list[Remedy]:
    """By step, the one that eased most cramps first. A step counts once for each cramp in which it was tried."""
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


def _spread(counts: Sequence[int]) -> float:
    """How many times more the counts of nights vary than chance alone would have them (never less than once)."""
    mean = fmean(counts) if counts else 0
    return max(1.0, pvariance(counts) / mean) if mean else 1.0


def _average(cramps: int, listened: int, spread: float) -> Average | None:
    """Byar's approximation of the Poisson interval (Breslow and Day 1987, p. 69), on counts that are worth less by
    ``spread``: cramps come in clusters, so that twice as many are not twice the evidence."""
    if listened < LEAST:
        return None
    worth = cramps / spread
    low = worth * (1 - 1 / (9 * worth) - _Z / (3 * sqrt(worth))) ** 3 if worth else 0.0
    high = (worth + 1) * (1 - 1 / (9 * (worth + 1)) + _Z / (3 * sqrt(worth + 1))) ** 3
    scale = 7 * spread / listened
    return Average(7 * cramps / listened, Interval(max(0.0, low) * scale, high * scale))


def _share(part: int, of: int) -> Interval | None:
    """Wilson's interval of a share (Wilson 1927)."""
    if not of:
        return None
    share, weight = part / of, _Z**2 / of
    middle = (share + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * sqrt(share * (1 - share) / of + weight / (4 * of))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
