"""How quick the diary is on this disk: an append that is synced, and opening. Prints one JSON object last."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from nightvoice.diary.store import Diary

APPENDS = 2000
NIGHTS = 365
OPENINGS = 9

_OPEN = """
from time import perf_counter
began = perf_counter()
from nightvoice.diary.store import Diary
imported = perf_counter()
diary = Diary.open(sys.argv[1])
print(1000 * (imported - began), 1000 * (perf_counter() - imported))
"""


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "diary.sqlite"
        began = perf_counter()
        diary = Diary.open(str(file))
        created = perf_counter() - began
        evening = datetime(2026, 1, 1, 22, tzinfo=UTC)
        print(f"appending {APPENDS} events on {folder} …", file=sys.stderr)
        appends = [
            _seconds(lambda: diary.append("heard", evening, {"intent": "next", "score": 0.5})) for _ in range(APPENDS)
        ]
        beats = [_seconds(partial(diary.heard_until, evening + timedelta(minutes=n))) for n in range(200)]
        print(f"writing {NIGHTS} nights with a cramp …", file=sys.stderr)
        for day in range(NIGHTS):
            night = evening + timedelta(days=day)
            diary.listening(night, night + timedelta(hours=8))
            diary.append("episode_opened", night + timedelta(hours=4), {"site": "calf"})
            diary.append("step", night + timedelta(hours=4), {"protocol": "calf", "step": "towel-stretch"})
            diary.append("episode_closed", night + timedelta(hours=4, minutes=4), {"outcome": "gone"})
        last = (evening + timedelta(days=NIGHTS - 1)).date()
        year = _seconds(lambda: diary.nights(evening.date(), last))
        one = median(_seconds(lambda: diary.night(last)) for _ in range(50))
        rebuilt = _seconds(diary.rebuild)
        size = file.stat().st_size
        diary.close()
        openings = [_opening(file) for _ in range(OPENINGS)]
    result = {
        "append_median_ms": _ms(median(appends)),
        "append_p99_ms": _ms(quantiles(appends, n=100)[98]),
        "append_max_ms": _ms(max(appends)),
        "heartbeat_median_ms": _ms(median(beats)),
        "create_ms": _ms(created),
        "import_ms": round(median(imported for imported, _ in openings), 1),
        "open_ms": round(median(opened for _, opened in openings), 1),
        "night_ms": _ms(one),
        "year_ms": _ms(year),
        "rebuild_year_ms": _ms(rebuilt),
        "file_kib": size // 1024,
        "events": APPENDS + 3 * NIGHTS,
    }
    print(json.dumps(result))


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _opening(file: Path) -> tuple[float, float]:
    """Milliseconds that a fresh process takes to import the diary, and to open it."""
    code = "import sys" + _OPEN
    done = subprocess.run([sys.executable, "-c", code, str(file)], check=True, capture_output=True, text=True)
    imported, opened = map(float, done.stdout.split())
    return imported, opened


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)


if __name__ == "__main__":
    main()
