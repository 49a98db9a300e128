"""``nightvoice calibrate`` over recordings of a test voice."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return options with recordings: the phrase by three voices, and two seconds of a quiet room."""
    if shutil.which("flite") is None:
        pytest.skip("no voice to speak with (package flite)")
    folder, options = tmp_path_factory.mktemp("said"), []
    for voice in ("slt", "rms", "awb"):
        file = folder / f"{voice}.wav"
        subprocess.run(["flite", "-voice", voice, "-t", "I have a cramp", "-o", str(file)], check=True)
        options += ["--from", str(file)]
    quiet = np.random.default_rng(0).normal(0, 6, 32_000).astype(np.int16)
    soundfile.write(folder / "room.wav", quiet, 16_000)
    return [*options, "--noise", str(folder / "room.wav")]


def test_calibration_stores_only_numbers_and_reset_deletes_them(
    nightvoice: Run, recordings: list[str], home: Path
) -> None:
    found = nightvoice("calibrate", "--json", *recordings)
    assert found.returncode == 0, found.stderr
    kept = json.loads(found.stdout)
    assert kept["said"] == 3
    assert kept["heard_now"] >= 2
    assert -0.5 <= kept["shift"] <= 1
    file = home / "data" / "nightvoice" / "calibration.json"
    assert json.loads(file.read_text()) == kept
    checks = {check["name"]: check for check in json.loads(nightvoice("doctor", "--json").stdout)["checks"]}
    assert f"of {kept['said']}" in checks["calibration"]["detail"]
    assert nightvoice("calibrate", "--reset").returncode == 0
    assert not file.exists()


def test_too_few_recordings_change_nothing(nightvoice: Run, recordings: list[str], home: Path) -> None:
    found = nightvoice("calibrate", *recordings[:4])
    assert (found.returncode, found.stdout) == (2, "")
    assert "at least 3 times" in found.stderr
    assert not (home / "data" / "nightvoice" / "calibration.json").exists()


def test_unusable_input_is_a_one_line_error(nightvoice: Run, home: Path) -> None:
    for arguments in (["--from", str(home / "none.wav")], ["--noise", str(home / "none.wav")]):
        found = nightvoice("calibrate", *arguments)
        assert found.returncode == 2
        assert len(found.stderr.splitlines()) == 1
