"""Live soak: the installed program in the virtual bedroom, in real time. Do memory, threads or open files grow?

The bundled sample night sounds in the room again and again. ``--minutes N`` (30), ``--every S`` (10): seconds between
two samples. Counts the program and the processes that it started. Prints the slope of the memory after the warm-up (the
first third), the growth of threads and open files, how many of the cramps that sounded were heard and ended, and what
kept it from hearing; one JSON object last. Exit 1 where memory grows by more than 1 MB a minute, threads or files do,
or a cramp was missed. Needs PulseAudio (./scripts/test installs it).
"""

import argparse
import json
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import track

from nightvoice import assembly
from nightvoice.night.events import PROBLEMS
from tests.helpers.program import Program
from tests.helpers.virtual_room import VirtualRoom

GOAL_MB_A_MINUTE = 1.0
_stderr = Console(stderr=True)


class Sample(NamedTuple):
    minute: float
    memory_mb: float
    """Private memory: what the processes share is not counted for each."""
    threads: int
    files: int


def processes(pid: int) -> list[Path]:
    """Folders in /proc of a process and its descendants."""
    found = [Path(f"/proc/{pid}")]
    for task in (found[0] / "task").iterdir():
        for child in (task / "children").read_text().split():
            found += processes(int(child))
    return found


def sample(pid: int, minute: float) -> Sample:
    memory = threads = files = 0
    for process in processes(pid):
        with suppress(OSError):  # it has ended
            rows = (process / "smaps_rollup").read_text().splitlines()
            memory += sum(int(row.split()[1]) for row in rows if row.startswith("Private_"))
            threads += len(list((process / "task").iterdir()))
            files += len(list((process / "fd").iterdir()))
    return Sample(minute, memory / 1000, threads, files)


def soak(minutes: float, every: float) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualRoom() as room,
        Program(room, Path(folder) / "diary.sqlite") as program,
    ):
        program.wait_for("listening")
        played: list[float] = []
        threading.Thread(target=_sounds, args=[room, played], daemon=True).start()
        samples, began = [], time.monotonic()
        for number in track(range(1, round(60 * minutes / every) + 1), "live", console=_stderr):
            time.sleep(max(0.0, began + number * every - time.monotonic()))
            samples.append(sample(program.pid, (time.monotonic() - began) / 60))
        nights = len(played)
        code = program.end()
        counts = Counter(event["event"] for event in program.events)
    warm = np.array(samples[len(samples) // 3 :])
    return {
        "minutes": round(samples[-1].minute, 1),
        "memory_mb": [round(row.memory_mb) for row in (samples[0], samples[len(samples) // 3], samples[-1])],
        "memory_mb_a_minute": round(float(np.polyfit(warm[:, 0], warm[:, 1], 1)[0]), 3),
        "threads": samples[-1].threads,
        "threads_grown": int(warm[-1, 2] - warm[0, 2]),
        "files": samples[-1].files,
        "files_grown": int(warm[-1, 3] - warm[0, 3]),
        "nights_played": nights,
        "cramps_heard": counts["episode_opened"],
        "cramps_ended": counts["episode_closed"],
        "heard": dict(Counter(event["intent"] for event in program.events if event["event"] == "heard")),
        "suspended": counts["suspended"],
        "deaf": counts["deaf"],
        "troubles": sum(counts[kind] for kind in PROBLEMS),
        "exit_code": code,
    }


def _sounds(room: VirtualRoom, played: list[float]) -> None:
    """The bundled night, until the room is gone; ``played``: when each that sounded whole was over."""
    with suppress(CalledProcessError, OSError):
        while True:
            room.play(assembly.sample_night())
            played.append(time.monotonic())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--every", type=float, default=10)
    options = parser.parse_args()
    result = soak(options.minutes, options.every)
    print(json.dumps(result), flush=True)
    grown = max(result["threads_grown"], result["files_grown"]) > 0 or result["memory_mb_a_minute"] > GOAL_MB_A_MINUTE
    missed = result["cramps_heard"] < result["nights_played"]
    raise SystemExit(1 if grown or missed or result["exit_code"] else 0)


if __name__ == "__main__":
    main()
