"""The benchmarks' curve: what a stricter setting would have made of the evidence, not of the first decision."""

from dataclasses import replace

import numpy as np
import pytest

from nightvoice.audio.frames import Samples
from nightvoice.listening.decision import Decision, Verdict, decide
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.evidence import Candidate, Evidence
from scripts.bench import replay
from scripts.bench.replay import NEVER, Utterance, overheard

THRESHOLDS = engine_spec("moonshine", EngineOptions()).thresholds


def cramp(score: float, pause: float) -> Evidence:
    found = Candidate("cramp", "i have a cramp", score, score)
    return Evidence((found,), replace(found, text="", decoder_score=0.0), "idle", pause_progress=pause)


def utterance(*evidence: Evidence) -> Utterance:
    return Utterance(evidence, THRESHOLDS, 0.5)


def test_a_stricter_setting_believes_what_the_pause_makes_surer() -> None:
    early, late = cramp(0.9, 0.3), cramp(0.98, 1)
    both = utterance(early, late)
    assert decide(early, THRESHOLDS).verdict is Verdict.HEARD
    assert both.cramp_margin == utterance(late).cramp_margin > utterance(early).cramp_margin + 2
    assert both.heard(both.cramp_margin)
    assert not both.heard(both.cramp_margin + 0.1)


def test_its_margin_is_that_of_the_decision() -> None:
    late = cramp(0.98, 1)
    assert utterance(late).cramp_margin == pytest.approx(decide(late, THRESHOLDS).margin, abs=0.02)
    assert utterance(cramp(0.001, 1)).cramp_margin == NEVER


class Pauses:
    """Stands for the product: decides on the given evidence, one or more a frame."""

    def __init__(self, frames: list[list[Evidence]]) -> None:
        self._frames = frames

    def hear(self, sound: Samples, state: str) -> None:
        for evidence in self._frames:
            replay.pipeline.SpeechPipeline.hear(self, evidence)


def test_the_last_decision_of_a_frame_counts_and_utterances_end_with_their_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hear(product: Pauses, evidence: list[Evidence]) -> list[Decision]:
        return [replay.pipeline.decide(each, THRESHOLDS, 0.5) for each in evidence]

    monkeypatch.setattr(replay.pipeline.SpeechPipeline, "hear", hear)
    unread, read, final, partial = cramp(0.1, 1), cramp(0.9, 1), cramp(0.5, 1), cramp(0.6, 0.5)
    product = Pauses([[cramp(0.2, 0.5)], [unread, read], [], [final], [partial]])
    found = overheard(product, np.zeros(0, np.int16), "idle")  # type: ignore[arg-type]
    assert [each.evidence for each in found] == [(cramp(0.2, 0.5), read), (final,), (partial,)]
    assert {each.thresholds for each in found} == {THRESHOLDS}
