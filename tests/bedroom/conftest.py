"""Rooms for the tests of this folder, and a night in real time beside all tests."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.helpers.virtual_room import VirtualRoom, missing_tools

_NIGHT = pytest.StashKey[subprocess.Popen[str]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What began beside the others is looked at last."""
    items.sort(key=_beside)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Its five minutes run while the others do."""
    if not any(map(_beside, session.items)) or session.config.option.collectonly or missing_tools():
        return
    command = [sys.executable, "-m", "tests.bedroom.real_time"]
    session.config.stash[_NIGHT] = subprocess.Popen(
        command, cwd=session.config.rootpath, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Nobody may have asked for it."""
    night = session.config.stash.get(_NIGHT, None)
    if night is not None and night.poll() is None:
        night.terminate()
        night.communicate(timeout=30)


def _beside(item: pytest.Item) -> bool:
    return item.get_closest_marker("beside") is not None


@pytest.fixture
def night_beside(pytestconfig: pytest.Config) -> subprocess.Popen[str]:
    """The night of five minutes that began with the first test."""
    if reason := missing_tools():
        pytest.skip(reason)
    return pytestconfig.stash[_NIGHT]


@pytest.fixture
def virtual_room() -> Iterator[VirtualRoom]:
    """A virtual bedroom for programs that are started with its ``env``."""
    reason = missing_tools()
    if reason is not None:
        pytest.skip(reason)
    with VirtualRoom() as room:
        yield room


@pytest.fixture
def in_the_room(virtual_room: VirtualRoom, monkeypatch: pytest.MonkeyPatch) -> VirtualRoom:
    """A virtual bedroom in which this very process lives."""
    for name, value in virtual_room.env.items():
        monkeypatch.setenv(name, value)
    return virtual_room
