"""The debug recording: bounded, readable by its owner alone, and off by default."""

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from nightvoice.audio import debug_recording
from nightvoice.audio.debug_recording import DebugRecording, recorded_files
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE
from nightvoice.cli import app
from nightvoice.cli.doctor import storage
from nightvoice.cli.doctor.check import CheckFailedError
from nightvoice.config.schema import Config, RecordingSettings
from nightvoice.system import paths

SOUND = np.random.default_rng(1).normal(0, 3000, round(2.5 * 60 / FRAME_S) * FRAME_SAMPLES).astype(np.int16)


def record(folder: Path, minutes: int) -> None:
    recording = DebugRecording(folder, minutes)
    for frame in SOUND.reshape(-1, FRAME_SAMPLES):
        recording.push(frame)
    recording.close()


@pytest.fixture(autouse=True)
def ticking_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves a second per call: files are named by the second in which they begin."""
    names = iter(range(1000))

    class Clock(debug_recording.datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Clock":
            return cls(2026, 3, 1, 22, 0, next(names))

    monkeypatch.setattr(debug_recording, "datetime", Clock)


def test_frames_are_recorded_to_one_file_per_minute(tmp_path: Path) -> None:
    record(tmp_path / "recording", 10)
    files = recorded_files(tmp_path / "recording")
    heard = np.concatenate([soundfile.read(file, dtype="int16")[0] for file in files])
    assert np.array_equal(heard, SOUND)
    assert [round(soundfile.info(file).frames / RATE) for file in files] == [60, 60, 30]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert files[0].parent.stat().st_mode & 0o777 == 0o700
    assert max(file.stat().st_size for file in files) < 2_000_000


def test_the_oldest_file_is_deleted(tmp_path: Path) -> None:
    record(tmp_path, 2)
    newest = [soundfile.read(file, dtype="int16")[0] for file in recorded_files(tmp_path)]
    assert np.array_equal(np.concatenate(newest), SOUND[-sum(map(len, newest)) :])
    assert len(newest) == 2


def test_zero_minutes_record_nothing(tmp_path: Path) -> None:
    threads = threading.active_count()
    record(tmp_path / "recording", 0)
    assert not (tmp_path / "recording").exists()
    assert threading.active_count() == threads


def test_disk_errors_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "recording").write_text("no folder")
    record(tmp_path / "recording", 2)


def test_doctor_reports_the_recording_and_a_command_deletes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    assert storage.recording(Config()) == "off: no sound is kept"
    record(paths.recording_dir(), 5)
    with pytest.raises(CheckFailedError, match="on: the last 5 minutes of sound are kept; 3 minutes"):
        storage.recording(Config(recording=RecordingSettings(minutes=5)))
    with pytest.raises(CheckFailedError, match="off, but 3 minutes of sound"):
        storage.recording(Config())
    assert "3 files" in CliRunner().invoke(app, ["recording"]).stdout
    assert "3 files are deleted" in CliRunner().invoke(app, ["recording", "--delete"]).stdout
    assert recorded_files(paths.recording_dir()) == []
