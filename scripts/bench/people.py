"""Simulated people whose cramps depend on one known factor, or on none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import expit, logit
from scipy.stats import norm

from nightvoice.insight.patterns import SINCE_STRETCHES, STRETCHES, WEEKEND, NightFactors

Missing = Literal["none", "some", "linked"]

CAUSE: Final = "standing"
"""The factor that cramps depend on, if any."""
RISK: Final = 0.25
"""Share of nights with a cramp without that factor, in a median week."""
EFFECTS: Final[Mapping[str, float]] = {
    "none": 0.0,
    "weak": logit(0.40) - logit(RISK),
    "strong": logit(0.75) - logit(RISK),
}
"""How much the cause adds to the log odds: 25 % of nights become 40 %, or 75 %."""
BAD_WEEKS: Final = 1.0
"""Standard deviation of the log odds over the weeks, because cramps come in runs."""
RUNS: Final = 0.85
"""Correlation of two consecutive nights."""
UNANSWERED: Final = 0.1
"""Share of days without tags."""
TAGS: Final[Mapping[str, tuple[float, float]]] = {
    # How often, and how alike two days in a row are.
    CAUSE: (0.35, 0.3),
    "walk": (0.5, 0.6),
    "exercise": (0.3, 0.0),
    "sitting": (0.4, 0.8),
    "coffee": (0.6, 0.7),
    "heels": (0.15, 0.2),
}
_START: Final = date(2026, 1, 5)

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Person:
    """A diary, and the truth behind it."""

    days: list[NightFactors]
    cramp: Array
    """1 or 0 for every night, including those not listened to."""
    observed: NDArray[np.bool_]


def person(nights: int, effect: str, missing: Missing, random: np.random.Generator) -> Person:
    """One person's ``nights``. ``missing`` "some": a quarter of the nights, single ones and whole weeks; "linked":
    also most nights after alcohol, as when somebody then forgets to switch it on."""
    weekday = np.arange(nights) % 7
    weekend = np.isin(weekday, (4, 5))
    factors = {name: _runs(nights, alike, random) > norm.isf(often) for name, (often, alike) in TAGS.items()}
    factors["alcohol"] = random.random(nights) < np.where(weekend, 0.6, 0.15)
    # Stretching begins some day and is then done on most evenings.
    factors[STRETCHES] = (np.arange(nights) >= nights // 3) & (random.random(nights) < 0.75)
    known = {WEEKEND: weekend, SINCE_STRETCHES: np.logical_or.accumulate(factors[STRETCHES])}
    odds = logit(RISK) + EFFECTS[effect] * factors[CAUSE] + BAD_WEEKS * _runs(nights, RUNS, random)
    cramp = (random.random(nights) < expit(odds)).astype(float)
    observed = np.ones(nights, bool)
    if missing != "none":
        observed &= random.random(nights) > 0.1
        observed &= np.repeat(random.random(nights // 7 + 1) > 0.17, 7)[:nights]
    if missing == "linked":
        observed &= ~factors["alcohol"] | (random.random(nights) > 0.7)
    answered = random.random(nights) > UNANSWERED
    days = [
        NightFactors(
            _START + timedelta(days=n),
            bool(cramp[n]) if observed[n] else None,
            {name: bool(there[n]) for name, there in ((factors if answered[n] else {}) | known).items()},
        )
        for n in range(nights)
    ]
    return Person(days, cramp, observed)


def true_difference(effect: str) -> float:
    """Share of cramp nights with the cause minus the share without it, over all weeks."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    weights /= weights.sum()
    weeks = logit(RISK) + BAD_WEEKS * nodes
    return float(weights @ (expit(weeks + EFFECTS[effect]) - expit(weeks)))


def _runs(nights: int, alike: float, random: np.random.Generator) -> Array:
    """Standard normal values whose neighbours have a correlation of ``alike``."""
    steps = random.standard_normal(nights) * np.sqrt(1 - alike**2)
    steps[0] /= np.sqrt(1 - alike**2)
    return np.asarray(lfilter([1], [1, -alike], steps), np.float64)
