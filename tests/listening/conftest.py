"""Phrases spoken by hibari as a microphone would record them."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import soxr
from hibari import Hibari

from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples

Speak = Callable[..., Samples]


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
