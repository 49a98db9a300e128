"""Suppression of the echo that the filter did not predict."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.aec.far_end import Sound
from nightvoice.audio.aec.kalman_filter import HOP
from nightvoice.audio.aec.residual_echo_detector import ResidualEchoDetector


class ResidualEchoSuppressor:
    """Attenuates each frequency bin according to the residual echo that it may hold."""

    _MIN_GAIN: Final = 0.01
    """-40 dB: low enough that the remainder does not trigger speech detection."""
    _OVERESTIMATION: Final = 2.0
    """Factor on the filter's error power, which does not account for changes in the room and the devices."""
    _LEAKAGE: Final = 0.03
    """Residual share of the predicted echo's power: loudspeakers distort."""
    _ECHO_ONLY: Final = 0.01
    """Residual-to-microphone power ratio (-20 dB) below which only echo is assumed and attenuated further.

    Echo alone leaves -18 to -34 dB. Of commands over an echo that is 10 dB louder, a tenth more are heard with -20 dB
    than with -12 dB, and fewer again without a limit (120, validation; scripts/bench/barge_in.py).
    """
    _SMOOTHING: Final = 0.85
    """Smoothing factor of the residual and microphone powers: 50 ms."""

    def __init__(self) -> None:
        self._window = np.sqrt(np.hanning(2 * HOP + 1)[:-1])
        self._power = np.zeros(HOP + 1)
        self._residual = np.zeros(HOP + 1)
        self._detector = ResidualEchoDetector()
        self.reset(np.zeros(HOP))

    @property
    def leaves_echo(self) -> bool:
        """Whether the output is echo all the same: the latest sound up to now."""
        return self._detector.is_echo

    def reset(self, pending: Sound) -> None:
        """Start again after a rest; ``pending`` is the previous hop, which the next call returns."""
        self.pending = pending
        """The hop to return next, before suppression."""
        self._echo = np.zeros(HOP)
        self._detector.reset()
        self._near_power = self._out_power = 0.0
        """Smoothed power of the microphone signal and of the output."""
        self._overlap = pending * self._window[HOP:] ** 2

    def suppress(self, error: Sound, echo: Sound, error_power: NDArray[np.float64]) -> Sound:
        """Take the next hop of the filter's error signal and predicted echo; return the previous hop, attenuated.

        ``error_power``: as KalmanFilter.predict returned it.
        """
        spectrum = np.fft.rfft(self._window * np.concatenate([self.pending, error]))
        power = np.abs(spectrum) ** 2
        echo_power = np.abs(np.fft.rfft(self._window * np.concatenate([self._echo, echo]))) ** 2
        self._power = 0.5 * (self._power + power)
        residual = self._OVERESTIMATION * error_power + self._LEAKAGE * echo_power
        self._residual = 0.5 * (self._residual + residual)
        gain = np.maximum(1 - self._residual / (self._power + 1e-12), self._MIN_GAIN)
        sound = np.fft.irfft(gain * spectrum) * self._window
        out: Sound = self._overlap + sound[:HOP]
        near_power, out_power = float(np.mean((self.pending + self._echo) ** 2)), float(np.mean(out**2))
        self._near_power += (1 - self._SMOOTHING) * (near_power - self._near_power)
        self._out_power += (1 - self._SMOOTHING) * (out_power - self._out_power)
        self.pending, self._echo, self._overlap = error, echo, sound[HOP:]
        share = min(1.0, (self._out_power + 1e-12) / (self._ECHO_ONLY * self._near_power + 1e-12))
        self._detector.update(power, echo_power, near_power, out_power * share**2)
        return out * share
