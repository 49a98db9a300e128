"""Loudness normalisation and trimming, so that every prompt is equally loud and starts at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import Samples

SPEECH_DBFS: Final = -23.0
"""RMS level of the spoken parts of a prompt after normalisation."""
PEAK_DBFS: Final = -1.0
"""Highest peak; a prompt that would exceed it is made quieter, not clipped."""
_SILENCE_DB: Final = -45.0
"""Silence threshold relative to the loudest 10 ms."""
_WINDOW_S: Final = 0.01
_LEAD_S: Final = 0.01
_TAIL_S: Final = 0.04
"""Faded silence left before (_LEAD_S) and after (_TAIL_S) the speech."""


def trim(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Cut silence off both ends of ``sound`` (mono, shape (n,)), leaving short fades so that nothing clicks."""
    window = max(1, round(_WINDOW_S * rate))
    levels = _levels(sound, window)
    if not levels.any():
        return sound[:0]
    loud = np.flatnonzero(levels > levels.max() * 10 ** (_SILENCE_DB / 20))
    lead, tail = round(_LEAD_S * rate), round(_TAIL_S * rate)
    trimmed = sound[max(0, loud[0] * window - lead) : (loud[-1] + 1) * window + tail].copy()
    fade_in, fade_out = min(lead, len(trimmed)), min(tail, len(trimmed))
    trimmed[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)
    trimmed[-fade_out:] *= np.linspace(1, 0, fade_out, dtype=np.float32)
    return trimmed


def normalise(sound: NDArray[np.float32], rate: int) -> Samples:
    """Scale ``sound`` to SPEECH_DBFS over its spoken parts (pauses do not count), with peaks within PEAK_DBFS."""
    levels = _levels(sound, max(1, round(_WINDOW_S * rate)))
    if not levels.any():
        return np.zeros(len(sound), dtype=np.int16)
    spoken = levels[levels > levels.max() * 0.1]
    gain = min(
        10 ** (SPEECH_DBFS / 20) / float(np.sqrt(np.mean(spoken**2))),
        10 ** (PEAK_DBFS / 20) / float(np.abs(sound).max()),
    )
    return np.round(sound * (gain * 32767)).astype(np.int16)


def _levels(sound: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    """Return the RMS of each window; the last one is padded with silence."""
    padded = np.pad(sound, (0, -len(sound) % window)).reshape(-1, window)
    levels: NDArray[np.float32] = np.sqrt(np.mean(padded**2, axis=1))
    return levels
