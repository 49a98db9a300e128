"""A home of its own for each test: folders, a diary, a broker, and the bridge as a process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from broker import PATIENCE_S, Bridge, Listener, Mosquitto

from nightvoice import paths
from nightvoice.diary.store import Diary


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The XDG folders; a short path, for that of a socket has to fit 107 letters."""
    with TemporaryDirectory(prefix="nv-", dir="/tmp") as folder:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            monkeypatch.setenv(f"XDG_{name}_HOME", f"{folder}/{name.lower()}")
        yield Path(folder)


@pytest.fixture
def diary(home: Path) -> Iterator[Diary]:
    with Diary.open(paths.diary_url()) as diary:
        yield diary


@pytest.fixture
def mosquitto(home: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(home / "broker")
    yield broker
    broker.kill()


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    listener = Listener(mosquitto.port, "nightvoice/#", "homeassistant/#")
    yield listener
    listener.close()


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    """Starts ``nightvoice bridge`` with settings, such as ``bridge__host=…``."""
    running = []

    def start(**settings: object) -> subprocess.Popen[str]:
        given = {f"NIGHTVOICE_{name.upper()}": str(value) for name, value in settings.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "nightvoice", "bridge"],
            env={**os.environ, **given}, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
