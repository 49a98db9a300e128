"""Compares the cramps of the last weeks with those of the weeks before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil, log, sqrt
from statistics import NormalDist
from typing import Final

from nightvoice.diary.night import Night
from nightvoice.insight.coverage import is_observed
from nightvoice.insight.trend import MIN_OBSERVED, WINDOW, overdispersion

BEFORE: Final = timedelta(weeks=12)
"""Longest earlier time to compare with."""
MIN_BEFORE: Final = 2 * MIN_OBSERVED
"""Fewest observed nights among the earlier ones."""
_Z: Final = NormalDist().inv_cdf(0.975)


class ChangeVerdict(StrEnum):
    """Conclusion about a change in the rate of cramps."""

    FEWER = "fewer"
    MORE = "more"
    UNCLEAR = "unclear"
    """Any difference can be chance."""
    NONE = "none"
    """No cramp, now or before."""
    TOO_FEW = "too_few"
    """Too few observed nights."""


@dataclass(frozen=True, slots=True)
class RateChange:
    """Cramps on the observed nights of the last weeks and of the weeks before."""

    verdict: ChangeVerdict
    recent: Sequence[int]
    """Cramps on each recent observed night."""
    earlier: Sequence[int]
    """Cramps on each earlier observed night."""
    weeks: int
    """Number of earlier weeks."""

    @property
    def now(self) -> float:
        """Cramps per week lately; 0 without observed nights."""
        return _weekly(self.recent)

    @property
    def before(self) -> float:
        """Cramps per week before; 0 without observed nights."""
        return _weekly(self.earlier)


def rate_change(nights: Sequence[Night]) -> RateChange:
    """Compare the last ``WINDOW`` weeks, of which the last may be incomplete, with up to ``BEFORE`` before them.

    ``nights`` are consecutive and not empty.
    """
    last = nights[-1].date
    start = last - timedelta(days=last.weekday(), weeks=WINDOW - 1)
    before = [night for night in nights if start - BEFORE <= night.date < start]
    recent, earlier = _observed([night for night in nights if night.date >= start]), _observed(before)
    return RateChange(_verdict(recent, earlier), recent, earlier, ceil(len(before) / 7))


def _observed(nights: Sequence[Night]) -> list[int]:
    return [len(night.episodes) for night in nights if is_observed(night)]


def _weekly(cramps: Sequence[int]) -> float:
    return 7 * sum(cramps) / len(cramps) if cramps else 0.0


def _verdict(recent: Sequence[int], earlier: Sequence[int]) -> ChangeVerdict:
    """Test the logarithm of the ratio of both rates, with a variance that allows for cramps in clusters."""
    if len(recent) < MIN_OBSERVED or len(earlier) < MIN_BEFORE:
        return ChangeVerdict.TOO_FEW
    if not sum(recent) + sum(earlier):
        return ChangeVerdict.NONE
    now, before = sum(recent) + 0.5, sum(earlier) + 0.5
    spread = sqrt(overdispersion([*recent, *earlier]) * (1 / now + 1 / before))
    z = (log(now / len(recent)) - log(before / len(earlier))) / spread
    if abs(z) < _Z:
        return ChangeVerdict.UNCLEAR
    return ChangeVerdict.FEWER if z < 0 else ChangeVerdict.MORE
