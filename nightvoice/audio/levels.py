"""Sound levels of the microphone, as ``doctor`` reports them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from nightvoice.audio.frames import FRAME_SAMPLES, Samples

SILENT_DBFS: Final = -100.0
"""Level reported for digital silence; every 16-bit sample except zero is louder."""


@dataclass(frozen=True, slots=True)
class SoundLevels:
    """Levels of a recording, in dB relative to full scale (dBFS)."""

    rms: float
    peak: float
    noise_floor: float
    """Level of the quietest tenth of the frames."""
    clipped: float
    """Share of samples at full scale, 0..1."""


def measure(sound: Samples) -> SoundLevels:
    """Measure mono 16-bit ``sound``, shape (n,), n > 0."""
    wave = sound.astype(np.float64) / 32768
    frames = (
        wave[: len(wave) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        if len(wave) >= FRAME_SAMPLES
        else wave[None]
    )
    return SoundLevels(
        rms=dbfs(float(np.sqrt(np.mean(wave**2)))),
        peak=dbfs(float(np.abs(wave).max())),
        noise_floor=dbfs(float(np.quantile(np.sqrt(np.mean(frames**2, axis=1)), 0.1))),
        clipped=float(np.mean(np.abs(wave) >= 32767 / 32768)),
    )


def dbfs(amplitude: float) -> float:
    """Return the level of ``amplitude`` in dB relative to full scale (1.0)."""
    return max(SILENT_DBFS, 20 * float(np.log10(amplitude))) if amplitude > 0 else SILENT_DBFS
