"""What the loudspeaker played, at the pace of the microphone.

No library's resampler is used, as none can pass over hours of silence and still know its place to a fraction of a
sample, which is what an echo canceller needs.
"""

import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import RATE
from nightvoice.audio.player import Block

Sound = NDArray[np.float64]
"""-1..1 at RATE."""
_WINDOW_S: Final = 1.0
"""Over which it is looked how long what is played must wait."""
_RESERVE_S: Final = 0.01
"""What is kept back, as neither device comes at regular times."""
_LATEST_S: Final = 4.0
"""What waits at most: a microphone that is gone takes nothing; one that is only late takes all."""
_TAPS: Final = 48
_PHASES: Final = 256
"""Of the filter that reads between samples."""


class FarEndReference:
    """A loudspeaker's samples at ``rate`` go in, in its thread; a microphone's at RATE come out, in another.

    The devices' delays need not be known: what was played waits just so long that it is always there in time, and thus
    comes before its echo.
    """

    def __init__(self, rate: int) -> None:
        self._step = rate / RATE
        self._lock = threading.Lock()
        self._waiting = np.zeros(_TAPS, dtype=np.float32)
        """What was played and not yet paired with what was heard, and so much before it as the filter spans."""
        self._at = 0.0
        """Where in it the next sample is."""
        self._least = np.inf
        """Samples (at RATE) that were waiting all the time since so many were taken:"""
        self._since = 0
        self._filter = _between_samples(min(1.0, RATE / rate))
        self.faster = 0.0
        """Share by which the microphone's clock is faster than the loudspeaker's."""
        self.moved = 0.0
        """Samples by which the echo comes later, relative to what is taken, than if all that was played were taken."""

    def played(self, block: Block) -> None:
        """The next samples that go to the loudspeaker."""
        with self._lock:
            self._waiting = np.concatenate([self._waiting, block])
            self._skip(len(self._waiting) - _TAPS - self._at - _LATEST_S * RATE * self._step)

    def take(self, count: int, resting: bool) -> tuple[Sound, bool]:
        """What was played for the next ``count`` samples that were heard, silence where there is nothing yet.

        And whether the microphone has lost something, so that some of what was played was passed over: it would come
        after its echo else. While ``resting`` that is no matter.
        """
        step = self._step * (1 - self.faster)
        with self._lock:
            waiting = self._waiting
            ready = int((len(waiting) - _TAPS - self._at) / step)
            there, at = min(count, max(0, ready)), self._at
            self._at += step * there
            self.moved -= count - there
            self._least = min(self._least, max(0.0, ready - count))
            self._since += count
            lost = False
            if self._since >= _WINDOW_S * RATE:
                spare = self._least - _RESERVE_S * RATE
                lost = not resting and spare >= _RESERVE_S * RATE
                if resting or lost:
                    self._skip(spare * step)
                self._least, self._since = np.inf, 0
            done = int(self._at)
            self._waiting, self._at = waiting[done:], self._at - done
        sound = np.zeros(count)
        if waiting[int(at) : int(at + step * there) + _TAPS].any():
            sound[:there] = self._read(waiting, at + step * np.arange(there, dtype=np.float64))
        return sound, lost

    def _skip(self, samples: float) -> None:
        if samples > 0:
            self._at += samples
            self.moved += samples / self._step

    def _read(self, waiting: Block, places: NDArray[np.float64]) -> Sound:
        """``waiting`` between its samples."""
        whole = places.astype(int)
        around = waiting[whole[:, None] + np.arange(_TAPS)]
        phases = np.round((places - whole) * _PHASES).astype(int)
        sound: Sound = np.einsum("ij,ij->i", around, self._filter[phases]).astype(np.float64)
        return sound


def _between_samples(bandwidth: float) -> NDArray[np.float32]:
    """Windowed sinc, shape (_PHASES + 1, _TAPS): keeps out what is above ``bandwidth``, of which 1 is all there is."""
    cutoff = 1.0 if bandwidth == 1 else 0.9 * bandwidth
    offsets = np.arange(_TAPS) - (_TAPS // 2 - 1) - np.arange(_PHASES + 1)[:, None] / _PHASES
    window = np.i0(8 * np.sqrt(np.clip(1 - (2 * offsets / _TAPS) ** 2, 0, None))) / np.i0(8.0)
    return (cutoff * np.sinc(cutoff * offsets) * window).astype(np.float32)
