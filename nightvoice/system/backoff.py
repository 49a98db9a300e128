"""Delays between attempts to reach something on the network."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, repeat
from typing import Final

NEARBY_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Delays in seconds for devices in the local network."""


def backoff(delays_s: Sequence[float] = NEARBY_S) -> Iterator[float]:
    """Yield each delay once, then the last one forever."""
    return chain(delays_s, repeat(delays_s[-1]))


class Reconnection:
    """Spaces out connection attempts and reports each cause of failure once.

    Call ``connected`` after each success, and ``failed`` and ``next_delay`` after each failure.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        """``report``: show a line to the operator."""
        self._report = report
        self._delays = backoff()
        self._problem = ""

    def connected(self) -> None:
        """Reset the delay, and report the next failure even if it is the same as before."""
        self._delays, self._problem = backoff(), ""

    def failed(self, problem: str) -> None:
        """Report ``problem``, unless it was the last one reported."""
        if problem != self._problem:
            self._problem = problem
            self._report(problem)

    def next_delay(self) -> float:
        """Return the seconds to wait before the next attempt."""
        return next(self._delays)
