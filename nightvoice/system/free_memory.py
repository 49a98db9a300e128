"""The memory that this process may still take: of the computer, and of each control group that limits it.

Who takes more is killed by the kernel without a word, so what is large asks before it is loaded.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nightvoice.errors import NightvoiceError

_ROOT = Path("/sys/fs/cgroup")


class OutOfMemoryError(NightvoiceError):
    """There is too little memory to load something."""


def require_memory(needed_mb: float, what: str) -> None:
    """Raise OutOfMemoryError if ``what`` has less than ``needed_mb``. Passes where the system does not tell."""
    free = free_memory_mb()
    if free < needed_mb:
        raise OutOfMemoryError(
            f"{what} needs {needed_mb:.0f} MB of memory, and {max(0.0, free):.0f} MB are free: stop other programs, "
            "or raise the limit"
        )


def free_memory_mb(proc: Path = Path("/proc"), root: Path = _ROOT) -> float:
    """Return the MB that are free; infinity where the system does not tell."""
    computer = _numbers(proc / "meminfo")
    free = (
        [_mb(1024 * (computer["MemAvailable:"] + computer.get("SwapFree:", 0)))] if "MemAvailable:" in computer else []
    )
    return min((*free, *_left_in_groups(proc, root)), default=float("inf"))


def _left_in_groups(proc: Path, root: Path) -> Iterator[float]:
    """The MB left in the control groups of this process and those around them; version 2, then 1 (man 7 cgroups)."""
    lines: list[str] = []
    with suppress(OSError):
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            folder, limit, usage = root, "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            folder, limit, usage = root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        inside = folder / path.strip("/")
        for group in (inside, *inside.parents):
            if group == folder.parent:
                break
            with suppress(OSError, ValueError):  # no such file: nothing is limited here; "max" likewise
                most, used = (int((group / name).read_text()) for name in (limit, usage))
                cached = _numbers(group / "memory.stat")
                yield _mb(most - used + cached.get("inactive_file", 0) + cached.get("active_file", 0))


def _numbers(file: Path) -> dict[str, int]:
    """Return the numbers of a file with a name and a number on each line."""
    with suppress(OSError):
        rows = (line.split() for line in file.read_text().splitlines())
        return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdecimal()}
    return {}


def _mb(size: int) -> float:
    return size / 1e6
