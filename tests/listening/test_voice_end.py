"""Where an utterance's voice ends: noise that runs on is cut off, and no voice is."""

from collections.abc import Callable

import numpy as np
import pytest

from nightvoice.audio.frames import RATE, Samples
from nightvoice.listening.engines.moonshine.engine import MoonshineEngine
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.voice_end import without_tail
from nightvoice.understanding.recognizer import IntentRecognizer


def noise(seconds: float, level: float) -> Samples:
    return np.random.default_rng(2).normal(0, level, round(seconds * RATE)).astype(np.int16)


def test_noise_after_the_voice_is_cut_off_soon_after_it() -> None:
    sound = np.concatenate([noise(0.4, 200), noise(0.7, 1600), noise(1.5, 200)])
    assert len(without_tail(sound)) / RATE == pytest.approx(0.4 + 0.7 + 0.3, abs=0.04)


@pytest.mark.parametrize(
    "sound",
    [
        np.concatenate([noise(0.7, 1600), noise(0.29, 200)]),
        np.concatenate([noise(0.7, 1600), noise(1.5, 900)]),
        np.concatenate([noise(1, level) for level in (1600, 1200, 900)]),
        noise(0.01, 100),
        noise(0, 0),
    ],
    ids=["short tail", "loud noise", "a voice that falls", "less than a frame", "nothing"],
)
def test_nothing_else_is_cut_off(sound: Samples) -> None:
    assert len(without_tail(sound)) == len(sound)


@pytest.mark.parametrize(("text", "intent"), [("next", "next"), ("wait", "pause")])
def test_a_command_is_classified_alike_however_long_the_noise_runs_on(
    text: str, intent: str, speak: Callable[..., Samples], recognizer: IntentRecognizer
) -> None:
    engine = engine_spec("moonshine", EngineOptions()).make(EngineOptions())
    assert isinstance(engine, MoonshineEngine)
    words = speak(text)[round(0.7 * RATE) : -RATE]
    for seconds in (0.2, 0.8, 1.5):
        engine.start(recognizer.grammar("guiding"))
        engine.accept(np.concatenate([words, noise(seconds, 250)]))
        intents = engine.final().intents
        assert intents is not None
        assert intents[intent] > 0.9, seconds
