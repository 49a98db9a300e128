"""Waiting for a condition instead of for a time, so that a test passes on a busy machine."""

import time
from collections.abc import Callable

PATIENCE_S = 120.0
"""Far longer than anything takes; a test only waits this long before it fails."""


def came_true(condition: Callable[[], object], seconds: float = PATIENCE_S) -> bool:
    """Whether ``condition()`` becomes true within ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)  # short, so that a test can kill something while it works
    return True


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
    """Wait until ``condition()`` is true. Raise AssertionError if it takes longer than ``seconds``."""
    assert came_true(condition, seconds), f"waited {seconds:.0f} s in vain for: {what}"
