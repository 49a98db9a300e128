"""The skew between the clocks of loudspeaker and microphone, estimated from the echo.

Unless a sound server compensates for it, the skew is some 20 to 100 parts per million: enough to make an echo canceller
diverge within seconds. It shows as an echo delay that grows or shrinks steadily.
"""

from collections import deque
from statistics import median
from typing import Final

import numpy as np

from nightvoice.audio.aec.far_end import Sound
from nightvoice.audio.frames import RATE


class ClockSkewEstimator:
    """Estimates the skew of two clocks from the change of the echo's delay."""

    _MAX_SHIFT: Final = 320
    """Largest change of the delay between two measurements, in samples."""
    _MAX_SKEW: Final = 300e-6
    """Largest skew of two quartz clocks; a larger one has another cause."""
    _MIN_INTERVAL: Final = 2 * RATE
    """Samples between two measurements."""
    _MIN_CORRELATION: Final = 0.3
    """Correlation above which two impulse responses belong to the same echo path."""
    _OVERSAMPLING: Final = 8
    """Resolution of the correlation, in steps per sample."""

    def __init__(self) -> None:
        self._previous: tuple[int, float, Sound] | None = None
        """Time, offset and echo path of the previous measurement."""
        self._skews: deque[float] = deque(maxlen=5)
        self.uncertainty = 50e-6
        """Difference between the latest measurement and the skew assumed before it."""

    def measure(self, time: int, offset: float, echo_path: Sound, skew: float) -> float:
        """Return the median of the latest measurements, including this one if it is plausible.

        ``time``: samples since the start; ``offset``: that of the FarEndReference; ``echo_path``: the present impulse
        response from loudspeaker to microphone; ``skew``: the one in use since the previous measurement.
        """
        previous, self._previous = self._previous, (time, offset, echo_path)
        if previous is not None and time - previous[0] >= self._MIN_INTERVAL:
            shift, correlation = self._shift(previous[2], echo_path)
            remaining = (shift - (offset - previous[1])) / (time - previous[0])
            if correlation > self._MIN_CORRELATION and abs(skew + remaining) < self._MAX_SKEW:
                self._skews.append(skew + remaining)
                self.uncertainty = abs(remaining)
        return median(self._skews) if self._skews else skew

    def _shift(self, before: Sound, now: Sound) -> tuple[float, float]:
        """Return by how many samples ``now`` lags ``before``, and their normalised correlation at that shift."""
        size = 2 * len(now)
        cross = np.fft.rfft(now, size) * np.fft.rfft(before, size).conj()
        correlation = np.fft.irfft(cross, size * self._OVERSAMPLING) * self._OVERSAMPLING
        reach = self._MAX_SHIFT * self._OVERSAMPLING
        near_zero = np.concatenate([correlation[-reach:], correlation[: reach + 1]])
        peak = int(np.argmax(near_zero))
        norm = float(np.linalg.norm(before) * np.linalg.norm(now))
        return (peak - reach) / self._OVERSAMPLING, float(near_zero[peak]) / max(norm, 1e-12)
