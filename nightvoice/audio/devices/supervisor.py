"""Keeping a device open: whenever it is dead it is opened anew, ever more patiently."""

import time
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

FIRST_RETRY_S: Final = 0.5
LAST_RETRY_S: Final = 3.0
"""So a device is in use again within five seconds of being back, and a missing one costs little all night."""


class Openable(Protocol):
    """A device that is being opened, is open, or is dead."""

    def is_dead(self) -> bool:
        """Whether it has to be opened again."""

    def close(self) -> None:
        """Let go of it; never takes long."""


D = TypeVar("D", bound=Openable)


class Supervisor(Generic[D]):
    """``device``, and what ``open_`` gives when that is dead. Opening returns at once, or raises OSError."""

    def __init__(self, device: D, open_: Callable[[], D]) -> None:
        self.device: D | None = device
        """None between two attempts."""
        self._open = open_
        self._wait = FIRST_RETRY_S
        self._next = 0.0

    def look_after(self) -> None:
        """Do what is to be done now."""
        if self.device is None:
            if time.monotonic() >= self._next:
                self._begin()
        elif self.device.is_dead():
            self.reopen()

    def _begin(self) -> None:
        try:
            self.device = self._open()
        except OSError:  # no memory or no handle left for another process
            self.reopen()

    def reopen(self) -> None:
        """Let go of it, and open it again a while later."""
        self.close()
        self._next = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, LAST_RETRY_S)

    def works(self) -> None:
        """It was seen to work: the next failure is a new one."""
        self._wait = FIRST_RETRY_S

    def close(self) -> None:
        """Let go of it."""
        device, self.device = self.device, None
        if device is not None:
            device.close()
