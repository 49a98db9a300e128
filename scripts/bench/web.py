"""Speed and size of each page on a ten-year diary. Prints a table, and one JSON object last.

The peer is Datasette (extra ``bench``), the usual way to look at a SQLite file in a browser, with a hundred of the same
diary's episodes on a page.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, perf_counter, sleep
from typing import Any
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from nightvoice.diary.store import Diary
from scripts.bench.long_diary import make

TIMES = 25
WARM = 3
MOST_MS = 150
MOST_BYTES = 100_000
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "diary.sqlite"
        print("writing ten years of diary …", file=sys.stderr)
        make(file)
        with Diary.open(str(file)) as diary:
            last = diary.episodes()[-1]
            events = diary.last_seq()
        pages = [
            "/",
            f"/nights/{last.night - timedelta(days=30)}",
            "/nights",
            "/trends",
            "/trends?back=1y",
            "/trends?back=all",
            "/evening",
            "/patterns",
            "/report",
            "/report/page?back=3m",
            "/report/page?back=1y",
            f"/episodes/{last.id}",
            "/more",
            "/profile",
            "/settings",
        ]
        command = [sys.executable, "-m", "nightvoice", "web", "--port", "0", "--diary", str(file)]
        with served(command, re.compile(r"http://localhost:(\d+)/")) as port:
            rows = {page: measured(port, page) for page in pages}
        peer = beside(file)
    result = {
        "nights": 3650,
        "events": events,
        "last_night": str(date.today() - timedelta(days=1)),
        "pages": rows,
        "slowest_p50_ms": max(row["p50_ms"] for row in rows.values()),
        "slowest_p95_ms": max(row["p95_ms"] for row in rows.values()),
        "heaviest_bytes": max(row["bytes_in_all"] for row in rows.values()),
        "limits": {"ms": MOST_MS, "bytes": MOST_BYTES},
    }
    if peer:
        ours = rows["/nights"]
        result["datasette"] = peer | {
            "ms_ratio": round(ours["p50_ms"] / peer["p50_ms"], 2),
            "bytes_ratio": round(ours["bytes_in_all"] / peer["bytes_in_all"], 2),
        }
    show(rows, peer)
    print(json.dumps(result))


@contextmanager
def served(command: list[str], says: re.Pattern[str]) -> Iterator[int]:
    """Run a server; yields the port that it prints."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as program:
        assert program.stdout
        port = 0
        for line in program.stdout:
            if found := says.search(line):
                port = int(found[1])
                break
        until = monotonic() + 30
        while monotonic() < until:
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/"):
                break
            sleep(0.1)
        try:
            yield port
        finally:
            program.terminate()


def measured(port: int, page: str) -> dict[str, Any]:
    """Milliseconds from the request to the last byte, and bytes of the page and of everything it loads."""
    connection = HTTPConnection("127.0.0.1", port)
    cookie, body = "", b""
    times: list[float] = []
    for number in range(WARM + TIMES):
        began = perf_counter()
        connection.request("GET", page, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        body = answer.read()
        if number >= WARM:
            times.append(1000 * (perf_counter() - began))
        if answer.status != 200:
            raise SystemExit(f"{page}: {answer.status}")
        cookie = cookie or (answer.getheader("Set-Cookie") or "").split(";")[0]
    assets = sorted(set(ASSET.findall(body.decode("utf-8", "replace"))))
    heavy = 0
    for asset in assets:
        connection.request("GET", asset)
        heavy += len(connection.getresponse().read())
    return {
        "p50_ms": round(median(times), 1),
        "p95_ms": round(quantiles(times, n=20)[18], 1),
        "bytes": len(body),
        "bytes_in_all": len(body) + heavy,
    }


def beside(file: Path) -> dict[str, Any] | None:
    """The same measurement for datasette; None if it is not installed."""
    datasette = shutil.which("datasette", path=Path(sys.executable).parent)
    if datasette is None:
        print("Datasette is not installed (extra bench): no comparison", file=sys.stderr)
        return None
    command = [datasette, "serve", str(file), "--port", "0"]
    with served(command, re.compile(r"http://127\.0\.0\.1:(\d+)")) as port:
        return measured_peer(port)


def measured_peer(port: int) -> dict[str, Any]:
    page = "/diary/episodes?_size=100"
    row = measured(port, page)
    with urlopen(f"http://127.0.0.1:{port}{page}") as answer:
        text = answer.read().decode()
    assets = set(re.findall(r'(?:href|src)="(/-/static[^"]+)"', text))
    for asset in assets:
        with urlopen(f"http://127.0.0.1:{port}{asset}") as answer:
            row["bytes_in_all"] += len(answer.read())
    return row


def show(rows: dict[str, dict[str, Any]], peer: dict[str, Any] | None) -> None:
    table = Table("page", "p50 ms", "p95 ms", "bytes", "in all", box=None, pad_edge=False)
    for page, row in [*rows.items(), *([("(Datasette)", peer)] if peer else [])]:
        table.add_row(page, *(f"{row[name]:,}" for name in ("p50_ms", "p95_ms", "bytes", "bytes_in_all")))
    Console(stderr=True).print(table)


if __name__ == "__main__":
    main()
