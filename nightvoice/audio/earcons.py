"""Short soft signs for the ear at night: low, with a gentle attack, over before they can cover a word."""

from typing import Final

import numpy as np

from nightvoice.audio.frames import Samples

RATE: Final = 24_000
SECONDS: Final = 0.14
_PEAK: Final = 0.2


def heard() -> Samples:
    """ "I heard you": two notes that rise (mono at RATE)."""
    return _notes(262.0, 330.0)


def doubt() -> Samples:
    """ "I am not sure": one low note."""
    return _notes(220.0)


def done() -> Samples:
    """ "That is done, good night": two notes that fall."""
    return _notes(330.0, 262.0)


def _notes(*pitches: float) -> Samples:
    length = round(SECONDS * RATE / len(pitches))
    t = np.arange(length) / RATE
    # A raised-cosine envelope has neither click nor edge.
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    notes = [envelope * np.sin(2 * np.pi * pitch * t) for pitch in pitches]
    return np.round(np.concatenate(notes) * (_PEAK * 32767)).astype(np.int16)
