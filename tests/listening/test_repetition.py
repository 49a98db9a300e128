"""Who was nearly heard and says it again is heard; a noise that comes again and again is not."""

from collections.abc import Callable
from dataclasses import replace
from itertools import repeat

import numpy as np
import pytest

from nightvoice.assembly import build_pipeline
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Decision, Verdict, decide
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.evidence import Attempt, Candidate, Evidence
from nightvoice.listening.pipeline import SpeechPipeline
from nightvoice.listening.repetition import REMEMBERED_S, LatestAttempt
from nightvoice.understanding.recognizer import IntentRecognizer
from tests.listening.test_pipeline import Reader

THRESHOLDS = engine_spec("moonshine", EngineOptions()).thresholds
NEXT = Candidate("next", "next", decoder_score=0.3, classifier_score=0.2)
LEFT = Candidate("site", "left calf", 0.3, 0.2, {"site": "calf", "side": "left"})
UNCLEAR = Hypothesis((Alternative("next", 0.3),), Alternative("necks", 0.6), {"next": 0.2}, 0.9)


def guiding(candidate: Candidate, earlier: Attempt | None = None) -> Evidence:
    return Evidence((candidate,), None, "guiding", earlier=earlier)


def test_the_same_meaning_is_supported_wherever_the_cramp_is() -> None:
    cramp = replace(LEFT, intent="cramp")
    assert Attempt(NEXT, 2.0).support_for(NEXT) == 2
    assert Attempt(NEXT, 2.0).support_for(replace(NEXT, intent="stop")) == 0
    assert Attempt(LEFT, 2.0).support_for(replace(LEFT, slots={"site": "calf", "side": "right"})) == 0
    assert Attempt(cramp, 2.0).support_for(replace(cramp, slots={"site": "arch"})) == 2


def test_the_nearer_it_was_the_more_it_supports() -> None:
    for margin, support in ((-0.5, THRESHOLDS.reach - 0.5), (-3.0, THRESHOLDS.reach - 3), (-THRESHOLDS.reach, None)):
        attempts = LatestAttempt(THRESHOLDS.reach)
        attempts.learn(Decision(Verdict.REJECTED, NEXT, margin), guiding(NEXT), "")
        assert attempts.at("guiding", "") == (None if support is None else Attempt(NEXT, support))


def test_said_twice_it_is_heard() -> None:
    first = decide(guiding(NEXT), THRESHOLDS)
    assert (first.verdict, first.intent) == (Verdict.REJECTED, "next")
    attempts = LatestAttempt(THRESHOLDS.reach)
    attempts.learn(first, guiding(NEXT), "")
    assert decide(guiding(NEXT, attempts.at("guiding", "")), THRESHOLDS).verdict is Verdict.HEARD
    own = replace(guiding(NEXT, attempts.at("guiding", "")), speaking="Next, the other foot.")
    assert decide(own, THRESHOLDS).verdict is Verdict.REJECTED


def test_a_cramp_that_falls_far_short_twice_is_asked_about() -> None:
    cramp = Candidate("cramp", "i have a cramp", decoder_score=0.5, classifier_score=0.05)
    idle = Evidence((cramp,), None, "idle")
    first = decide(idle, THRESHOLDS)
    assert first.verdict is Verdict.REJECTED
    again = decide(replace(idle, earlier=Attempt(cramp, THRESHOLDS.reach + first.margin)), THRESHOLDS)
    assert again.verdict is Verdict.DOUBTFUL


def test_a_noise_that_comes_again_and_again_is_not_believed_in_the_end() -> None:
    noise = replace(NEXT, classifier_score=0.05)
    attempts = LatestAttempt(THRESHOLDS.reach)
    for _ in range(10):
        evidence = guiding(noise, attempts.at("guiding", ""))
        decision = decide(evidence, THRESHOLDS)
        assert decision.verdict is Verdict.REJECTED
        attempts.learn(decision, evidence, "")


@pytest.mark.parametrize(
    ("state", "question", "after_s", "counts"),
    [
        ("triage", "Can you feel your foot?", 10.0, True),
        ("triage", "Can you feel your foot?", REMEMBERED_S + 1, False),
        ("triage", "Is it swollen?", 1.0, False),
        ("guiding", "", 1.0, False),
    ],
)
def test_it_counts_for_a_while_and_as_an_answer_to_the_same_question(
    state: str, question: str, after_s: float, counts: bool
) -> None:
    attempts, no = LatestAttempt(THRESHOLDS.reach), replace(NEXT, intent="no", text="no")
    attempts.learn(Decision(Verdict.REJECTED, no, -1.0), Evidence((no,), None, "triage"), "Can you feel your foot?")
    for _ in range(round(after_s / FRAME_S)):
        attempts.push()
    assert (attempts.at(state, question) is not None) is counts


def test_what_was_acted_on_ends_the_attempts_and_a_cough_does_not() -> None:
    attempts = LatestAttempt(THRESHOLDS.reach)
    attempts.learn(Decision(Verdict.REJECTED, NEXT, -1.0), guiding(NEXT), "")
    attempts.learn(Decision(Verdict.REJECTED), guiding(NEXT), "")
    assert attempts.at("guiding", "") == Attempt(NEXT, THRESHOLDS.reach - 1)
    attempts.learn(Decision(Verdict.HEARD, NEXT, 0.5), guiding(NEXT), "")
    assert attempts.at("guiding", "") is None


@pytest.mark.parametrize(("pause_s", "heard"), [(4.0, True), (REMEMBERED_S + 2, False)])
def test_the_ears_remember_it_between_two_utterances(
    pause_s: float, heard: bool, speak: Callable[..., Samples], recognizer: IntentRecognizer
) -> None:
    pipeline = SpeechPipeline(Reader(repeat(UNCLEAR)), THRESHOLDS, recognizer)
    assert verdicts(pipeline, speak("next"), pause_s) == [
        Verdict.REJECTED,
        Verdict.HEARD if heard else Verdict.REJECTED,
    ]


def test_calibration_judges_each_repetition_by_itself(
    speak: Callable[..., Samples], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(engine_spec("moonshine", EngineOptions()), make=lambda _: Reader(repeat(UNCLEAR)))
    monkeypatch.setattr("nightvoice.listening.engines.registry.engine_spec", lambda *_: spec)
    for calibrating, again in ((True, Verdict.REJECTED), (False, Verdict.HEARD)):
        pipeline = build_pipeline(Config(), calibrating=calibrating, cramps_only=True)
        assert verdicts(pipeline, speak("next"), 4.0) == [Verdict.REJECTED, again]


def verdicts(pipeline: SpeechPipeline, words: Samples, pause_s: float) -> list[Verdict]:
    """What is made of the words, said twice."""
    sound = np.concatenate([words, np.zeros(round(pause_s * RATE), np.int16), words])
    results = [
        pipeline.hear(sound[at : at + FRAME_SAMPLES], "guiding", None)
        for at in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    ]
    return [each.verdict for each in results if each is not None]
