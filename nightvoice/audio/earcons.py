"""The short soft sign for the ear at night: low, with a gentle attack, over before it can cover a word."""

from typing import Final

import numpy as np

from nightvoice.audio.frames import Samples

RATE: Final = 24_000
SECONDS: Final = 0.14
PITCHES: Final = (262.0, 330.0)
"""Hz."""
_PEAK: Final = 0.2


def your_turn() -> Samples:
    """After a question: two notes that rise (mono at RATE)."""
    length = round(SECONDS * RATE / 2)
    t = np.arange(length) / RATE
    # A raised-cosine envelope has neither click nor edge.
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    notes = [envelope * np.sin(2 * np.pi * pitch * t) for pitch in PITCHES]
    return np.round(np.concatenate(notes) * (_PEAK * 32767)).astype(np.int16)
