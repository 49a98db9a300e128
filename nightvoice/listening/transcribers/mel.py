"""The log mel spectrogram that Whisper reads (Radford 2022; the filters are Slaney's, as in librosa)."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import RATE, Samples

BANDS: Final = 80
HOP: Final = 160
WINDOW: Final = 400
RANGE: Final = 8.0
"""Powers of ten below the loudest that are kept."""

Mel = NDArray[np.float32]
"""(bands, frames of 10 ms)."""


def log_mel(sound: Samples, seconds: int) -> Mel:
    """Return the spectrogram of the last ``seconds`` of ``sound``; silence follows shorter sound."""
    length = seconds * RATE
    kept = sound[-length:].astype(np.float32) / 32768
    padded = np.pad(np.pad(kept, (0, length - len(kept))), WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[:length:HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW + 1)[:-1], axis=1)) ** 2
    log = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    return np.asarray((np.maximum(log, log.max() - RANGE) + 4) / 4, np.float32)


@cache
def _filters() -> NDArray[np.float64]:
    """Return triangles of equal area, (bands, frequencies): linear up to 1 kHz, then logarithmic."""
    frequencies = np.fft.rfftfreq(WINDOW, 1 / RATE)
    corners = _hertz(np.linspace(0, _mels(RATE / 2), BANDS + 2))
    slopes = corners[:, None] - frequencies
    rising, falling = -slopes[:-2] / np.diff(corners)[:-1, None], slopes[2:] / np.diff(corners)[1:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (corners[2:] - corners[:-2]))[:, None]


_LINEAR_HZ: Final = 200 / 3
"""Hertz per mel up to 1 kHz, which is 15 mels."""
_STEP: Final = np.log(6.4) / 27


def _mels(hertz: float) -> float:
    return hertz / _LINEAR_HZ if hertz < 1000 else 15 + float(np.log(hertz / 1000)) / _STEP


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mels < 15, mels * _LINEAR_HZ, 1000 * np.exp(_STEP * (mels - 15)))
