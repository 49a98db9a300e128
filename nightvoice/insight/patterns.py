"""What goes together with nights with cramps, and what does not.

A factor is something that a day or night had or had not. It is compared over the nights that were really listened to
(``insight.observed``) and on which it is known whether the factor was there; nothing unknown is taken for a no. False
discoveries are held at ``FALSE`` over all factors that were looked at (Benjamini and Hochberg 1995).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
from scipy.stats import false_discovery_control

from nightvoice.diary.night import Night
from nightvoice.insight.association import Association, Difference, Series, Share, associate
from nightvoice.insight.coverage import Watch, watch

MIN_NIGHTS: Final = 10
MIN_CRAMPS: Final = 3
"""Nothing is said before this many nights were observed, and this many of them had a cramp."""
MIN_EACH: Final = 5
"""Nights with a factor, and nights without it, before it is looked at."""
FALSE: Final = 0.05
"""Of all that is said to go together, the share that may be chance."""
LOOK_BACK: Final = timedelta(days=364)
"""Before the last night, where nothing else is asked for: over more than a year habits and cramps both drift, and what
drifts goes together by itself."""
SMALL: Final = 1 / 7
"""A difference that is surely smaller than this, one night in a week, is called alike."""

WEEKEND: Final = "weekend"
"""The evening was a Friday or a Saturday."""
STRETCHES: Final = "stretches"
"""The tag: stretched before bed."""
SINCE_STRETCHES: Final = "since_stretches"
"""From the first bedtime stretches on: before and after."""


class Verdict(StrEnum):
    """What may be said of a factor."""

    MORE = "more"
    """Seen together: more nights with cramps with it."""
    LESS = "less"
    """Fewer."""
    ALIKE = "alike"
    """Not seen together: any difference is smaller than ``SMALL``."""
    UNCLEAR = "unclear"
    """There may be a difference, or not."""
    TOO_FEW = "too_few"
    """Not looked at: too few nights with it, or without it."""


@dataclass(frozen=True, slots=True)
class Day:
    """One night as it is compared."""

    date: date
    cramp: bool | None
    """None where the night was not observed."""
    factors: Mapping[str, bool]
    """What is not known is not here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One factor."""

    factor: str
    verdict: Verdict
    given: Share
    """Nights with cramps among the observed nights with the factor,"""
    otherwise: Share
    """and without it."""
    difference: Difference | None
    """Of these shares, with its interval: 95 %, or wider where the factor was picked out of several. None: too few."""
    p: float | None
    """Corrected for how many factors were looked at."""
    runs: float | None
    """So many nights in a row are worth one: see ``association``."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """All of it, with what it rests on."""

    since: date
    until: date
    observed: int
    partly: int
    """Nights listened to too little to count."""
    unheard: int
    """Nights not listened to."""
    cramps: int
    """Observed nights with a cramp."""
    looked_at: int
    """Factors that were compared; 0 where there is not enough yet."""
    findings: tuple[Finding, ...]
    """Seen together first, then alike, unclear, too few; within each by the size of the difference."""

    @property
    def enough(self) -> bool:
        """Whether there were nights and cramps enough to say anything."""
        return self.observed >= MIN_NIGHTS and self.cramps >= MIN_CRAMPS

    def of(self, *verdicts: Verdict) -> tuple[Finding, ...]:
        """The findings with one of ``verdicts``."""
        return tuple(finding for finding in self.findings if finding.verdict in verdicts)


def patterns(nights: Sequence[Night]) -> Patterns:
    """Look for patterns in ``nights``: every date of a period, in order. Raises ValueError where there are none."""
    watched = [watch(night) for night in nights]
    return find(days(nights), watched.count(Watch.PARTLY))


def days(nights: Sequence[Night]) -> list[Day]:
    """The nights with what is known of each."""
    # The log knows all stretches that were led by voice. Once somebody also tags them, only tags can tell a no.
    led = any(night.stretched for night in nights)
    tagged = any(STRETCHES in night.tags for night in nights)
    found: list[Day] = []
    since = False
    for night in nights:
        factors = dict(night.tags) | {WEEKEND: night.date.weekday() in (4, 5)}
        if night.stretched:
            factors[STRETCHES] = True
        elif led and not tagged:
            factors[STRETCHES] = False
        since = since or factors.get(STRETCHES, False)
        factors[SINCE_STRETCHES] = since
        cramp = bool(night.episodes) if watch(night) is Watch.OBSERVED else None
        found.append(Day(night.date, cramp, factors))
    return found


def find(days: Sequence[Day], partly: int = 0) -> Patterns:
    """Compare every factor of ``days``: every date of a period, in order. ``partly``: how many of those that were not
    observed were listened to a little. Raises ValueError where there are none."""
    if not days:
        raise ValueError("there are no nights to look at")
    calendar = [days[0].date + timedelta(days=n) for n in range(len(days))]
    if [day.date for day in days] != calendar:
        raise ValueError("the nights should be every date of a period, in order")
    cramp = _series(day.cramp for day in days)
    observed, cramps = int((~np.isnan(cramp)).sum()), int(np.nansum(cramp))
    names = sorted({name for day in days for name in day.factors})
    series = {name: _series(day.factors.get(name) for day in days) for name in names}
    compared: dict[str, Association] = {}
    if observed >= MIN_NIGHTS and cramps >= MIN_CRAMPS:
        compared = {name: associate(factor, cramp) for name, factor in series.items() if _both(factor, cramp)}
    found = _judged(compared)
    found += [_too_few(name, series[name], cramp) for name in names if name not in compared]
    return Patterns(
        since=days[0].date,
        until=days[-1].date,
        observed=observed,
        partly=partly,
        unheard=len(days) - observed - partly,
        cramps=cramps,
        looked_at=len(compared),
        findings=tuple(sorted((finding for finding in found if _seen(finding)), key=_order)),
    )


def _judged(compared: Mapping[str, Association]) -> list[Finding]:
    if not compared:
        return []
    corrected = false_discovery_control([association.p for association in compared.values()])
    picked = int((corrected <= FALSE).sum())
    # What is picked as the largest of several is flattered by the choice, so its interval is wider: the false coverage
    # rate of Benjamini and Yekutieli (2005).
    chosen = 1 - FALSE * picked / len(compared)
    found: list[Finding] = []
    for (name, association), p in zip(compared.items(), corrected, strict=True):
        difference = association.difference(chosen if p <= FALSE else 1 - FALSE)
        verdict = _verdict(difference, float(p))
        runs = association.runs
        found.append(Finding(name, verdict, association.given, association.otherwise, difference, float(p), runs))
    return found


def _verdict(difference: Difference, p: float) -> Verdict:
    if p <= FALSE:
        return Verdict.MORE if difference.estimate > 0 else Verdict.LESS
    if difference.low > -SMALL and difference.high < SMALL:
        return Verdict.ALIKE
    return Verdict.UNCLEAR


def _series(values: Iterable[bool | None]) -> Series:
    return np.array([np.nan if value is None else float(value) for value in values])


def _shares(factor: Series, cramp: Series) -> tuple[Share, Share]:
    heard = ~np.isnan(cramp)
    given, otherwise = (cramp[heard & (factor == value)] for value in (1, 0))
    return Share(int(given.sum()), len(given)), Share(int(otherwise.sum()), len(otherwise))


def _both(factor: Series, cramp: Series) -> bool:
    """Whether there are nights enough with the factor and without it."""
    return all(share.nights >= MIN_EACH for share in _shares(factor, cramp))


def _too_few(name: str, factor: Series, cramp: Series) -> Finding:
    return Finding(name, Verdict.TOO_FEW, *_shares(factor, cramp), None, None, None)


def _seen(finding: Finding) -> bool:
    """A factor that was there on every night, or on none, is not worth a word."""
    return finding.given.nights > 0 and finding.otherwise.nights > 0


def _order(finding: Finding) -> tuple[int, float, str]:
    rank = {Verdict.MORE: 0, Verdict.LESS: 0, Verdict.ALIKE: 1, Verdict.UNCLEAR: 2, Verdict.TOO_FEW: 3}
    size = abs(finding.difference.estimate) if finding.difference else 0.0
    return rank[finding.verdict], -size, finding.factor
