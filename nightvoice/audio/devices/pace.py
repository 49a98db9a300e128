"""Keeps the frames, whose number is the night's clock, in step with real time, whatever the microphone delivers."""

import time
from collections import deque
from typing import Final

from nightvoice.audio.devices.timeouts import INPUT_LOST_S, STALL_S
from nightvoice.audio.frames import FRAME_S
from nightvoice.system.clock import LOST_S

AHEAD_S: Final = 2.0
"""How far the frames may be ahead of real time."""
BEHIND_S: Final = 60.0
"""How far they may be behind, and then catch up: sound waits while the ears are busy."""
SHORT_S: Final = 2.0
"""How far they may be behind while no sound waits; more was never delivered. Above the time between two bursts."""
DRIFT: Final = 1.0005
"""How much faster than ours the clock of a sound device may run: seconds in a night."""
FORGOTTEN_S: Final = 60.0
"""Seconds without a drop after which earlier drops no longer count; also those over which missing sound is counted."""
WRONG_RATE_S: Final = 15.0
"""Seconds of dropped, or within ``FORGOTTEN_S`` of missing, sound that show that the rest cannot be understood."""


class PaceKeeper:
    """Decides for each frame whether it is dropped, and how many silent ones make up for missing ones."""

    def __init__(self) -> None:
        self._last = self._last_drop = self._last_burst = time.monotonic()
        self._ahead = 0.0
        """Seconds by which the admitted frames are ahead of real time; negative if they are behind."""
        self._dropped = 0
        self._in_bursts = False
        self._missing: deque[tuple[float, float]] = deque()
        """When sound was made up for, and seconds of it."""

    @property
    def is_wrong_rate(self) -> bool:
        """Whether so much is dropped or missing that what is left cannot be understood."""
        return max(self._dropped * FRAME_S, self._missing_s()) >= WRONG_RATE_S

    @property
    def missing_share(self) -> float:
        """The share of the last ``FORGOTTEN_S`` that the microphone did not deliver."""
        return self._missing_s() / FORGOTTEN_S

    @property
    def patience(self) -> float:
        """Seconds that a frame may be late before the microphone counts as lost: longer if it delivers in bursts."""
        return STALL_S if self._in_bursts else INPUT_LOST_S

    def admits(self) -> bool:
        """Count a frame; return whether it is due."""
        self._pass_time()
        if self._last - self._last_drop >= FORGOTTEN_S:
            self._dropped = 0
        if self._ahead > AHEAD_S:
            self._last_drop = self._last
            self._dropped += 1
            return False
        self._ahead += FRAME_S
        return True

    def missing_frames(self) -> int:
        """Return how many frames to make up for; call it when a frame had to be waited for, so that no sound is left.

        ``LOST_S`` and more are a loss of time, which ``ClockWatch`` finds.
        """
        self._pass_time()
        if -self._ahead >= LOST_S:
            self._ahead = 0.0
        if -self._ahead < SHORT_S:
            return 0
        missing = round(-self._ahead / FRAME_S)
        self._ahead += missing * FRAME_S
        self._missing.append((self._last, missing * FRAME_S))
        return missing

    def late(self, seconds: float) -> None:
        """Note that a frame came ``seconds`` after the one before it."""
        if INPUT_LOST_S < seconds < STALL_S:
            self._in_bursts, self._last_burst = True, self._last
        elif self._last - self._last_burst >= FORGOTTEN_S:
            self._in_bursts = False

    def _missing_s(self) -> float:
        while self._missing and self._last - self._missing[0][0] >= FORGOTTEN_S:
            self._missing.popleft()
        return sum(seconds for _, seconds in self._missing)

    def _pass_time(self) -> None:
        now = time.monotonic()
        self._ahead = max(self._ahead - (now - self._last) * DRIFT, -BEHIND_S)
        self._last = now
