"""Do two yes/no series of nights go together? For few nights, missing nights, and bad nights that come in runs."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact, norm

Series = NDArray[np.float64]
"""One value for each calendar night, in order: 1 yes, 0 no, NaN not known."""

MOST_LAGS: Final = 28
"""Runs are looked for up to this many nights,"""
LAGS: Final = 1 / 4
"""and up to this share of the series: beyond it too few pairs are left."""


@dataclass(frozen=True, slots=True)
class Share:
    """Nights with a cramp, of how many."""

    cramps: int
    nights: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of cramp nights with a factor less the share without it, from -1 to 1."""

    estimate: float
    low: float
    high: float
    level: float
    """Of the interval: 0.95 for 95 %."""


@dataclass(frozen=True, slots=True)
class Association:
    """A factor and the cramp, over the nights on which both are known."""

    given: Share
    """With the factor."""
    otherwise: Share
    """Without it."""
    runs: float
    """How many nights in a row are worth one night by itself; 1 where nights do not depend on each other."""
    p: float
    """Two-sided."""

    def difference(self, level: float = 0.95) -> Difference:
        """Newcombe's hybrid score interval of a difference of two shares (Newcombe 1998, method 10), on the number of
        nights that they are worth."""
        (p, low_p, high_p), (q, low_q, high_q) = (
            _wilson(share, self.runs, level) for share in (self.given, self.otherwise)
        )
        estimate = p - q
        low = estimate - sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
        high = estimate + sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
        return Difference(estimate, max(-1.0, low), min(1.0, high), level)


def associate(factor: Series, cramp: Series) -> Association:
    """Compare the nights with ``factor`` to those without; each must be there at least once, else ValueError.

    Fisher's exact test, whose z is divided by the root of ``runs``: where bad nights come in runs, and so does the
    factor, neighbouring nights tell less than as many separate ones (Bayley and Hammersley 1946; Dutilleul 1993).
    """
    known = ~(np.isnan(factor) | np.isnan(cramp))
    given, otherwise = (_share(cramp[known & (factor == value)]) for value in (1, 0))
    if not given.nights or not otherwise.nights:
        raise ValueError("a factor that never changes cannot be compared")
    table = [[share.cramps, share.nights - share.cramps] for share in (given, otherwise)]
    exact = min(float(fisher_exact(table).pvalue), 1.0)
    runs = variance_inflation(factor, cramp)
    return Association(given, otherwise, runs, float(2 * norm.sf(norm.isf(exact / 2) / sqrt(runs))))


def variance_inflation(a: Series, b: Series) -> float:
    """How many times more the covariance of two unrelated series varies than if their nights were independent.

    One plus twice the sum over the lags of the product of both autocorrelations, on the nights that are known in both;
    never under one.
    """
    known = ~(np.isnan(a) | np.isnan(b))
    nights = int(known.sum())
    centred = [np.where(known, series - series[known].mean(), 0.0) for series in (a, b)]
    lags = range(1, min(int(len(a) * LAGS), MOST_LAGS) + 1)
    squares = [float(series @ series) for series in centred]
    if not all(squares):
        return 1.0
    total = 0.0
    for lag in lags:
        pairs = int((known[lag:] & known[:-lag]).sum())
        if pairs >= nights * LAGS:
            product = [float(series[lag:] @ series[:-lag]) for series in centred]
            total += nights / pairs * product[0] / squares[0] * product[1] / squares[1]
    return max(1.0, 1 + 2 * total)


def _share(cramp: Series) -> Share:
    return Share(int(cramp.sum()), len(cramp))


def _wilson(share: Share, runs: float, level: float) -> tuple[float, float, float]:
    """A share and Wilson's interval of it."""
    worth = share.nights / runs
    z = float(norm.isf((1 - level) / 2))
    p = share.cramps / share.nights
    middle = (p + z**2 / (2 * worth)) / (1 + z**2 / worth)
    half = z / (1 + z**2 / worth) * sqrt(p * (1 - p) / worth + z**2 / (4 * worth**2))
    return p, max(0.0, middle - half), min(1.0, middle + half)
