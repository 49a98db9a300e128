"""Earcons: short, soft, low sounds with a gentle attack, over before they can cover a word of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nightvoice.audio.frames import Samples

RATE: Final = 24_000
SECONDS: Final = 0.14
PITCHES: Final = (262.0, 330.0)
"""Hz."""
_PEAK: Final = 0.2


def your_turn() -> Samples:
    """Return the earcon that follows a question: two rising notes, mono at RATE."""
    import numpy as np  # noqa: PLC0415 - slow to import, and a silent night needs only SECONDS

    length = round(SECONDS * RATE / 2)
    t = np.arange(length) / RATE
    # A raised-cosine envelope does not click.
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    notes = [envelope * np.sin(2 * np.pi * pitch * t) for pitch in PITCHES]
    return np.round(np.concatenate(notes) * (_PEAK * 32767)).astype(np.int16)
