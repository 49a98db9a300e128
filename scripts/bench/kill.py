"""kill -9 a thousand times while the diary is written. Prints one JSON object last; exit 1 if anything is lost.

`--kills N`, `--folder DIR` (on the disk that is in question), `--diary URL` (a new one, such as on PostgreSQL).
`--episodes`: kill whole nights, in the middle of a cramp, and start again minutes or hours later: the guidance goes on,
or the episode is closed.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from rich.progress import track

from tests.diary.killing import Acknowledged, check, kill
from tests.diary.killing_nights import killed_night

KILLS_A_DIARY = 50
"""Kills per file; the whole file is checked after every kill."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=Path.cwd())
    parser.add_argument("--diary")
    parser.add_argument("--episodes", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = perf_counter()
    counts, lost = (_nights if options.episodes else _writers)(options, Random(options.seed))
    print(json.dumps(counts | {"lost": lost, "seconds": round(perf_counter() - began, 1)}))
    raise SystemExit(1 if lost else 0)


def _nights(options: argparse.Namespace, random: Random) -> tuple[dict[str, Any], str]:
    """Counts, and the errors."""
    counts = {"kills": 0, "acknowledged": 0, "resumed": 0, "closed": 0, "nothing": 0}
    for _ in track(range(options.kills), "killing", disable=not sys.stderr.isatty()):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            try:
                how, acknowledged = killed_night(f"{folder}/diary.sqlite", random)
            except AssertionError as error:
                return counts, str(error)
        counts["kills"] += 1
        counts["acknowledged"] += acknowledged
        counts[how] += 1
    return counts, ""


def _writers(options: argparse.Namespace, random: Random) -> tuple[dict[str, Any], str]:
    """Counts, and the losses."""
    counts = {"kills": 0, "acknowledged": 0, "events_in_a_diary": 0}
    acknowledged: list[Acknowledged] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for number in track(range(options.kills), "killing", disable=not sys.stderr.isatty()):
            url = options.diary or f"{folder}/{number // KILLS_A_DIARY}.sqlite"
            if number % KILLS_A_DIARY == 0 and not options.diary:
                acknowledged = []
            newly = kill(url, random)
            acknowledged += newly
            try:
                written = check(url, acknowledged)
            except AssertionError as error:
                return counts, str(error)
            counts["kills"] += 1
            counts["acknowledged"] += len(newly)
            counts["events_in_a_diary"] = max(counts["events_in_a_diary"], written)
    return counts, ""


if __name__ == "__main__":
    main()
