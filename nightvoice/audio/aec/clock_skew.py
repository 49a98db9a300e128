"""How far the clocks of loudspeaker and microphone differ.

Where no sound server evens them out it is some 20 to 100 parts in a million: enough to lead an echo canceller astray
within seconds. It is seen by the echo's delay, which grows or shrinks steadily.
"""

from collections import deque
from statistics import median
from typing import Final

import numpy as np

from nightvoice.audio.aec.far_end import Sound
from nightvoice.audio.frames import RATE


class ClockSkewEstimator:
    """How much faster one clock is than the other, from how the echo's delay changes."""

    _FARTHEST: Final = 320
    """Samples that the delay may have changed by itself between two measurements."""
    _MOST: Final = 300e-6
    """What quartzes may differ by at most; more is another change."""
    _SHORTEST: Final = 2 * RATE
    """Samples between two measurements."""
    _ALIKE: Final = 0.3
    """Correlation from which two ways are the same one."""
    _FINER: Final = 8
    """Parts of a sample to which the correlation is looked at."""

    def __init__(self) -> None:
        self._before: tuple[int, float, Sound] | None = None
        self._found: deque[float] = deque(maxlen=5)
        self.unsure = 50e-6
        """How far the latest measurement was from what was believed."""

    def measure(self, time: int, moved: float, way: Sound, faster: float) -> float:
        """The median of the latest measurements.

        ``time``, in samples, since the beginning; ``moved`` of Playback; ``way``: the impulse response from loudspeaker
        to microphone, as it is now; ``faster``: what was believed since the last one.
        """
        before, self._before = self._before, (time, moved, way)
        if before is not None and time - before[0] >= self._SHORTEST:
            later, alike = self._later(before[2], way)
            rest = (later - (moved - before[1])) / (time - before[0])
            if alike > self._ALIKE and abs(faster + rest) < self._MOST:
                self._found.append(faster + rest)
                self.unsure = abs(rest)
        return median(self._found) if self._found else faster

    def _later(self, before: Sound, now: Sound) -> tuple[float, float]:
        """By how many samples ``now`` is later, and the correlation there."""
        size = 2 * len(now)
        cross = np.fft.rfft(now, size) * np.fft.rfft(before, size).conj()
        correlation = np.fft.irfft(cross, size * self._FINER) * self._FINER
        reach = self._FARTHEST * self._FINER
        near = np.concatenate([correlation[-reach:], correlation[: reach + 1]])
        best = int(np.argmax(near))
        strength = float(np.linalg.norm(before) * np.linalg.norm(now))
        return (best - reach) / self._FINER, float(near[best]) / max(strength, 1e-12)
