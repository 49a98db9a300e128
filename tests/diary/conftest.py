"""Every test of the diary runs on a SQLite file and on a real PostgreSQL server."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import postgres


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    with postgres.server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new place for a diary, on each database."""
    if request.param == "sqlite":
        return str(tmp_path / "diary.sqlite")
    server: postgres.Server = request.getfixturevalue("postgresql")
    return server.place()
