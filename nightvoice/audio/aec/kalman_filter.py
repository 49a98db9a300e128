"""A frequency-domain Kalman filter that learns the echo path from loudspeaker to microphone and predicts the echo.

Enzner and Vary 2006; partitioned: Kuech, Mabande and Enzner 2014.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.aec.far_end import Sound
from nightvoice.audio.frames import RATE

HOP: Final = 128
"""Samples per filter step (8 ms); also the delay of the canceller."""
_PARTITIONS: Final = 64
"""Length of the echo path in hops: half a second."""


class KalmanFilter:
    """Predicts the echo in the microphone signal from the far end, one hop at a time."""

    _PERSISTENCE: Final = 0.998
    """State transition factor per hop: the filter forgets within 4 s, as unequal clocks require."""
    _DECAY: Final = 0.2
    """Expected decay time of the echo to 1/e, in seconds."""
    _SMOOTHING: Final = 0.7
    """Smoothing factor of the measurement noise."""
    _MIN_NOISE: Final = 1e-6
    """Lower bound of the measurement noise power: a few 16-bit steps."""
    _NEW_SHARE: Final = 0.03
    """Share of the initial variance restored when the echo path may have changed."""

    def __init__(self) -> None:
        bins = HOP + 1
        self._far_end = np.zeros(2 * HOP)
        self._spectra = np.zeros((_PARTITIONS, bins), complex)
        """Far-end spectra, latest first."""
        self._echo_path = np.zeros((_PARTITIONS, bins), complex)
        self._prior = np.repeat(np.exp(-2 * np.arange(_PARTITIONS) * HOP / RATE / self._DECAY)[:, None], bins, 1)
        """Variance of each coefficient before anything is known."""
        self._covariance = self._prior
        """Variance of each coefficient of ``_echo_path``."""
        self._noise = np.zeros(bins)

    def predict(self, near_end: Sound, far_end: Sound) -> tuple[Sound, NDArray[np.float64]]:
        """Return the echo in ``near_end`` and the power of its expected error per bin; both arguments are one hop.

        The power spectrum spans two hops.
        """
        self._far_end = np.concatenate([self._far_end[HOP:], far_end])
        self._spectra = np.concatenate([np.fft.rfft(self._far_end)[None], self._spectra[:-1]])
        power = np.abs(self._spectra) ** 2
        echo = np.fft.irfft((self._echo_path * self._spectra).sum(0))[HOP:]
        error = np.fft.rfft(np.concatenate([np.zeros(HOP), near_end - echo]))
        self._noise = self._SMOOTHING * self._noise + (1 - self._SMOOTHING) * np.abs(error) ** 2
        # 0.5: the window covers one hop in two, which halves the power.
        error_power = (0.5 * power * self._covariance).sum(0)
        gain = self._covariance / (error_power + self._noise + self._MIN_NOISE)
        update = np.fft.irfft(gain * self._spectra.conj() * error, axis=1)
        update[:, HOP:] = 0
        self._echo_path = self._PERSISTENCE * (self._echo_path + np.fft.rfft(update, axis=1))
        self._covariance = self._PERSISTENCE**2 * (1 - 0.5 * gain * power) * self._covariance
        self._covariance += (1 - self._PERSISTENCE**2) * np.abs(self._echo_path) ** 2
        return echo, error_power

    def impulse_response(self) -> Sound:
        """Return the current estimate of the echo path in the time domain, shape (_PARTITIONS * HOP,)."""
        response: Sound = np.fft.irfft(self._echo_path, axis=1)[:, :HOP].ravel()
        return response

    def inflate_covariance(self) -> None:
        """Prepare to relearn an echo path that may have shifted: the clocks have drifted since the last sound."""
        power = np.pad(np.abs(self._echo_path) ** 2, ((1, 1), (0, 0)), "edge")
        shifted = (power[:-2] + power[1:-1] + power[2:]) / 2 + self._NEW_SHARE * self._prior
        self._covariance = np.maximum(self._covariance, shifted)
