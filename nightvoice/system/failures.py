"""Counts consecutive failures of each part of a long-running program."""

from collections import Counter
from typing import Final

GIVE_UP: Final = 30
"""Consecutive failures before a reset, and between two reports."""


class FailureCounter:
    """Counts consecutive failures by name of the part."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()

    def failed(self, part: str) -> bool:
        """Count a failure; return whether to report it: the first, and then every GIVE_UP."""
        self._failures[part] += 1
        return self._failures[part] % GIVE_UP == 1

    def worked(self, part: str) -> None:
        """Reset the count of ``part``."""
        self._failures[part] = 0

    def is_hopeless(self, part: str) -> bool:
        """Return whether ``part`` needs a reset: at each multiple of GIVE_UP consecutive failures."""
        return self._failures[part] > 0 and self._failures[part] % GIVE_UP == 0
