"""The statistics behind the patterns, compared with published figures and theory."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nightvoice.insight.association import Association, Share, associate, design_effect, fisher_exact
from nightvoice.insight.patterns import corrected_for_many

YES_NO_UNKNOWN = st.sampled_from([1.0, 0.0, np.nan])


@pytest.mark.parametrize(
    ("given_", "otherwise", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 1998;17:873, table II, method 10.
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_matches_newcombe(given_: Share, otherwise: Share, low: float, high: float) -> None:
    difference = Association(given_, otherwise, design_effect=1, p=1).difference()
    assert (difference.low, difference.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_clustered_nights_widen_the_interval() -> None:
    alone, in_runs = (Association(Share(20, 40), Share(10, 50), runs, 1).difference() for runs in (1, 3))
    assert in_runs.low < alone.low < alone.estimate < alone.high < in_runs.high
    assert in_runs.estimate == alone.estimate


def test_the_design_effect_matches_theory() -> None:
    """If values stay the same for five nights, pairs at lag k are equal in (5 - k) / 5 of cases."""
    random = np.random.default_rng(3)
    a, b = (np.repeat(random.integers(0, 2, 4000), 5).astype(float) for _ in range(2))
    theory = 1 + 2 * sum(((5 - lag) / 5) ** 2 for lag in range(1, 5))
    assert design_effect(a, b) == pytest.approx(theory, rel=0.05)
    assert design_effect(a, random.permutation(b)) == pytest.approx(1, abs=0.1)


def test_the_design_effect_allows_for_missing_nights() -> None:
    random = np.random.default_rng(3)
    a, b = (np.repeat(random.integers(0, 2, 4000), 5).astype(float) for _ in range(2))
    b[random.random(len(b)) < 0.3] = np.nan
    # At every lag, pairs are known 0.7 times as often as nights.
    theory = 1 + 2 * 0.7 * sum(((5 - lag) / 5) ** 2 for lag in range(1, 5))
    assert design_effect(a, b) == pytest.approx(theory, rel=0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_many_factors_are_corrected_for_their_number(values: list[float]) -> None:
    assert corrected_for_many(values) == pytest.approx(stats.false_discovery_control(values).tolist())


@settings(deadline=None)
@given(st.lists(st.tuples(YES_NO_UNKNOWN, YES_NO_UNKNOWN), min_size=1, max_size=60))
def test_any_nights_can_be_compared(pairs: list[tuple[float, float]]) -> None:
    factor, cramp = np.array(pairs).T
    known = [(a, b) for a, b in pairs if not np.isnan([a, b]).any()]
    table = [[sum(pair == (a, b) for pair in known) for b in (1, 0)] for a in (1, 0)]
    if not all(sum(row) for row in table):
        with pytest.raises(ValueError, match="never changes"):
            associate(factor, cramp)
        return
    found = associate(factor, cramp)
    assert [found.given, found.otherwise] == [Share(row[0], sum(row)) for row in table]
    # Never more certain than the exact test, and equal to it for independent nights.
    exact = min(1.0, float(stats.fisher_exact(table).pvalue))
    assert fisher_exact(found.given, found.otherwise) == pytest.approx(exact)
    assert exact - 1e-9 <= found.p <= 1
    assert found.design_effect > 1 or found.p == pytest.approx(exact)
    difference = found.difference()
    assert -1 <= difference.low <= difference.estimate <= difference.high <= 1
