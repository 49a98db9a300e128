"""A broker, a database, and hubs as processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nightvoice.system import paths
from tests.helpers.extras import skip_without

if TYPE_CHECKING:
    from nightvoice.hub.roles import Role
    from tests.helpers.broker import Mosquitto
    from tests.helpers.postgres import Server
    from tests.helpers.web_site import Site
    from tests.hub.ward import Beds, Start, Stored, Visit

pytest_pycollect_makemodule = skip_without(
    "argon2", "axe_playwright_python", "paho", "playwright", "psycopg", "starlette", "uvicorn"
)


@pytest.fixture
def stored(postgresql: Server) -> Stored:
    from tests.hub.ward import Stored

    return Stored(postgresql.place())


@pytest.fixture(autouse=True)
def home(short_home: Path) -> Path:
    """No file of the user's is read or written."""
    return short_home


@pytest.fixture
def beds(mosquitto: Mosquitto) -> Iterator[Beds]:
    from tests.hub.ward import Beds

    beds = Beds(mosquitto.port)
    yield beds
    beds.close()


@pytest.fixture
def start(mosquitto: Mosquitto, stored: Stored, home: Path) -> Iterator[Start]:
    from tests.helpers.waiting import PATIENCE_S

    running = []

    def start(*arguments: str, **settings: object) -> subprocess.Popen[str]:
        place = {"bridge__host": "127.0.0.1", "bridge__port": mosquitto.port, "hub__database": stored.url}
        given = {f"NIGHTVOICE_{name.upper()}": str(value) for name, value in {**place, **settings}.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "nightvoice", *arguments],
            env={**os.environ, **given}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)


@pytest.fixture
def visit(start: Start) -> Visit:
    """Somebody who looks at the ward's page, logged in by name and role."""
    from nightvoice.hub.accounts import Accounts
    from tests.helpers.web_site import Site
    from tests.hub.ward import PASSWORD

    begun: list[str] = []

    def visit(name: str, role: Role) -> Site:
        Accounts(paths.hub_dir()).add(name, role, PASSWORD)
        if not begun:
            page = start("hub", "serve", "--port", "0")
            assert page.stderr is not None
            begun.append(next(line for line in page.stderr if line.startswith("http")).strip().rstrip("/"))
        site = Site(begun[0], None, None)
        site.ask("/login", {"name": name, "password": PASSWORD, "csrf": site.token("/login")})
        return site

    return visit
