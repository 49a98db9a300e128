"""A queue of sounds: sounds go in at any rate, blocks at the loudspeaker's rate come out."""

import itertools
import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from nightvoice.audio.frames import Samples

FADE_S: Final = 0.02
"""Fade-out of a stopped sound in seconds: short enough to stop at once, long enough not to click."""

Block = NDArray[np.float32]
"""Mono sound for a loudspeaker, float32, -1..1, shape (n,)."""


@dataclass(slots=True)
class _Sound:
    number: int | None
    """None for the fade-out of a stopped sound, whose end is not reported."""
    samples: Block
    position: int = 0


class PlaybackQueue:
    """Plays sounds one after the other. One thread may call ``play`` while another calls ``pull``."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._lock = threading.Lock()
        self._queue: deque[_Sound] = deque()
        self._ended: list[int] = []
        self._numbers = itertools.count(1)

    def play(self, sound: Samples, rate: int, volume: float) -> int:
        """Queue mono ``sound`` (at ``rate`` Hz), scaled by ``volume`` (0..1); return its number, counted from 1."""
        samples = sound.astype(np.float32) * np.float32(min(max(volume, 0.0), 1.0) / 32768)
        if rate != self.rate:
            samples = soxr.resample(samples, rate, self.rate)
        with self._lock:
            number = next(self._numbers)
            self._queue.append(_Sound(number, samples))
        return number

    def pull(self, n: int) -> Block:
        """Return the next ``n`` samples, with silence after the end of the queue."""
        with self._lock:
            block, ended = self._take(n)
            self._ended += ended
        return block

    def stop(self) -> None:
        """Fade out the current sound over FADE_S and drop the rest of the queue; none of them counts as ended."""
        with self._lock:
            if self._queue:
                tail, _ = self._take(round(FADE_S * self.rate))
                tail *= np.linspace(1, 0, len(tail), dtype=np.float32)
                self._queue = deque([_Sound(None, tail)])

    @property
    def busy(self) -> bool:
        """Whether any sound is queued or playing."""
        return bool(self._queue)

    def ended(self) -> list[int]:
        """Return the numbers of the sounds whose last sample was pulled since the previous call."""
        with self._lock:
            ended, self._ended = self._ended, []
        return ended

    def _take(self, n: int) -> tuple[Block, list[int]]:
        block = np.zeros(n, dtype=np.float32)
        ended: list[int] = []
        filled = 0
        while self._queue and filled < n:
            sound = self._queue[0]
            part = sound.samples[sound.position : sound.position + n - filled]
            block[filled : filled + len(part)] = part
            filled += len(part)
            sound.position += len(part)
            if sound.position == len(sound.samples):
                self._queue.popleft()
                if sound.number is not None:
                    ended.append(sound.number)
        return block, ended
