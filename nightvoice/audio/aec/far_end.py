"""The far-end reference: what the loudspeaker played, resampled to the microphone's clock.

No library's resampler is used: none can skip hours of silence and still know its position to a fraction of a sample,
which an echo canceller needs.
"""

import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import RATE
from nightvoice.audio.player import Block

Sound = NDArray[np.float64]
"""Mono sound at RATE, -1..1, shape (n,)."""
_WINDOW_S: Final = 1.0
"""Period over which the minimum backlog is taken."""
_RESERVE_S: Final = 0.01
"""Backlog to keep, since neither device delivers at regular intervals."""
_MAX_BACKLOG_S: Final = 4.0
"""Largest backlog: a late microphone can catch up from it; a missing one takes nothing."""
_TAPS: Final = 48
_PHASES: Final = 256
"""Fractional positions of the interpolation filter."""


class FarEndReference:
    """Takes a loudspeaker's samples at ``rate`` in one thread and returns them at RATE in the microphone's thread.

    It does not need to know the devices' delays: each sample waits no longer than necessary, and so always comes before
    its echo.
    """

    def __init__(self, rate: int) -> None:
        self._step = rate / RATE
        self._lock = threading.Lock()
        self._buffer = np.zeros(_TAPS, dtype=np.float32)
        """Samples played but not yet taken, preceded by the earlier ones that the filter spans."""
        self._position = 0.0
        """Position of the next sample in ``_buffer``."""
        self._min_backlog = np.inf
        """Minimum backlog in this window, in samples at RATE."""
        self._window = 0
        """Samples taken in this window."""
        self._filter = _interpolation_filter(min(1.0, RATE / rate))
        self.skew = 0.0
        """Share by which the microphone's clock is faster than the loudspeaker's."""
        self.offset = 0.0
        """Skipped samples minus inserted silence, at RATE: how much later the echo is relative to the output."""

    def push(self, block: Block) -> None:
        """Take the next samples that go to the loudspeaker."""
        with self._lock:
            self._buffer = np.concatenate([self._buffer, block])
            self._skip(len(self._buffer) - _TAPS - self._position - _MAX_BACKLOG_S * RATE * self._step)

    def take(self, count: int, resting: bool) -> tuple[Sound, bool]:
        """Return the far end of the next ``count`` near-end samples, and whether its alignment was lost.

        Silence stands in for samples not played yet. Alignment is lost when the microphone has dropped samples: the
        far end then skips as many, since it would otherwise come after its echo. While ``resting`` (nothing echoes),
        skipping does no harm and is not reported.
        """
        step = self._step * (1 - self.skew)
        with self._lock:
            buffer = self._buffer
            ready = int((len(buffer) - _TAPS - self._position) / step)
            available, position = min(count, max(0, ready)), self._position
            self._position += step * available
            self.offset -= count - available
            self._min_backlog = min(self._min_backlog, max(0.0, ready - count))
            self._window += count
            lost = False
            if self._window >= _WINDOW_S * RATE:
                excess = self._min_backlog - _RESERVE_S * RATE
                lost = not resting and excess >= _RESERVE_S * RATE
                if resting or lost:
                    self._skip(excess * step)
                self._min_backlog, self._window = np.inf, 0
            done = int(self._position)
            self._buffer, self._position = buffer[done:], self._position - done
        sound = np.zeros(count)
        if buffer[int(position) : int(position + step * available) + _TAPS].any():
            sound[:available] = self._interpolate(buffer, position + step * np.arange(available, dtype=np.float64))
        return sound, lost

    def _skip(self, samples: float) -> None:
        if samples > 0:
            self._position += samples
            self.offset += samples / self._step

    def _interpolate(self, buffer: Block, positions: NDArray[np.float64]) -> Sound:
        whole = positions.astype(int)
        around = buffer[whole[:, None] + np.arange(_TAPS)]
        phases = np.round((positions - whole) * _PHASES).astype(int)
        sound: Sound = np.einsum("ij,ij->i", around, self._filter[phases]).astype(np.float64)
        return sound


def _interpolation_filter(bandwidth: float) -> NDArray[np.float32]:
    """Windowed sinc, shape (_PHASES + 1, _TAPS), that cuts off above ``bandwidth`` (1: the Nyquist frequency)."""
    cutoff = 1.0 if bandwidth == 1 else 0.9 * bandwidth
    offsets = np.arange(_TAPS) - (_TAPS // 2 - 1) - np.arange(_PHASES + 1)[:, None] / _PHASES
    window = np.i0(8 * np.sqrt(np.clip(1 - (2 * offsets / _TAPS) ** 2, 0, None))) / np.i0(8.0)
    return (cutoff * np.sinc(cutoff * offsets) * window).astype(np.float32)
