"""A real locale with other letters than ours (ISO-8859-1), and outputs that cannot take everything."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightvoice.diary.store import Diary
from nightvoice.system import paths

LATIN = "en_GB.ISO-8859-1"
NOTE = "\u75db\u3044 \u2192 caf\u00e9 \u2713"
Latin = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that locale."""
    program, folder = shutil.which("localedef"), tmp_path_factory.mktemp("locales")
    if program is None:
        pytest.skip("localedef is not installed")
    made = subprocess.run(
        [program, "-i", "en_GB", "-f", "ISO-8859-1", folder / LATIN], capture_output=True, check=False
    )
    if not (folder / LATIN).is_dir():
        pytest.skip(f"localedef has no sources: {made.stderr.decode(errors='replace').strip()}")
    return folder


@pytest.fixture
def latin(locales: Path) -> Latin:
    """Run the program in that locale, with its output to a pipe or an open file."""
    environment = {name: text for name, text in os.environ.items() if name not in ("PYTHONUTF8", "PYTHONIOENCODING")}
    environment |= {"LOCPATH": str(locales), "LC_ALL": LATIN}
    asked = "import sys; print(sys.stdout.encoding, sys.flags.utf8_mode)"
    shown = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, check=True).stdout
    assert shown.split() == [b"iso8859-1", b"0"], "it is that locale"

    def run(*arguments: str, to: int = subprocess.PIPE) -> "subprocess.CompletedProcess[bytes]":
        words = [sys.executable, "-m", "nightvoice", *arguments]
        return subprocess.run(
            words, env=environment, stdin=subprocess.DEVNULL, stdout=to, stderr=subprocess.PIPE, check=False
        )

    return run


@pytest.fixture(autouse=True)
def night(home: Path) -> None:
    """A night with a cramp and a note."""
    at = datetime.now(UTC) - timedelta(hours=3)
    with Diary.open(paths.diary_url()) as diary:
        diary.append("listening_started", at, {"engine": "e", "voice": "v", "version": "1"})
        number = diary.append("episode_opened", at, {"site": "calf", "side": None})
        diary.append("episode_closed", at + timedelta(minutes=4), {"outcome": "gone"})
        diary.append("listening_stopped", at + timedelta(hours=2), {"reason": "ended"})
        diary.edit_episode(number, notes=NOTE)


@pytest.mark.parametrize(
    ("words", "code"),
    [("doctor", 1), ("summary", 0), *((f"episodes export --format {name}", 0) for name in ("jsonl", "csv", "fhir"))],
)
def test_nothing_ends_in_a_traceback_and_a_file_has_all_that_a_pipe_has(
    latin: Latin, tmp_path: Path, words: str, code: int
) -> None:
    if "fhir" in words:
        pytest.importorskip("fhir.resources")
    piped, file = latin(*words.split()), tmp_path / "out"
    with file.open("wb") as out:
        filed = latin(*words.split(), to=out.fileno())
    for result in (piped, filed):
        assert (result.returncode, b"Traceback" in result.stderr) == (code, False), result.stderr.decode()
    text = file.read_text(encoding="utf-8-sig")
    if words in ("doctor", "summary"):
        assert text.splitlines()[-1].rstrip().endswith((".", "top.")), "to its last line"
        assert ("✓" in text) == (words == "doctor")
        return
    if "fhir" in words:
        assert len(json.loads(text)["entry"]) == len(json.loads(piped.stdout)["entry"])
    else:
        assert text == piped.stdout.decode("utf-8-sig").replace("\r\n", "\n")
        assert NOTE in text
    if "csv" in words:
        (row,) = csv.DictReader(text.splitlines())
        assert row["notes"] == NOTE
    elif "jsonl" in words:
        lines = [json.loads(line) for line in text.splitlines()]
        assert [line["event"]["kind"] for line in lines if "event" in line][-1] == "episode_edited"


@pytest.mark.parametrize("words", ["episodes export", "summary"])
def test_a_full_disk_is_one_line(latin: Latin, words: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("wb") as full:
        result = latin(*words.split(), to=full.fileno())
    assert result.returncode == 2
    assert result.stderr == b"nightvoice: the output cannot be written in full: No space left on device\n"
