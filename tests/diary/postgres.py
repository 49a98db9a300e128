"""A PostgreSQL server of our own: Debian's, started by an unprivileged user in a temporary folder, without a port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

PATIENCE_S = 60.0


class Server:
    """Gives a new, empty place for a diary as often as it is asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    @property
    def url(self) -> str:
        return f"postgresql://nightvoice@/postgres?host={self._folder}"

    def place(self) -> str:
        """URL of a new schema: quicker to make, and to throw away, than a database."""
        name = f"diary{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}&options=-csearch_path%3D{name}"


@contextmanager
def server() -> Iterator[Server]:
    """Runs while the block does; skips the test where Debian's package is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not installed:
        pytest.skip("the Debian package postgresql is not installed")
    programs = installed[-1].parent
    # The server refuses to run as root. A short path: that of a socket has to fit 107 letters.
    user: dict[str, Any] = {} if os.geteuid() else {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid}
    folder = Path(tempfile.mkdtemp(prefix="nightvoice-pg-", dir="/tmp"))
    try:
        if user:
            shutil.chown(folder, user["user"])
        data = folder / "data"
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "nightvoice",
                "--auth=trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **user,
        )
        options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "max_connections=20"]
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", str(data), *options], stdout=log, stderr=log, cwd=folder, **user
            )
        try:
            found = Server(folder)
            _wait_until_it_answers(found, process)
            yield found
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nobody needs what is in it any more
            process.wait(PATIENCE_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # it may still be taking its own files away


def _wait_until_it_answers(found: Server, process: "subprocess.Popen[Any]") -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(found.url).close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)
