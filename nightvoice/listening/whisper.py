"""Whether somebody whispers: a whisper has no pitch."""

from typing import Final

import numpy as np

from nightvoice.audio.frames import RATE, Samples

_FRAME: Final = 640
"""Samples of a frame: 40 ms."""
_LAGS: Final = slice(RATE // 350, RATE // 70)
"""Periods of voices, in samples."""
_PERIODIC: Final = 0.5
"""Likeness of a frame to itself one period later, from which it is voiced."""
_VOICED_SHARE: Final = 0.12
"""Of its louder frames, that speech with a voice has at least."""


def is_whispered(samples: Samples) -> bool:
    """Whether the speech in ``samples`` (16 kHz) is without a voice: of its louder half hardly a frame has a pitch."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    if not len(frames):
        return False
    energy = np.square(frames).mean(axis=1)
    loud = frames[energy >= np.median(energy)]
    loud = loud - loud.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(loud, n=2 * _FRAME, axis=1)
    likeness = np.fft.irfft(np.square(np.abs(spectrum)), axis=1)[:, :_FRAME]
    # Later lags overlap less.
    likeness /= np.maximum(likeness[:, :1], 1e-9) * (1 - np.arange(_FRAME) / _FRAME)
    voiced = likeness[:, _LAGS].max(axis=1) >= _PERIODIC
    return bool(voiced.mean() < _VOICED_SHARE)
