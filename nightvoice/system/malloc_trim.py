"""Process memory: reads its size and returns free memory to the system."""

import ctypes
from contextlib import suppress
from pathlib import Path
from typing import Final

_M_ARENA_MAX: Final = -8
"""Parameter of glibc's mallopt(3)."""


def limit_to_one_arena() -> None:
    """Make all threads started after this call allocate from one heap.

    By default, glibc gives each thread its own arena and never returns the end of it to the system. Every restart
    of the listener in a new thread would then leak the memory of the previous one.
    """
    with suppress(OSError, AttributeError, TypeError):  # other C libraries
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def release_free_memory() -> None:
    """Return free heap memory to the system; glibc would keep the peak of past engines and long utterances."""
    with suppress(OSError, AttributeError, TypeError):  # other C libraries
        ctypes.CDLL(None).malloc_trim(0)


def resident_mb(process: int | str = "self") -> float:
    """Return the resident memory of a process in MB, or 0 if the system does not report it."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * 4096 / 1e6
