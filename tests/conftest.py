"""What every test needs, and fixtures of several folders. Helpers are imported only when a test asks for them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from nightvoice.understanding.recognizer import IntentRecognizer
    from tests.helpers.broker import Mosquitto
    from tests.helpers.postgres import Server
    from tests.helpers.small_disk import SmallDisk

# The emergency number depends on the time zone; UTC belongs to no country.
os.environ["TZ"] = "UTC"
time.tzset()

# An example takes as long as the machine is busy; how fast the program is, the benchmarks measure.
# The examples are the same each time the same tests run (Hypothesis takes some from the modules that are loaded);
# "search" looks for new ones.
settings.register_profile("nightvoice", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("nightvoice")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    from tests.helpers.small_disk import SmallDisk

    folder = tmp_path / "small"
    folder.mkdir()
    disk = SmallDisk(folder)
    yield disk
    disk.unmount()


@pytest.fixture(scope="session")
def pack() -> dict[str, Any]:
    """The intents of the bundled English pack, as its file has them."""
    import yaml

    import nightvoice.content

    return yaml.safe_load((Path(nightvoice.content.__file__).parent / "en" / "intents.yaml").read_text())


@pytest.fixture(scope="session")
def recognizer(pack: dict[str, Any]) -> IntentRecognizer:
    from nightvoice.understanding.recognizer import IntentRecognizer

    return IntentRecognizer(pack)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One PostgreSQL server for the whole run."""
    pytest.importorskip("psycopg", reason="psycopg not installed: pip install -e '.[dev-integrations]'")
    from tests.helpers import postgres

    with postgres.server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty diary, once for each database."""
    if request.param == "sqlite":
        return str(tmp_path / "diary.sqlite")
    server: Server = request.getfixturevalue("postgresql")
    return server.place()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run: Playwright can be started only once in a process."""
    from tests.helpers.web_site import chromium

    with chromium() as started:
        yield started


@pytest.fixture
def short_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that holds the XDG folders. Its path is short: the path of a Unix socket is limited to 107 bytes."""
    with TemporaryDirectory(prefix="nv-", dir="/tmp") as folder:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            monkeypatch.setenv(f"XDG_{name}_HOME", f"{folder}/{name.lower()}")
        yield Path(folder)


@pytest.fixture
def mosquitto(short_home: Path) -> Iterator[Mosquitto]:
    """A real broker."""
    pytest.importorskip("paho.mqtt", reason="paho-mqtt not installed: pip install -e '.[dev-integrations]'")
    from tests.helpers.broker import Mosquitto

    broker = Mosquitto(short_home / "broker")
    yield broker
    broker.kill()
