"""Keeps a microphone that delivers too fast from speeding up the night, whose clock is the number of frames."""

import time
from typing import Final

from nightvoice.audio.frames import FRAME_S

AHEAD_S: Final = 2.0
"""How far the frames may be ahead of real time."""
BEHIND_S: Final = 60.0
"""How far they may be behind, and then catch up: sound waits while the ears are busy."""
DRIFT: Final = 1.0005
"""How much faster than ours the clock of a sound device may run: seconds in a night."""
FORGOTTEN_S: Final = 60.0
"""Seconds without a drop after which earlier drops no longer count."""
WRONG_RATE_S: Final = 15.0
"""Seconds of dropped sound that show that the device names a wrong sample rate."""


class PaceKeeper:
    """Decides for each frame whether it is dropped."""

    def __init__(self) -> None:
        self._last = self._last_drop = time.monotonic()
        self._ahead = 0.0
        """Seconds by which the admitted frames are ahead of real time; negative if they are behind."""
        self._dropped = 0

    @property
    def is_wrong_rate(self) -> bool:
        """Whether so much is dropped that what is left cannot be understood."""
        return self._dropped * FRAME_S >= WRONG_RATE_S

    def admits(self) -> bool:
        """Count a frame; return whether it is due."""
        now = time.monotonic()
        self._ahead = max(self._ahead - (now - self._last) * DRIFT, -BEHIND_S)
        self._last = now
        if now - self._last_drop >= FORGOTTEN_S:
            self._dropped = 0
        if self._ahead > AHEAD_S:
            self._last_drop = now
            self._dropped += 1
            return False
        self._ahead += FRAME_S
        return True
