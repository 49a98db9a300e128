"""For every test: the clock of nowhere in particular, so that the emergency number is the same on each machine.

Also a disk that can be filled, places for diaries, and a browser.
"""

import ctypes
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import postgres
import pytest
from broker import Mosquitto
from playwright.sync_api import Browser
from web_site import chromium

os.environ["TZ"] = "UTC"
time.tzset()

_READ_ONLY, _REMOUNT, _DETACH = 1, 32, 2


class SmallDisk:
    """A disk of 320 KiB, mounted at ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.films = folder / "films"
        """What takes the room when it is full."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._mount(0)

    def fill(self) -> None:
        """Leave no room."""
        with self.films.open("wb", buffering=0) as films, suppress(OSError):
            while True:
                films.write(b"x" * 4096)
        assert shutil.disk_usage(self.folder).free == 0

    def make_read_only(self) -> None:
        """From now on."""
        self._mount(_READ_ONLY | _REMOUNT)

    def unmount(self) -> None:
        """Also while files are open on it."""
        self._libc.umount2(os.fsencode(self.folder), _DETACH)

    def _mount(self, flags: int) -> None:
        if self._libc.mount(b"tmpfs", os.fsencode(self.folder), b"tmpfs", flags, b"size=320k"):
            pytest.skip(f"a small disk cannot be mounted here: {os.strerror(ctypes.get_errno())}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk that can be filled."""
    folder = tmp_path / "small"
    folder.mkdir()
    disk = SmallDisk(folder)
    yield disk
    disk.unmount()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """A real server."""
    with postgres.server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new place for a diary, on each database."""
    if request.param == "sqlite":
        return str(tmp_path / "diary.sqlite")
    server: postgres.Server = request.getfixturevalue("postgresql")
    return server.place()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all pages: a process can drive Chromium once only."""
    with chromium() as started:
        yield started


@pytest.fixture
def short_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The XDG folders; a short path, for that of a socket has to fit 107 letters."""
    with TemporaryDirectory(prefix="nv-", dir="/tmp") as folder:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            monkeypatch.setenv(f"XDG_{name}_HOME", f"{folder}/{name.lower()}")
        yield Path(folder)


@pytest.fixture
def mosquitto(short_home: Path) -> Iterator[Mosquitto]:
    """A real broker."""
    broker = Mosquitto(short_home / "broker")
    yield broker
    broker.kill()
