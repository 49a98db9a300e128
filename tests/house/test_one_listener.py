"""Only one program at a time listens at a bedside or writes a night into a diary."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nightvoice.cli import app
from nightvoice.errors import NightvoiceError
from nightvoice.night.bedside import sole_listener
from nightvoice.system import paths
from nightvoice.system.control_socket import ControlSocket, Order, send_order

LISTENERS = (["run"], ["run", "--diary", "other.sqlite"], ["stretch"], ["profile", "--voice"], ["calibrate"])


@pytest.mark.parametrize("arguments", LISTENERS, ids=" ".join)
def test_a_second_listener_is_refused_in_one_line_that_names_the_first(arguments: list[str]) -> None:
    running = ControlSocket(paths.control_socket_file())
    with sole_listener("nightvoice run", paths.diary_url()), pytest.raises(NightvoiceError) as error:
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert f"nightvoice run (process {os.getpid()}) already listens here; " in str(error.value)
    assert "systemctl --user stop nightvoice" in str(error.value)
    assert send_order(Order.MUTE, paths.control_socket_file()), "the first keeps its control socket"
    running.close()


def test_a_diary_that_another_state_folder_uses_is_locked_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diary = str(home / "diary.sqlite")
    with sole_listener("nightvoice run", diary):
        monkeypatch.setenv("XDG_STATE_HOME", str(home / "container"))
        with pytest.raises(NightvoiceError, match="already listens here"), sole_listener("nightvoice run", diary):
            raise AssertionError("both hold the diary")
        with sole_listener("nightvoice run", str(home / "another.sqlite")):
            pass


def test_a_killed_program_leaves_nothing_locked() -> None:
    hold = (
        "import os, signal\nfrom nightvoice.night.bedside import sole_listener as s\n"
        "with s('x'): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", hold], check=False)
    for _ in range(2):
        with sole_listener("nightvoice run", paths.diary_url()):
            pass


def test_a_folder_that_cannot_be_written_does_not_end_the_night(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "file"))
    with sole_listener("nightvoice run", str(home / "file" / "diary.sqlite")):
        pass


def test_recordings_are_calibrated_beside_the_service(home: Path) -> None:
    with sole_listener("nightvoice run"), pytest.raises(NightvoiceError, match=r"no\.wav"):
        CliRunner().invoke(app, ["calibrate", "--from", str(home / "no.wav")], catch_exceptions=False)
