"""Limits what a server writes to its log, whatever its clients do."""

import logging
import sys
from collections.abc import Callable
from time import monotonic
from typing import Final

LINES: Final = 10
"""Most messages written in a period."""
PERIOD_S: Final = 60.0


class BoundedLog(logging.Filter):
    """Passes ``LINES`` messages in ``PERIOD_S`` seconds, and counts the others."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock, self._began = clock, clock()
        self._passed = self._dropped = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if self._clock() - self._began >= PERIOD_S:
            if self._dropped:
                record.msg = f"({self._dropped} messages were left out.) {record.getMessage()}"
                record.args = None
            self._began, self._passed, self._dropped = self._clock(), 0, 0
        passes = self._passed < LINES
        self._passed, self._dropped = self._passed + passes, self._dropped + (not passes)
        return passes


def log_to_stderr() -> None:
    """Write warnings of every logger to stderr, within the limits."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(BoundedLog())
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", handlers=[handler], force=True)
