"""A home of its own for each test: folders, a diary, a broker, and the bridge as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nightvoice.diary.store import Diary
from nightvoice.system import paths
from tests.helpers.extras import skip_without

if TYPE_CHECKING:
    from tests.helpers.broker import Bridge, Listener, Mosquitto

pytest_pycollect_makemodule = skip_without("aiomqtt", "apprise", "paho", "wyoming")


@pytest.fixture(autouse=True)
def home(short_home: Path) -> Path:
    """No file of the user's is read or written."""
    return short_home


@pytest.fixture
def diary(home: Path) -> Iterator[Diary]:
    with Diary.open(paths.diary_url()) as diary:
        yield diary


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    from tests.helpers.broker import Listener

    listener = Listener(mosquitto.port, "nightvoice/#", "homeassistant/#")
    yield listener
    listener.close()


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    """Starts ``nightvoice bridge`` with settings, such as ``bridge__host=…``."""
    from tests.helpers.waiting import PATIENCE_S

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
