"""Speed and size of every page on a ten-year diary. Prints a table, and one JSON object last.

The size is that of the page and of everything it loads, unpacked. The processor time is that of the server for one
request; unlike the wall time, it hardly depends on what else the machine does.

Most of the ten years lie before the program existed. It takes such nights for those of a wrong clock, so the server
here is the command ``nightvoice web`` told of an earlier date.

The peer is Datasette (extra ``bench``), the usual way to look at a SQLite file in a browser, with a hundred of the same
diary's episodes on a page.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table
from starlette.routing import Route

from nightvoice import cli
from nightvoice.diary import nights
from nightvoice.diary.store import Diary
from nightvoice.web.app import make_app
from nightvoice.web.context import Context
from nightvoice.web.kit.access import Access
from nightvoice.web.kit.host_check import AllowedHosts
from scripts.bench.long_diary import make

TIMES = 25
FEWEST = 4
LONGEST_S = 10
"""A page that takes longer is asked for ``FEWEST`` times."""
WARM = 2
MOST_MS = 150
MOST_BYTES = 100_000
NO_PAGES = {"/login", "/live", "/microphone/level"}
QUERIES = {
    "/nights": ["", "?until={year}-06"],
    "/trends": ["", "?back=1y", "?back=all"],
    "/report/page": ["?back=4w", "?back=3m", "?back=1y"],
}
ASSET = re.compile(r"""(?:href|src)="(/(?:-/)?static/[^"]+)"|url\(["']?([\w.-]+)["']?\)""")
COLUMNS = {"p50_ms": "p50 ms", "p95_ms": "p95 ms", "cpu_ms": "processor ms", "bytes": "bytes", "bytes_in_all": "in all"}


def main() -> None:
    nights.EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # type: ignore[misc]
    if len(sys.argv) > 1:
        sys.argv.insert(1, "web")
        cli.main()
        return
    with tempfile.TemporaryDirectory() as place:
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            os.environ[f"XDG_{name}_HOME"] = f"{place}/{name.lower()}"
        file = Path(place) / "diary.sqlite"
        print("writing ten years of diary …", file=sys.stderr)
        make(file)
        with Diary.open(str(file)) as diary:
            pages, events = pages_of(diary, Path(place)), diary.last_seq()
        command = [sys.executable, "-m", "scripts.bench.web", "--port", "0", "--diary", str(file)]
        with served(command, re.compile(r"http://localhost:(\d+)(/\S*)")) as server:
            rows = {page: server.measured(page) for page in pages}
        peer = beside(file)
    slow = sorted(page for page, row in rows.items() if row["p95_ms"] > MOST_MS)
    heavy = sorted(page for page, row in rows.items() if row["bytes_in_all"] > MOST_BYTES)
    result = {
        "nights": 3650,
        "events": events,
        "last_night": str(date.today() - timedelta(days=1)),
        "pages": rows,
        "slowest_p50_ms": max(row["p50_ms"] for row in rows.values()),
        "slowest_p95_ms": max(row["p95_ms"] for row in rows.values()),
        "most_cpu_ms": max(row["cpu_ms"] for row in rows.values()),
        "heaviest_bytes": max(row["bytes_in_all"] for row in rows.values()),
        "limits": {"ms": MOST_MS, "bytes": MOST_BYTES},
        "too_slow": slow,
        "too_heavy": heavy,
    }
    if peer:
        ours = rows["/nights"]
        result["datasette"] = peer | {
            "ms_ratio": round(ours["p50_ms"] / peer["p50_ms"], 2),
            "bytes_ratio": round(ours["bytes_in_all"] / peer["bytes_in_all"], 2),
        }
    show(rows, peer)
    print(json.dumps(result))


def pages_of(diary: Diary, folder: Path) -> list[str]:
    """Return the address of every page, so that no new one is forgotten."""
    last = diary.latest_episodes(1)[0]
    values = {
        "night": last.night - timedelta(days=30),
        "id": last.id,
        "claim": "flag-clot",
        "year": last.night.year - 5,
    }
    found = []
    for route in make_app(Context(diary, Access.open(folder / "web.json")), AllowedHosts(True)).routes:
        if isinstance(route, Route) and "GET" in (route.methods or ()) and route.path not in NO_PAGES:
            path = re.sub(r":\w+}", "}", route.path)
            found += [f"{path}{query}".format(**values) for query in QUERIES.get(path, [""])]
    return found


@dataclass
class Server:
    """A server under measurement, as a browser that is logged in."""

    port: int
    pid: int
    cookie: str = ""

    def get(self, path: str) -> tuple[int, bytes]:
        """Return the status and the body of an answer. Keeps the cookie."""
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path, headers={"Cookie": self.cookie} if self.cookie else {})
        answer = connection.getresponse()
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).split(";")[0]
        body = answer.read()
        connection.close()
        return answer.status, body

    def measured(self, page: str) -> dict[str, Any]:
        """Milliseconds from the request to the last byte, and bytes of the page and of everything it loads."""
        body, wall, used = b"", list[float](), list[float]()
        until = time.monotonic() + LONGEST_S
        for number in range(WARM + TIMES):
            if number >= WARM + FEWEST and time.monotonic() > until:
                break
            began, busy = time.perf_counter(), self._processor_s()
            status, body = self.get(page)
            if status != 200:
                raise SystemExit(f"{page}: {status}")
            if number >= WARM:
                wall.append(1000 * (time.perf_counter() - began))
                used.append(1000 * (self._processor_s() - busy))
        heavy = sum(len(asset) for asset in self._assets(body).values())
        return {
            "p50_ms": round(median(wall), 1),
            "p95_ms": round(quantiles(wall, n=20)[18], 1),
            "cpu_ms": round(median(used), 1),
            "bytes": len(body),
            "bytes_in_all": len(body) + heavy,
        }

    def _assets(self, page: bytes) -> dict[str, bytes]:
        """What a page loads, each file once: the fonts that a style sheet names too."""
        found: dict[str, bytes] = {}
        waiting = [page]
        while waiting:
            for address, beside_it in ASSET.findall(waiting.pop().decode("utf-8", "replace")):
                name = (address or f"/static/{beside_it}").split("?")[0]
                if name not in found:
                    found[name] = self.get(name)[1]
                    waiting += [found[name]] if name.endswith(".css") else []
        return found

    def _processor_s(self) -> float:
        """Processor seconds of the server so far, by the clock that the kernel keeps for each process."""
        return time.clock_gettime(~self.pid << 3 | 2)  # clock_getcpuclockid(3), which Python lacks


@contextmanager
def served(command: list[str], says: re.Pattern[str]) -> Iterator[Server]:
    """Run a server. ``says``: how it prints its port and the path that logs in."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as program:
        assert program.stdout
        found = next((found for line in program.stdout if (found := says.search(line))), None)
        if found is None:
            raise SystemExit(f"{' '.join(command)}: did not start")
        server = Server(int(found[1]), program.pid)
        for _ in range(300):
            try:
                server.get(found[2])
                break
            except OSError:
                time.sleep(0.1)
        try:
            yield server
        finally:
            program.terminate()


def beside(file: Path) -> dict[str, Any] | None:
    """The same measurement for datasette; None if it is not installed."""
    datasette = shutil.which("datasette", path=Path(sys.executable).parent)
    if datasette is None:
        print("Datasette is not installed (extra bench): no comparison", file=sys.stderr)
        return None
    command = [datasette, "serve", str(file), "--port", "0"]
    with served(command, re.compile(r"http://127\.0\.0\.1:(\d+)(/?)")) as server:
        return server.measured("/diary/episodes?_size=100")


def show(rows: dict[str, dict[str, Any]], peer: dict[str, Any] | None) -> None:
    table = Table("page", *COLUMNS.values(), box=None, pad_edge=False)
    for page, row in [*rows.items(), *([("(Datasette)", peer)] if peer else [])]:
        table.add_row(page, *(f"{row[name]:,}" for name in COLUMNS))
    Console(stderr=True, width=120).print(table)


if __name__ == "__main__":
    main()
