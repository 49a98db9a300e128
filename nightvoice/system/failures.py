"""Counts how often in a row each part of a long-running program fails."""

from collections import Counter
from typing import Final

GIVE_UP: Final = 30
"""Consecutive failures before a reset, and between two reports."""


class FailureCounter:
    """Consecutive failures by the name of the part."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()

    def failed(self, part: str) -> bool:
        """Count a failure; return whether to report it: the first, and then every GIVE_UP."""
        self._failures[part] += 1
        return self._failures[part] % GIVE_UP == 1

    def worked(self, part: str) -> None:
        """Forget the failures of ``part``."""
        self._failures[part] = 0

    def is_hopeless(self, part: str) -> bool:
        """Whether ``part`` has now failed GIVE_UP times in a row (or a multiple), so that it needs a reset."""
        return self._failures[part] > 0 and self._failures[part] % GIVE_UP == 0
