"""Slows down whoever guesses passwords."""

from collections.abc import Callable
from time import monotonic
from typing import Final

FREE: Final = 5
"""Wrong passwords before one has to wait,"""
FIRST_S: Final = 30.0
"""this long at first, then twice as long each time,"""
LONGEST_S: Final = 3600.0
"""but no longer than this; after as long without a wrong one all is forgotten."""
_MOST: Final = 1000
"""Addresses remembered."""


class Throttle:
    """Counts wrong passwords by address. ``clock``: seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}

    def wait(self, address: str) -> float:
        """Seconds until ``address`` may try again; 0 if now."""
        count, last = self._wrong.get(address, (0, 0.0))
        if count < FREE:
            return 0.0
        pause = min(FIRST_S * 2.0 ** (count - FREE), LONGEST_S)
        return max(0.0, last + pause - self._clock())

    def wrong(self, address: str) -> None:
        """It gave a wrong password."""
        now = self._clock()
        recent = {name: seen for name, seen in self._wrong.items() if now - seen[1] < LONGEST_S}
        count, _ = recent.pop(address, (0, 0.0))
        self._wrong = dict(list(recent.items())[1 - _MOST :]) | {address: (count + 1, now)}

    def right(self, address: str) -> None:
        """It gave the right one."""
        self._wrong.pop(address, None)
