"""No random night breaks one of the twelve rules, and each rule notices when its guard is missing."""

import pytest

from tests.dialogue.any_night import play
from tests.dialogue.bedroom import ALL
from tests.dialogue.directed_nights import play_directed
from tests.dialogue.mutants import MUTANTS, Mutant, killed
from tests.dialogue.rules import RULES
from tests.dialogue.sense_mutants import SENSE_MUTANTS
from tests.dialogue.sense_rules import SENSE_RULES

STEPS = 200_000
"""Minimum number of steps of the guide that are checked."""
ALL_MUTANTS = MUTANTS + SENSE_MUTANTS
NIGHTS = 800
"""The same nights each time the same tests run; scripts/bench/guide.py makes up others."""


@pytest.mark.slow
def test_no_night_breaks_a_rule() -> None:
    assert play(NIGHTS, same=True) >= STEPS


@pytest.mark.slow
def test_no_planned_night_breaks_a_rule() -> None:
    assert play_directed(ALL) >= STEPS


def test_every_rule_has_a_guard_that_can_be_taken_out() -> None:
    assert {mutant.rule for mutant in ALL_MUTANTS} == set(RULES | SENSE_RULES)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", ALL_MUTANTS, ids=lambda mutant: f"{mutant.rule}: {mutant.guard}")
def test_the_rule_fails_without_its_guard(mutant: Mutant) -> None:
    assert killed(mutant) is not None, "nothing noticed that the guard is gone"
