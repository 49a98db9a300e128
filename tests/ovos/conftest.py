"""An OpenVoiceOS with nightvoice in it, and a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.extras import skip_without
from tests.ovos.openvoiceos import OpenVoiceOS

pytest_pycollect_makemodule = skip_without("ovoscope", "ovos_core", "ovos_workshop")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenVoiceOS]:
    """The real core and pipeline, on a bus in memory."""
    for kind in ("config", "data", "state", "cache"):
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", str(tmp_path / kind))
    house = OpenVoiceOS()
    yield house
    house.stop()
