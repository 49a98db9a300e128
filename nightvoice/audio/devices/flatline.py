"""Detection of a microphone that delivers empty frames: muted, switched off, or lost by its driver."""

from typing import Final

from nightvoice.audio.frames import FRAME_S, Frame

FLAT_S: Final = 120.0
"""Seconds of constant signal that count as a fault: even a silent room leaves noise in a microphone's signal."""
_MAX_REOPEN_S: Final = 1800.0


class FlatlineDetector:
    """Detects a signal that has been constant for too long."""

    def __init__(self) -> None:
        self._flat_s = 0.0
        self._reopen_at_s = FLAT_S

    def push(self, frame: Frame) -> bool:
        """Take the next frame; return whether the signal now counts as a flat line."""
        if frame.min() != frame.max():
            self._flat_s, self._reopen_at_s = 0.0, FLAT_S
            return False
        self._flat_s += FRAME_S
        return self._flat_s >= FLAT_S

    def should_reopen(self) -> bool:
        """Whether to reopen the device now: first after FLAT_S, then at doubling intervals."""
        if self._flat_s < self._reopen_at_s:
            return False
        self._reopen_at_s += min(self._flat_s, _MAX_REOPEN_S)
        return True
