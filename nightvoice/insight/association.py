"""Association of two yes/no series of nights, valid for few nights, missing nights and clustered cramps."""

from dataclasses import dataclass
from functools import cache
from math import comb, erfc, sqrt
from statistics import NormalDist
from sys import float_info
from typing import Final

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
"""One value per calendar night, in order: 1 yes, 0 no, NaN unknown."""

MAX_LAG: Final = 28
"""Largest lag of the autocorrelation, in nights."""
MAX_LAG_SHARE: Final = 1 / 4
"""Largest lag as a share of the series; at longer lags too few pairs are left."""


@dataclass(frozen=True, slots=True)
class Share:
    """Number of nights with a cramp, out of a number of nights."""

    cramps: int
    nights: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Share of cramp nights with a factor minus the share without it, from -1 to 1."""

    estimate: float
    low: float
    high: float
    level: float
    """Confidence level of the interval, such as 0.95."""


@dataclass(frozen=True, slots=True)
class Association:
    """Association between a factor and cramps, over the nights with both known."""

    given: Share
    """Nights with the factor."""
    otherwise: Share
    """Nights without the factor."""
    design_effect: float
    """Number of consecutive nights worth one independent night as evidence; 1 if nights are independent."""
    p: float
    """Two-sided p value."""

    def difference(self, level: float = 0.95) -> Difference:
        """Return Newcombe's hybrid score interval of the difference of two shares (Newcombe 1998, method 10).

        It uses the effective number of nights: the number of nights divided by ``design_effect``.
        """
        (p, low_p, high_p), (q, low_q, high_q) = (
            _wilson(share, self.design_effect, level) for share in (self.given, self.otherwise)
        )
        estimate = p - q
        low = estimate - sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
        high = estimate + sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
        return Difference(estimate, max(-1.0, low), min(1.0, high), level)


def associate(factor: Series, cramp: Series) -> Association:
    """Compare nights with and without ``factor``. Raises ValueError unless there is at least one of each.

    Use Fisher's exact test, with z divided by the square root of the design effect: if both cramps and the factor
    cluster, neighbouring nights carry less evidence than independent ones (Bayley and Hammersley 1946; Dutilleul 1993).
    """
    known = ~(np.isnan(factor) | np.isnan(cramp))
    given, otherwise = (_share(cramp[known & (factor == value)]) for value in (1, 0))
    if not given.nights or not otherwise.nights:
        raise ValueError("a factor that never changes cannot be compared")
    effect = design_effect(factor, cramp)
    z = _z(fisher_exact(given, otherwise))
    return Association(given, otherwise, effect, erfc(z / sqrt(2 * effect)))


def fisher_exact(given: Share, otherwise: Share) -> float:
    """Return the two-sided p value of Fisher's exact test of two shares, computed in whole numbers.

    Its own, because loading ``scipy.stats`` took half the time of ``nightvoice patterns``.
    """
    cramps, nights = given.cramps + otherwise.cramps, given.nights + otherwise.nights
    fewest, most = max(0, cramps - otherwise.nights), min(cramps, given.nights)
    # Number of ways in which k of the cramps fall on the nights with the factor, from one k to the next.
    ways = {fewest: comb(given.nights, fewest) * comb(otherwise.nights, cramps - fewest)}
    for k in range(fewest, most):
        ways[k + 1] = ways[k] * (given.nights - k) * (cramps - k) // ((k + 1) * (otherwise.nights - cramps + k + 1))
    return sum(count for count in ways.values() if count <= ways[given.cramps]) / comb(nights, cramps)


def design_effect(a: Series, b: Series) -> float:
    """Return the factor by which autocorrelation inflates the variance of the covariance of two unrelated series.

    It is one plus twice the sum over the lags of the product of both autocorrelations, over the nights known in both;
    at least one.
    """
    known = ~(np.isnan(a) | np.isnan(b))
    nights = int(known.sum())
    centred = [np.where(known, series - series[known].mean(), 0.0) for series in (a, b)]
    lags = range(1, min(int(len(a) * MAX_LAG_SHARE), MAX_LAG) + 1)
    squares = [float(series @ series) for series in centred]
    if not all(squares):
        return 1.0
    total = 0.0
    for lag in lags:
        pairs = int((known[lag:] & known[:-lag]).sum())
        if pairs >= nights * MAX_LAG_SHARE:
            product = [float(series[lag:] @ series[:-lag]) for series in centred]
            total += nights / pairs * product[0] / squares[0] * product[1] / squares[1]
    return max(1.0, 1 + 2 * total)


def _share(cramp: Series) -> Share:
    return Share(int(cramp.sum()), len(cramp))


def _wilson(share: Share, design_effect: float, level: float) -> tuple[float, float, float]:
    """Return a share and its Wilson score interval."""
    effective = share.nights / design_effect
    z = _z(1 - level)
    p = share.cramps / share.nights
    middle = (p + z**2 / (2 * effective)) / (1 + z**2 / effective)
    half = z / (1 + z**2 / effective) * sqrt(p * (1 - p) / effective + z**2 / (4 * effective**2))
    return p, max(0.0, middle - half), min(1.0, middle + half)


@cache
def _z(p: float) -> float:
    """Return the standard normal value that is exceeded, in either direction, with probability ``p``."""
    return -NormalDist().inv_cdf(max(p, float_info.min) / 2)
