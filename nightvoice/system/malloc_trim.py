"""The memory of this process: how much it is, and how the system gets back what is free."""

import ctypes
from contextlib import suppress
from pathlib import Path
from typing import Final

_M_ARENA_MAX: Final = -8
"""Of glibc's mallopt(3)."""


def share_one_heap() -> None:
    """All threads that are still to come take memory from one heap.

    glibc would give each its own, and the end of a thread's heap never goes back to the system: each time that ears
    were made anew in a thread, what the ones before had there would stay.
    """
    with suppress(OSError, AttributeError, TypeError):  # other C libraries
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Let the system have the memory that is free: glibc would keep what old ears and long utterances once needed."""
    with suppress(OSError, AttributeError, TypeError):  # other C libraries
        ctypes.CDLL(None).malloc_trim(0)


def resident_mb(process: int | str = "self") -> float:
    """Memory of a process, in MB; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * 4096 / 1e6
