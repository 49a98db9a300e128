"""Calibration: what it may and may not do to the bar."""

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightvoice.config.choices import ENGINES
from nightvoice.errors import NightvoiceError
from nightvoice.listening.calibration import (
    MAX_LOWERING,
    MAX_RAISING,
    NOISE_MARGIN,
    Calibration,
    load,
    margin_of,
    shift_for,
    store,
)
from nightvoice.listening.decision import Verdict, decide
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.evidence import Candidate, Evidence

THRESHOLDS = {name: engine_spec(name, EngineOptions()).thresholds for name in ENGINES.names()}
KEPT = Calibration("moonshine", 0.7, 8, 6, 8, -3.0, "2026-03-01T22:00:00+01:00")
MARGIN = st.floats(-30, 30) | st.just(-inf)


@given(st.lists(MARGIN, min_size=3, max_size=12), st.lists(st.floats(-30, 30), max_size=5))
def test_never_beyond_its_limits(said: list[float], noise: list[float]) -> None:
    assert -MAX_RAISING <= shift_for(said, noise) <= MAX_LOWERING


def test_a_faint_voice_is_helped_as_far_as_the_room_allows() -> None:
    faint = [-0.2, -0.1, 0.3, 0.1, -0.3]
    assert shift_for(faint, []) == pytest.approx(0.7)
    assert shift_for(faint, [-1.9]) == pytest.approx(1.9 - NOISE_MARGIN)
    assert shift_for(faint, [-1.0]) == -MAX_RAISING


def test_a_clear_voice_lets_the_bar_be_raised_and_one_slip_changes_nothing() -> None:
    assert shift_for([5, 6, 7, 5, 6], []) == -MAX_RAISING
    assert shift_for([1, 1, 1, 1, -8], []) == 0
    assert shift_for([-inf] * 5, []) == 0


def test_two_repetitions_are_too_few() -> None:
    with pytest.raises(NightvoiceError, match="at least 3 times"):
        shift_for([1.0, 1.0], [])


@pytest.mark.parametrize("engine", THRESHOLDS)
def test_the_shift_is_what_the_decision_is_moved_by(engine: str) -> None:
    thresholds = THRESHOLDS[engine]
    evidence = Evidence((Candidate("cramp", "i have a cramp", 0.6, 0.6),), None, "idle")
    margin = decide(evidence, thresholds).margin
    assert decide(evidence, thresholds.with_bias(0.4)).margin == pytest.approx(margin + 0.4)
    command = replace(evidence, candidates=(Candidate("next", "next", 0.6, 0.6),), state="guiding")
    assert decide(command, thresholds.with_bias(0.4)) == decide(command, thresholds)


def test_what_is_kept_is_for_these_ears_and_within_limits(tmp_path: Path) -> None:
    file = tmp_path / "state" / "calibration.json"
    assert load(file, "moonshine") is None
    store(file, KEPT)
    assert load(file, "moonshine") == KEPT
    assert load(file, "vosk") is None
    store(file, replace(KEPT, shift=5.0))
    assert load(file, "moonshine") is None
    file.write_text("{")
    assert load(file, "moonshine") is None


def test_a_score_tells_its_margin() -> None:
    assert margin_of(0.5) == 0
    assert margin_of(0.7311) == pytest.approx(1, abs=0.01)
    sure = Evidence((), Candidate("cramp", "", 0.0, 1.0), "idle")
    assert decide(sure, THRESHOLDS["moonshine"]).verdict is Verdict.HEARD
