"""Slows down password guessing."""

from collections.abc import Callable
from time import monotonic
from typing import Final

FREE_ATTEMPTS: Final = 5
"""Wrong passwords allowed from an address before it has to wait."""
FIRST_WAIT_S: Final = 30.0
"""First wait in seconds; it doubles with every further wrong password."""
MAX_WAIT_S: Final = 3600.0
"""Longest wait in seconds. An address without a wrong password for this long starts from zero."""
MAX_ADDRESSES: Final = 1000
"""Most addresses remembered at a time."""


class Throttle:
    """Counts wrong passwords by address. ``clock`` returns seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, tuple[int, float]] = {}
        """Number of failures and time of the last one, by address."""

    def wait_s(self, address: str) -> float:
        """Return the seconds until ``address`` may try again."""
        count, last = self._failures.get(address, (0, 0.0))
        if count < FREE_ATTEMPTS:
            return 0.0
        wait = min(FIRST_WAIT_S * 2.0 ** (count - FREE_ATTEMPTS), MAX_WAIT_S)
        return max(0.0, last + wait - self._clock())

    def record_failure(self, address: str) -> None:
        """Count a wrong password."""
        now = self._clock()
        recent = {other: failure for other, failure in self._failures.items() if now - failure[1] < MAX_WAIT_S}
        count, _ = recent.pop(address, (0, 0.0))
        self._failures = dict(list(recent.items())[1 - MAX_ADDRESSES :]) | {address: (count + 1, now)}

    def record_success(self, address: str) -> None:
        """Forget the wrong passwords of ``address``."""
        self._failures.pop(address, None)
