"""Keeps a microphone that delivers too fast from speeding up the night, whose clock is the number of frames."""

import time
from typing import Final

from nightvoice.audio.frames import FRAME_S

WINDOW_S: Final = 60.0
"""Frames are compared with real time again after this long without a drop: clocks differ by some seconds a night."""
AHEAD_S: Final = 2.0
"""How far the frames may be ahead of real time: late sound comes all at once."""
WRONG_RATE_S: Final = 15.0
"""Seconds of dropped sound that show that the device names a wrong sample rate."""


class PaceKeeper:
    """Decides for each frame whether it is dropped."""

    def __init__(self) -> None:
        self._began = self._since = time.monotonic()
        """Start of the comparison, and its start or the last drop."""
        self._frames = self._dropped = 0

    @property
    def is_wrong_rate(self) -> bool:
        """Whether so much is dropped that what is left cannot be understood."""
        return self._dropped * FRAME_S >= WRONG_RATE_S

    def admits(self) -> bool:
        """Count a frame; return whether it is due."""
        now = time.monotonic()
        if now - self._since >= WINDOW_S:
            self._began = self._since = now
            self._frames = self._dropped = 0
        if self._frames * FRAME_S - (now - self._began) > AHEAD_S:
            self._since = now
            self._dropped += 1
            return False
        self._frames += 1
        return True
