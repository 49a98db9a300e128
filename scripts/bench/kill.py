"""kill -9 a thousand times while the diary is written. Prints one JSON object last; exit 1 where anything is lost.

`--kills N`, `--folder DIR` (on the disk that is in question), `--diary URL` (a new one, such as on PostgreSQL).
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter

from rich.progress import track

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "diary"))
from killing import Acknowledged, check, kill

KILLS_A_DIARY = 50
"""Then a new file is begun: all of it is checked after every kill."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=Path.cwd())
    parser.add_argument("--diary")
    options = parser.parse_args()
    random, began, lost = Random(1), perf_counter(), ""
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
                lost = str(error)
                break
            counts["kills"] += 1
            counts["acknowledged"] += len(newly)
            counts["events_in_a_diary"] = max(counts["events_in_a_diary"], written)
    print(json.dumps(counts | {"lost": lost, "seconds": round(perf_counter() - began, 1)}))
    raise SystemExit(1 if lost else 0)


if __name__ == "__main__":
    main()
