"""Detects whispered speech by its lack of pitch."""

from typing import Final

import numpy as np

from nightvoice.audio.frames import RATE, Samples

_FRAME: Final = 640
"""Samples per frame: 40 ms."""
_LAGS: Final = slice(RATE // 350, RATE // 70)
"""Pitch periods of voices, in samples: 350 to 70 Hz."""
_VOICED: Final = 0.5
"""Normalised autocorrelation at the pitch period from which a frame is voiced."""
_MIN_VOICED_SHARE: Final = 0.12
"""Share of the louder frames that are voiced in speech that is not whispered."""


def is_whispered(samples: Samples) -> bool:
    """Whether the speech in ``samples`` (16 kHz) is whispered: hardly any frame of its louder half has a pitch."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    if not len(frames):
        return False
    energy = np.square(frames).mean(axis=1)
    loud = frames[energy >= np.median(energy)]
    loud = loud - loud.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(loud, n=2 * _FRAME, axis=1)
    autocorrelation = np.fft.irfft(np.square(np.abs(spectrum)), axis=1)[:, :_FRAME]
    # Longer lags overlap less, so divide by the overlap.
    autocorrelation /= np.maximum(autocorrelation[:, :1], 1e-9) * (1 - np.arange(_FRAME) / _FRAME)
    voiced = autocorrelation[:, _LAGS].max(axis=1) >= _VOICED
    return bool(voiced.mean() < _MIN_VOICED_SHARE)
