"""Every write of the service, under its own protections: a home that is read-only except for the unit's paths."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.house.test_service_unit import unit

WRITES = """
import numpy as np
from datetime import datetime
from nightvoice import assembly
from nightvoice.audio.debug_recording import DebugRecording
from nightvoice.audio.frames import SILENCE
from nightvoice.night.bedside import sole_listener
from nightvoice.listening.near_misses import NearMisses
from nightvoice.night.log import NightLog
from nightvoice.speaking.cache import PromptCache
from nightvoice.speaking.voice import Speech
from nightvoice.system import paths
from nightvoice.system.clock import LOCAL
from nightvoice.system.control_socket import ControlSocket

class Tone:
    name = "tone"
    def render(self, text):
        return Speech(np.ones(800, dtype=np.int16), 16000)

now = datetime.now(LOCAL)
with sole_listener("nightvoice run", paths.diary_url()):
    NightLog(paths.log_file()).trouble("a line")
    assert ControlSocket.open(paths.control_socket_file())
    rejected = {"t": 1.0, "event": "rejected", "intent": "cramp", "verdict": "rejected", "score": 0.4}
    NearMisses(paths.near_misses_file()).sink(now)(rejected)
    recording = DebugRecording(paths.recording_dir(), 30)
    for _ in range(40):
        recording.push(SILENCE)
    recording.close()
    diary = assembly.open_diary(paths.diary_url())
    diary.write("listening_stopped", now, {"reason": "ended"})
    diary.query(lambda book: book.name)
    assert diary.failure is None, diary.failure
    diary.close()
    PromptCache(Tone, paths.prompts_dir()).get("Good night.")
    assembly.keep_condition("pregnant", True)
"""
WRITTEN = {
    ".config/nightvoice/config.yaml",
    ".local/share/nightvoice/diary.sqlite",
    ".local/share/nightvoice/diary.sqlite.lock",
    ".local/share/nightvoice/near_misses.jsonl",
    ".local/state/nightvoice/bedside.lock",
    ".local/state/nightvoice/log/nightvoice.log",
    ".local/state/nightvoice/orders",
}
"""Files that must be there afterwards."""


def writable(*part: str) -> list[str]:
    """Paths below the home that the unit may write."""
    lines = [line.partition("=")[2] for line in unit(*part).splitlines() if line.startswith("ReadWritePaths=")]
    return [path.removeprefix("-%h/") for line in lines for path in line.split()]


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short: the path of a Unix socket is limited to 107 bytes."""
    with TemporaryDirectory(prefix="nv-", dir="/tmp") as folder:
        yield Path(folder)


def test_the_service_may_write_what_it_writes(short_folder: Path) -> None:
    home = short_folder / "home"
    binds = []
    for path in writable():
        (home / path).mkdir(parents=True)
        binds.append(f'mount --bind "{home / path}" "{home / path}"')
    mounts = [f'mount --bind "{home}" "{home}"', *binds, f'mount -o remount,bind,ro "{home}"']
    namespace = ["unshare", "--mount", "--map-root-user", "bash", "-ec"]
    tried = subprocess.run([*namespace, "; ".join(mounts)], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"a read-only home cannot be made here: {tried.stderr.strip()}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    within = subprocess.run(
        [
            *namespace,
            "; ".join([*mounts, 'touch "$HOME/no" 2>/dev/null && exit 3', 'exec "$@"']),
            "bash",
            sys.executable,
            "-c",
            WRITES,
        ],
        env=environment | {"HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert within.returncode == 0, within.stderr
    files = {str(file.relative_to(home)) for file in home.rglob("*") if not file.is_dir()}
    assert files >= WRITTEN
    assert any(file.endswith(".flac") for file in files), "the prompt"
    assert any("/recording/" in file for file in files), "the recording"


def test_the_other_services_may_not_write_the_configuration() -> None:
    assert ".config/nightvoice" in writable()
    for part in (["bridge"], ["wyoming"], ["satellite", "192.168.1.40"]):
        assert not [path for path in writable(*part) if path.startswith(".config")]
