"""Finds factors that occur together with cramps, and factors that do not.

A factor is any yes/no property of a day or night, such as alcohol. It is compared over the observed nights
(``insight.coverage``) on which the factor is known; an unknown factor never counts as a no. The false discovery rate
over all compared factors is ``FALSE_DISCOVERY_RATE`` (Benjamini and Hochberg 1995).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from nightvoice.diary.night import Night
from nightvoice.insight.association import Association, Difference, Series, Share, associate
from nightvoice.insight.coverage import Observation, is_observed, observation

MIN_NIGHTS: Final = 10
"""Fewest observed nights before factors are compared."""
MIN_CRAMPS: Final = 3
"""Fewest observed nights with a cramp before factors are compared."""
MIN_PER_GROUP: Final = 5
"""Fewest nights with a factor, and fewest without, before it is compared."""
FALSE_DISCOVERY_RATE: Final = 0.05
"""Expected share of chance findings among those reported as associated."""
LOOK_BACK: Final = timedelta(days=364)
"""Default period before the last night; over longer periods, habits and cramps both drift and so correlate."""
NEGLIGIBLE_DIFFERENCE: Final = 1 / 7
"""One night in a week. A difference whose whole interval is smaller counts as none."""

WEEKEND: Final = "weekend"
"""Factor: the evening was a Friday or a Saturday."""
STRETCHES: Final = "stretches"
"""Factor and tag: stretched before bed."""
SINCE_STRETCHES: Final = "since_stretches"
"""Factor: the first bedtime stretches were that night or earlier."""


class PatternVerdict(StrEnum):
    """Conclusion about one factor."""

    MORE = "more"
    """More nights have cramps with the factor."""
    LESS = "less"
    """Fewer nights have cramps with the factor."""
    ALIKE = "alike"
    """Any difference is smaller than ``NEGLIGIBLE_DIFFERENCE``."""
    UNCLEAR = "unclear"
    """A difference can be neither shown nor excluded."""
    TOO_FEW = "too_few"
    """Not compared: too few nights with or without the factor."""


@dataclass(frozen=True, slots=True)
class NightFactors:
    """A night and its known factors."""

    date: date
    cramp: bool | None
    """Whether there was a cramp; None if the night was not observed."""
    factors: Mapping[str, bool]
    """Whether each known factor was present; unknown factors are left out."""


@dataclass(frozen=True, slots=True)
class PatternFinding:
    """Result for one factor."""

    factor: str
    verdict: PatternVerdict
    given: Share
    """Cramps on observed nights with the factor."""
    otherwise: Share
    """Cramps on observed nights without the factor."""
    difference: Difference | None
    """Difference of the two shares with its interval: 95 %, wider for selected factors. None with too few nights."""
    p: float | None
    """p value, corrected for the number of factors compared."""
    design_effect: float | None
    """See ``association.Association``."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Findings of a period, and counts of the nights behind them."""

    since: date
    until: date
    observed: int
    partly: int
    """Nights only partly observed."""
    unheard: int
    """Nights without listening."""
    cramps: int
    """Observed nights with a cramp."""
    compared: int
    """Number of factors compared; 0 if there are not enough nights yet."""
    findings: tuple[PatternFinding, ...]
    """Ordered by verdict (associated, alike, unclear, too few), then by the size of the difference."""

    @property
    def enough(self) -> bool:
        """Whether there are enough nights and cramps to compare factors."""
        return self.observed >= MIN_NIGHTS and self.cramps >= MIN_CRAMPS

    def of(self, *verdicts: PatternVerdict) -> tuple[PatternFinding, ...]:
        """Return the findings with one of ``verdicts``."""
        return tuple(finding for finding in self.findings if finding.verdict in verdicts)


def patterns(nights: Sequence[Night]) -> Patterns:
    """Find patterns in ``nights``, one per date of a period in order. Raises ValueError if there are none."""
    observations = [observation(night) for night in nights]
    return find(factors_of(nights), observations.count(Observation.PARTLY))


def factors_of(nights: Sequence[Night]) -> list[NightFactors]:
    """Return the known factors of each night."""
    # The diary records all stretches guided by voice. If the person also tags stretches, only a tag can mean no.
    guided = any(night.stretched for night in nights)
    tagged = any(STRETCHES in night.tags for night in nights)
    found: list[NightFactors] = []
    since = False
    for night in nights:
        factors = dict(night.tags) | {WEEKEND: night.date.weekday() in (4, 5)}
        if night.stretched:
            factors[STRETCHES] = True
        elif guided and not tagged:
            factors[STRETCHES] = False
        since = since or factors.get(STRETCHES, False)
        factors[SINCE_STRETCHES] = since
        cramp = bool(night.episodes) if is_observed(night) else None
        found.append(NightFactors(night.date, cramp, factors))
    return found


def find(nights: Sequence[NightFactors], partly: int = 0) -> Patterns:
    """Compare every factor of ``nights``, one per date of a period in order.

    ``partly``: number of partly observed nights among them. Raises ValueError if there are no nights.
    """
    if not nights:
        raise ValueError("there are no nights to look at")
    calendar = [nights[0].date + timedelta(days=n) for n in range(len(nights))]
    if [night.date for night in nights] != calendar:
        raise ValueError("the nights should be all dates of a period, in order")
    cramp = _series(night.cramp for night in nights)
    observed, cramps = int((~np.isnan(cramp)).sum()), int(np.nansum(cramp))
    names = sorted({name for night in nights for name in night.factors})
    series = {name: _series(night.factors.get(name) for night in nights) for name in names}
    compared: dict[str, Association] = {}
    if observed >= MIN_NIGHTS and cramps >= MIN_CRAMPS:
        compared = {name: associate(factor, cramp) for name, factor in series.items() if _enough_nights(factor, cramp)}
    found = _judged(compared)
    found += [_too_few(name, series[name], cramp) for name in names if name not in compared]
    return Patterns(
        since=nights[0].date,
        until=nights[-1].date,
        observed=observed,
        partly=partly,
        unheard=len(nights) - observed - partly,
        cramps=cramps,
        compared=len(compared),
        findings=tuple(sorted((finding for finding in found if _varies(finding)), key=_order)),
    )


def _judged(compared: Mapping[str, Association]) -> list[PatternFinding]:
    if not compared:
        return []
    corrected = corrected_for_many([association.p for association in compared.values()])
    selected = sum(p <= FALSE_DISCOVERY_RATE for p in corrected)
    # Selecting the largest of several differences exaggerates them, so selected ones get wider intervals, which control
    # the false coverage rate (Benjamini and Yekutieli 2005).
    selected_level = 1 - FALSE_DISCOVERY_RATE * selected / len(compared)
    found: list[PatternFinding] = []
    for (name, association), p in zip(compared.items(), corrected, strict=True):
        difference = association.difference(selected_level if p <= FALSE_DISCOVERY_RATE else 1 - FALSE_DISCOVERY_RATE)
        verdict, effect = _verdict(difference, p), association.design_effect
        found.append(PatternFinding(name, verdict, association.given, association.otherwise, difference, p, effect))
    return found


def corrected_for_many(values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number, by the step-up procedure of Benjamini and Hochberg."""
    order = sorted(range(len(values)), key=values.__getitem__, reverse=True)
    corrected, least = list(values), 1.0
    for rank, index in enumerate(order):
        least = min(least, values[index] * len(values) / (len(values) - rank))
        corrected[index] = least
    return corrected


def _verdict(difference: Difference, p: float) -> PatternVerdict:
    if p <= FALSE_DISCOVERY_RATE:
        return PatternVerdict.MORE if difference.estimate > 0 else PatternVerdict.LESS
    if difference.low > -NEGLIGIBLE_DIFFERENCE and difference.high < NEGLIGIBLE_DIFFERENCE:
        return PatternVerdict.ALIKE
    return PatternVerdict.UNCLEAR


def _series(values: Iterable[bool | None]) -> Series:
    return np.array([np.nan if value is None else float(value) for value in values])


def _shares(factor: Series, cramp: Series) -> tuple[Share, Share]:
    heard = ~np.isnan(cramp)
    given, otherwise = (cramp[heard & (factor == value)] for value in (1, 0))
    return Share(int(given.sum()), len(given)), Share(int(otherwise.sum()), len(otherwise))


def _enough_nights(factor: Series, cramp: Series) -> bool:
    """Return whether there are enough nights both with and without the factor."""
    return all(share.nights >= MIN_PER_GROUP for share in _shares(factor, cramp))


def _too_few(name: str, factor: Series, cramp: Series) -> PatternFinding:
    return PatternFinding(name, PatternVerdict.TOO_FEW, *_shares(factor, cramp), None, None, None)


def _varies(finding: PatternFinding) -> bool:
    """Return whether a factor was neither always nor never present; others are not reported."""
    return finding.given.nights > 0 and finding.otherwise.nights > 0


def _order(finding: PatternFinding) -> tuple[int, float, str]:
    rank = {
        PatternVerdict.MORE: 0,
        PatternVerdict.LESS: 0,
        PatternVerdict.ALIKE: 1,
        PatternVerdict.UNCLEAR: 2,
        PatternVerdict.TOO_FEW: 3,
    }
    size = abs(finding.difference.estimate) if finding.difference else 0.0
    return rank[finding.verdict], -size, finding.factor
