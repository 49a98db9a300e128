"""Beside an episode, a television that is much fainter than the person is not answered."""

from collections.abc import Callable
from itertools import repeat

import numpy as np
import pytest

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.person_level import FAINTER_DB, PersonLevel
from nightvoice.listening.pipeline import SpeechPipeline
from tests.listening.test_pipeline import Reader

NEXT = Hypothesis((Alternative("next", 0.8),), Alternative("Next.", 0.8), {"next": 0.6}, 0.9)
CRAMP = Hypothesis((Alternative("i have a cramp", 0.9),), Alternative("I have a cramp.", 0.9), {"cramp": 0.95}, 0.9)


def test_nobody_is_far_until_somebody_was_heard() -> None:
    person = PersonLevel()
    assert not person.is_far(-90.0)
    person.learn(float("nan"))
    assert not person.is_far(-90.0)
    person.learn(60.0)
    person.learn(float("nan"))
    assert person.is_far(60.0 - FAINTER_DB)
    assert not person.is_far(61.0 - FAINTER_DB)


def test_who_called_out_loud_and_goes_on_quietly_is_no_longer_far() -> None:
    person = PersonLevel()
    person.learn(70.0)
    assert person.is_far(60.0)
    person.learn(62.0)
    assert not person.is_far(60.0)


@pytest.mark.parametrize(("fainter_db", "later", "heard"), [(14, "", False), (3, "", True), (14, "clamp", True)])
def test_words_amid_talk_count_if_they_may_be_the_person_s(
    fainter_db: int, later: str, heard: bool, speak: Callable[..., Samples]
) -> None:
    """``later``: what is said while idle, so that the level of an earlier episode's person no longer counts."""
    factor = 10 ** (-fainter_db / 20)
    talk = np.tile(speak("it was a long day and we went down to the harbour", 1600 * factor)[RATE:-RATE], 10)
    pause = np.zeros(RATE // FRAME_SAMPLES * FRAME_SAMPLES, np.int16)
    hypothesis = [NEXT]
    pipeline = SpeechPipeline(
        Reader(hypothesis[0] for _ in repeat(None)),
        engine_spec("moonshine", EngineOptions()).thresholds,
        build_recognizer(Config()),
    )

    def results(sound: Samples, state: str, hears: Hypothesis) -> list[str]:
        hypothesis[0] = hears
        frames = range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
        found = [pipeline.hear(sound[at : at + FRAME_SAMPLES], state, None) for at in frames]
        return [each.intent for each in found if each is not None and each.verdict is Verdict.HEARD]

    assert results(np.concatenate([talk, pause]), "idle", NEXT) == []
    assert results(np.concatenate([speak("I have a cramp", 1600), pause]), "idle", CRAMP) == ["cramp"]
    if later:
        assert results(np.concatenate([speak(later, 1600), pause]), "idle", NEXT) == []
    fainter = speak("next", 1600 * factor)[RATE:-RATE]
    assert ("next" in results(np.concatenate([pause, fainter, pause]), "guiding", NEXT)) is heard
