"""Keeps a device open: reopens it whenever it dies, with growing pauses between attempts."""

import time
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

FIRST_RETRY_S: Final = 0.5
MAX_RETRY_S: Final = 3.0
"""Longest pause: a device that returns is in use within five seconds, and a missing one costs little all night."""


class Openable(Protocol):
    """A device that is being opened, is open, or is dead."""

    def is_dead(self) -> bool:
        """Whether the device must be reopened."""

    def close(self) -> None:
        """Release the device; returns promptly."""


D = TypeVar("D", bound=Openable)


class Supervisor(Generic[D]):
    """Replaces ``device`` with a new one from ``open_`` when it dies; ``open_`` returns at once or raises OSError."""

    def __init__(self, device: D, open_: Callable[[], D]) -> None:
        self.device: D | None = device
        """The device in use; None between two attempts."""
        self._open = open_
        self._pause = FIRST_RETRY_S
        self._retry_at = 0.0

    def poll(self) -> None:
        """Reopen the device if it is dead and the next attempt is due."""
        if self.device is None:
            if time.monotonic() >= self._retry_at:
                self._try_open()
        elif self.device.is_dead():
            self.reopen()

    def reopen(self) -> None:
        """Close the device and open it again after a pause."""
        self.close()
        self._retry_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, MAX_RETRY_S)

    def mark_healthy(self) -> None:
        """Reset the pause: the device works, so the next failure is a new one."""
        self._pause = FIRST_RETRY_S

    def close(self) -> None:
        """Release the device."""
        device, self.device = self.device, None
        if device is not None:
            device.close()

    def _try_open(self) -> None:
        try:
            self.device = self._open()
        except OSError:  # no memory or no handle left for another process
            self.reopen()
