"""Rooms for the tests of this folder."""

from collections.abc import Iterator

import pytest
from virtual_room import VirtualRoom, missing_tools


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
