"""One tip a day: for everybody something, for nobody what is not for them."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.loader import load_pack
from nightvoice.content.tips import TimeOfDay, tip_for

TIPS = load_pack().tips
DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(200)]
TIMES: tuple[TimeOfDay, ...] = ("morning", "evening")


@pytest.mark.parametrize("when", TIMES)
def test_every_fitting_tip_comes_in_turn_and_never_twice_running(when: TimeOfDay) -> None:
    told = [tip_for(TIPS, day, when) for day in DAYS]
    counts = Counter(tip.id for tip in told if tip)
    assert set(counts) == {tip.id for tip in TIPS if when in tip.when and not tip.only_with}
    assert max(counts.values()) - min(counts.values()) <= 1
    assert all(one != two for one, two in pairwise(told))


def test_the_same_day_has_the_same_tip() -> None:
    assert tip_for(TIPS, DAYS[3], "morning") == tip_for(TIPS, DAYS[3], "morning")
    assert tip_for((), DAYS[3], "morning") is None


@pytest.mark.parametrize("condition", CONDITIONS)
def test_nobody_hears_what_is_not_for_them(condition: str) -> None:
    for when in TIMES:
        for day in DAYS:
            tip = tip_for(TIPS, day, when, frozenset({condition}))
            assert tip is not None
            assert condition not in tip.not_with
            assert not tip.only_with or condition in tip.only_with


@pytest.mark.parametrize(
    ("condition", "claims"),
    [
        ("kidney_disease", {"hydrate"}),
        ("heart_disease", {"hydrate"}),
        ("neuropathy", {"warmth", "bedtime-massage"}),
        ("pregnant", {"bedtime-massage"}),
        ("fall_risk", {"bike", "daytime-walk"}),
    ],
)
def test_the_rules_about_conditions_hold(condition: str, claims: set[str]) -> None:
    """Rules 6, 9 and 10 of the clinical reference."""
    told = {tip.claim for when in TIMES for day in DAYS if (tip := tip_for(TIPS, day, when, frozenset({condition})))}
    assert not told & claims


def test_every_condition_that_has_its_own_tip_hears_it() -> None:
    own = {condition for tip in TIPS for condition in tip.only_with}
    assert own >= {"pregnant", "diabetes", "kidney_disease", "arterial_disease"}
