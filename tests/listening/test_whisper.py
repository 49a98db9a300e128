"""A whisper is known by its want of pitch."""

import numpy as np
import pytest

from nightvoice.audio.frames import RATE, Samples
from nightvoice.listening.whisper import is_whispered


def breathed(sound: Samples) -> Samples:
    """Noise that rises and falls as the words do."""
    envelope = np.sqrt(np.convolve(sound.astype(float) ** 2, np.ones(400) / 400, "same"))
    return (np.random.default_rng(1).normal(size=len(sound)) * envelope).astype(np.int16)


@pytest.mark.parametrize("text", ["I have a cramp in my left calf", "yes", "it is getting worse"])
def test_a_voice_is_no_whisper_and_breath_is_one(speak, text: str) -> None:
    words = speak(text)[RATE // 2 : -RATE // 2]
    assert not is_whispered(words)
    assert is_whispered(breathed(words))


def test_no_sound_is_no_whisper() -> None:
    assert not is_whispered(np.zeros(0, dtype=np.int16))
