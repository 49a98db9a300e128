"""A sound library that hangs on a JACK database that a killed program left locked."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightvoice.audio.devices.jack import DATABASE
from nightvoice.audio.devices.listing import list_devices

PORTAUDIO = f"""
import pathlib, time
if pathlib.Path({str(DATABASE)!r}).exists():
    time.sleep(60)

class PortAudioError(Exception):
    pass

def query_devices(kind=None):
    if kind is None:
        return [dict(name="bedside", max_input_channels=1, max_output_channels=0, default_samplerate=16000)]
    raise ValueError(kind)
"""


@pytest.fixture
def locked() -> Iterator[None]:
    """A database on which every initialisation of PortAudio hangs."""
    DATABASE.mkdir(exist_ok=True)
    yield
    shutil.rmtree(DATABASE, ignore_errors=True)


@pytest.mark.skipif(not DATABASE.parent.is_dir(), reason="no shared memory in /dev/shm")
@pytest.mark.usefixtures("locked")
def test_devices_are_listed_despite_a_locked_jack_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sounddevice.py").write_text(PORTAUDIO)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    assert [device.name for device in list_devices()] == ["bedside"]
