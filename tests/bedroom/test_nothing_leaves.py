"""What the running program opens, as the kernel sees it: no socket to any network, and no file with sound."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.bedroom.flite import speak
from tests.helpers.program import NIGHTVOICE, Program
from tests.helpers.virtual_room import RATE, VirtualRoom

pytestmark = pytest.mark.bedroom

CALLS = "socket,connect,bind,open,openat,creat,rename,renameat,renameat2,link,linkat"
NO_HOME = ("/dev/", "/proc/", "/sys/")
"""Not on a disk: devices, and the kernel's own."""


def tracer(file: Path) -> list[str]:
    """The words before a command that let the calls of it and of its children be written to ``file``."""
    if shutil.which("strace") is None:
        pytest.skip("no strace (package strace)")
    words = ["strace", "-D", "-f", "-qq", "-y", "-s", "300", "-e", f"trace={CALLS}", "-o", str(file)]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")
    return words


def families(trace: str) -> set[str]:
    """Of all sockets that were made, connected or bound."""
    return set(re.findall(r"socket\((\w+)", trace)) | set(re.findall(r"sa_family=(\w+)", trace))


def written(trace: str) -> set[Path]:
    """Every file that was opened to write, or given its name, and could be."""
    done = [line for line in trace.splitlines() if not re.search(r"= -1 E|unfinished", line)]
    opened = [re.search(r'"([^"]+)", [^)]*O_(?:WRONLY|RDWR|CREAT)', line) for line in done]
    named = [re.search(r'(?:rename|link)\w*\(.*"([^"]+)"', line) for line in done]
    return {Path(found[1]) for found in (*opened, *named) if found and not found[1].startswith(NO_HOME)}


def test_a_live_night_speaks_to_the_sound_server_alone_and_writes_no_sound(
    virtual_room: VirtualRoom, tmp_path: Path
) -> None:
    words = tmp_path / "words.wav"
    speak("I have a cramp in my left calf", words)
    trace, diary = tmp_path / "trace", tmp_path / "diary.sqlite"
    with Program(virtual_room, diary, before=tracer(trace)) as program:
        program.wait_for("listening")
        virtual_room.play(words)
        program.wait_for("said")
        assert program.end() == 0
    calls = trace.read_text(errors="replace")
    assert families(calls) == {"AF_UNIX"}
    home = Path(virtual_room.env["HOME"])
    log = home / ".local/state/nightvoice/log/nightvoice.log"
    locks = {Path(f"{diary}.lock"), home / ".local/state/nightvoice/bedside.lock"}
    ours = {diary, *(Path(f"{diary}{end}") for end in ("-wal", "-shm", "-journal")), log, *locks}
    assert {diary, log} <= written(calls)
    prompts = _cache() / "nightvoice" / "prompts"
    others = {
        file
        for file in written(calls) - ours
        # The sound library looks for its parts with a compiler; PulseAudio has a cookie, and rendered prompts are kept.
        if file.exists() and file.parent not in (prompts, home / "config" / "pulse")
    }
    assert others <= {home / ".local/share/nightvoice/near_misses.jsonl"}
    assert not [file for file in home.rglob("*") if file.is_file() and _is_sound(file)]


def test_a_rehearsed_night_opens_no_socket_at_all(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = [*NIGHTVOICE, "rehearse", "--sample", "--json", "--diary", str(tmp_path / "diary.sqlite")]
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(_cache())}
    played = subprocess.run(
        [*tracer(trace), *command], env=os.environ | home, capture_output=True, text=True, check=True
    )
    assert '"episode_closed"' in played.stdout
    assert families(trace.read_text(errors="replace")) == set()
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and _is_sound(file)]


def _cache() -> Path:
    """Where the prompts are that were rendered at set-up."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))


def _is_sound(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(4) in (b"RIFF", b"OggS", b"fLaC", b"RF64")


def test_sound_is_kept_where_that_is_turned_on_and_it_says_so(virtual_room: VirtualRoom, tmp_path: Path) -> None:
    home = Path(virtual_room.env["HOME"])
    config = home / "config" / "nightvoice" / "config.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("recording: {minutes: 3}\n")
    with Program(virtual_room, tmp_path / "diary.sqlite") as program:
        program.wait_for("listening")
        assert "find a fault" in program.wait_for("said")["text"]
        virtual_room.say(np.zeros(RATE, dtype=np.int16), RATE)
        assert program.end() == 0
    (file,) = (home / ".local/share/nightvoice/recording").iterdir()
    assert file.read_bytes().startswith(b"fLaC")
