"""A microphone that gives frames with nothing in them: muted, switched off, or a driver that has lost it."""

from typing import Final

from nightvoice.audio.frames import FRAME_S, Frame

FLAT_S: Final = 120.0
"""Even a silent room leaves noise in a microphone's signal; so long without any is a fault."""
_LAST_S: Final = 1800.0


class FlatlineDetector:
    """Tells when the sound has been one constant value for too long."""

    def __init__(self) -> None:
        self._flat_s = 0.0
        self._suspicious_at = FLAT_S

    def push(self, frame: Frame) -> bool:
        """Take the next frame; whether the microphone counts as deaf by now."""
        if frame.min() != frame.max():
            self._flat_s, self._suspicious_at = 0.0, FLAT_S
            return False
        self._flat_s += FRAME_S
        return self._flat_s >= FLAT_S

    def suspicious(self) -> bool:
        """Whether opening it again may help: after FLAT_S, then at twice the time, and so on."""
        if self._flat_s < self._suspicious_at:
            return False
        self._suspicious_at += min(self._flat_s, _LAST_S)
        return True
