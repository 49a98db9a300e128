"""Whatever is said, whenever, by whomever: none of the twelve rules is broken, and each rule can fail."""

import pytest
from any_night import AnyNight
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from mutants import MUTANTS, Mutant, killed
from rules import RULES

STEPS = 200_000
"""Turns of the guide that the rules are held against at least."""
EXAMPLES = 700


def test_no_night_breaks_a_rule() -> None:
    AnyNight.steps = 0
    run_state_machine_as_test(
        AnyNight,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert AnyNight.steps >= STEPS


def test_every_rule_has_a_guard_that_can_be_taken_out() -> None:
    assert {mutant.rule for mutant in MUTANTS} == set(RULES)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.rule}: {mutant.guard}")
def test_the_rule_fails_without_its_guard(mutant: Mutant) -> None:
    assert killed(mutant) is not None, "nothing noticed that the guard is gone"
