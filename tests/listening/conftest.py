"""The bundled English pack, and phrases spoken by hibari as a microphone would record them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
import yaml
from hibari import Hibari

import nightvoice.content
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.understanding.recognizer import IntentRecognizer

PACK = Path(nightvoice.content.__file__).parent / "en" / "intents.yaml"
Speak = Callable[..., Samples]


@pytest.fixture(scope="session")
def pack() -> dict[str, Any]:
    return yaml.safe_load(PACK.read_text())


@pytest.fixture(scope="session")
def recognizer(pack: dict[str, Any]) -> IntentRecognizer:
    return IntentRecognizer(pack)


@pytest.fixture(scope="session")
def speak() -> Speak:
    """``speak(text, rms=1600)``: one second of quiet room, the words, one second of quiet room."""
    voice = Hibari()

    @cache
    def speak(text: str, rms: float = 1600.0) -> Samples:
        words = soxr.resample(voice(text, seed=1), 24_000, RATE)
        words *= rms / np.sqrt(np.mean(words**2))
        sound = np.concatenate([np.zeros(RATE), words, np.zeros(RATE)])
        sound += np.random.default_rng(0).normal(0, 6, len(sound))
        whole = len(sound) // FRAME_SAMPLES * FRAME_SAMPLES
        return np.clip(sound[:whole], -32767, 32767).astype(np.int16)

    return speak
