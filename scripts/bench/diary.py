"""A ten-year diary: start-up of the summary, reading, size, synced inserts. Prints one JSON object last.

`--folder DIR` (on the disk that is in question), `--diary URL` (inserts into this one, such as on PostgreSQL).
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter

from nightvoice.diary.store import Diary
from nightvoice.insight.night import last_night
from scripts.bench.long_diary import NIGHTS, make

APPENDS = 2000
STARTS = 21
EVENING = datetime(2026, 1, 1, 22, tzinfo=UTC)
HEARD = {"intent": "next", "slots": {}, "score": 0.5, "engine": "vosk"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path.cwd())
    parser.add_argument("--diary")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.folder) as place:
        folder = Path(place)
        print("inserting …", file=sys.stderr)
        result = _inserting(options.diary or str(folder / "inserts.sqlite"), folder / "bare.sqlite")
        print("ten years …", file=sys.stderr)
        result |= _ten_years(folder / "ten.sqlite")
    print(json.dumps(result))


def _inserting(url: str, bare: Path) -> dict[str, float]:
    """Milliseconds of a whole append, and for comparison of a bare synced INSERT in SQLite."""
    connection = sqlite3.connect(bare, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE events (data TEXT)"):
        connection.execute(statement)
    row = ("INSERT INTO events VALUES (?)", (json.dumps(HEARD),))
    with Diary.open(url) as diary:
        append = partial(diary.append, "heard", EVENING, HEARD)
        # In turn, so that both meet the same disk.
        pairs = [(_ms(append), _ms(partial(connection.execute, *row))) for _ in range(APPENDS)]
        beats = [_ms(partial(diary.heard_until, EVENING + timedelta(minutes=n))) for n in range(200)]
    connection.close()
    appends, peer = zip(*pairs, strict=True)
    return {
        "insert_median_ms": round(median(appends), 2),
        "insert_p99_ms": round(quantiles(appends, n=100)[98], 2),
        "insert_max_ms": round(max(appends), 2),
        "heartbeat_median_ms": round(median(beats), 2),
        "bare_sqlite_row_median_ms": round(median(peer), 2),
        "insert_against_bare_row": round(median(appends) / median(peer), 2),
    }


def _ten_years(file: Path) -> dict[str, float]:
    made = _ms(partial(make, file))
    with Diary.open(str(file)) as diary:
        period = diary.period()
        assert period is not None
        counts = {"nights": NIGHTS, "episodes": len(diary.episodes()), "events": diary.last_seq()}
        reading = {
            "night_ms": round(median(_ms(partial(diary.night, period[1])) for _ in range(50)), 2),
            "quarter_ms": round(
                median(_ms(partial(diary.nights, period[1] - timedelta(90), period[1])) for _ in range(9)), 1
            ),
            "all_nights_ms": round(median(_ms(partial(diary.nights, *period)) for _ in range(5)), 1),
            "rebuild_ms": round(_ms(diary.rebuild), 1),
        }
        assert period[1] == last_night(datetime.now())
    python, summary = (
        [sys.executable, "-c", "pass"],
        [sys.executable, "-m", "nightvoice", "summary", "--diary", str(file)],
    )
    # In turn, so that both meet the same machine.
    pairs = [(_ms(partial(_run, python)), _ms(partial(_run, summary))) for _ in range(STARTS)]
    beyond = sorted(whole - start for start, whole in pairs)
    return {
        **counts,
        "made_in_s": round(made / 1000, 1),
        "mb_a_year": round(file.stat().st_size / 1e6 / (NIGHTS / 365), 2),
        **reading,
        "summary_beyond_interpreter_ms": round(median(beyond), 1),
        "summary_beyond_interpreter_best_ms": round(beyond[0], 1),
    }


def _run(command: list[str]) -> None:
    """Time a command with its bytecode cached, as in an installation."""
    kept = {"PYTHONPYCACHEPREFIX": str(Path(gettempdir()) / "nightvoice-compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(command, env=os.environ | kept, check=True, stdout=subprocess.DEVNULL)


def _ms(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return 1000 * (perf_counter() - began)


if __name__ == "__main__":
    main()
