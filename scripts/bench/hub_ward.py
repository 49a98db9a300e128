"""A ward for the benchmarks of the hub: a real Mosquitto and PostgreSQL, and hubs as processes."""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Final

import psycopg
from rich.console import Console
from rich.progress import Progress

from tests.helpers.broker import Mosquitto
from tests.helpers.postgres import Server, server
from tests.hub.ward import LOG, Beds

CONSOLE: Final = Console(stderr=True)


class Ward:
    """A broker, a database, and hubs as processes."""

    def __init__(self, folder: Path, database: Server) -> None:
        self.broker = Mosquitto(folder / f"broker{random.random()}")
        self.database, self.url = database, database.place()
        self._running: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        given = {"BRIDGE__HOST": "127.0.0.1", "BRIDGE__PORT": str(self.broker.port), "HUB__DATABASE": self.url}
        process = subprocess.Popen(
            [sys.executable, "-m", "nightvoice", "hub", *arguments],
            env={**os.environ, **{f"NIGHTVOICE_{name}": value for name, value in given.items()}},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._running.append(process)
        return process

    def hub(self, name: str) -> "subprocess.Popen[str]":
        """Start a hub and wait until it has subscribed."""
        process = self.start("--name", name)
        assert process.stderr is not None
        next(line for line in process.stderr if "connected" in line)
        Thread(target=process.stderr.read, daemon=True).start()
        return process

    def counts(self) -> tuple[int, int]:
        """Number of stored events, and of distinct ones."""
        try:
            with psycopg.connect(self.url) as connection:
                found = connection.execute("SELECT count(*), count(DISTINCT (bed, log, seq)) FROM events").fetchone()
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return 0, 0
        assert found is not None
        return found

    def stored(self) -> int:
        """Number of stored events of the made-up beds; found by the index, so that others do not slow it down."""
        names = "SELECT 'bed' || lpad(CAST(number AS text), 5, '0') FROM generate_series(0, 9999) AS number"
        count = "(SELECT count(*) FROM events WHERE bed = name AND log = %s)"
        try:
            with psycopg.connect(self.url) as connection:
                connection.execute("SET enable_seqscan = off")
                found = connection.execute(f"SELECT sum({count}) FROM ({names}) AS beds (name)", (LOG,)).fetchone()
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return 0
        return int(found[0]) if found else 0

    def close(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()
        self.broker.kill()


MakeWard = Callable[[], AbstractContextManager[Ward]]


@contextmanager
def wards() -> Iterator[MakeWard]:
    """Yield what makes wards, each with a broker and tables of its own, in a temporary home."""
    with tempfile.TemporaryDirectory(prefix="nv-", dir="/tmp") as folder, server() as database:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{name}_HOME"] = f"{folder}/{name.lower()}"

        @contextmanager
        def ward() -> Iterator[Ward]:
            with ExitStack() as stack:
                made = Ward(Path(folder), database)
                stack.callback(made.close)
                yield made

        yield ward


def publish(port: int, messages: list[tuple[str, str]], what: str) -> None:
    beds = Beds(port)
    with Progress(console=CONSOLE) as progress:
        bar = progress.add_task(what, total=len(messages))
        for at in range(0, len(messages), 500):
            beds.send(messages[at : at + 500])
            progress.update(bar, completed=at + 500)
    beds.close()
