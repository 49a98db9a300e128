"""The examples run as written, and use only what is public."""

import ast
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import soundfile

import nightvoice
from nightvoice.diary.store import Diary
from scripts.demo_diary import write

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str, stdin: str = "") -> str:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True, timeout=240).stdout


def test_the_guide_in_a_chat_leads_out_of_a_cramp() -> None:
    output = run("guide_in_a_chat.py", stdin="I have a cramp in my left calf\nyes\n\n\n\nit's gone\n")
    assert "Your left calf." in output
    assert "toes up" in output
    assert "Before you stand" in output


def test_the_ears_over_a_wav_hear_the_cramp_of_the_sample_night() -> None:
    lines = run("ears_over_a_wav.py").splitlines()
    assert any("heard" in line and "cramp" in line for line in lines), lines


def test_the_diary_is_read(tmp_path: Path) -> None:
    file = tmp_path / "demo.sqlite"
    with Diary.open(str(file)) as diary:
        write(diary, date(2026, 3, 1), nights=40)
    lines = run("read_the_diary.py", str(file)).splitlines()
    assert sum(line.startswith("2026-") for line in lines) == 30
    assert any("calf" in line for line in lines)


def test_an_engine_from_outside_is_used() -> None:
    assert run("own_engine.py").startswith("hypochondriac: ")


def test_a_voice_from_outside_renders_a_prompt(tmp_path: Path) -> None:
    file = tmp_path / "prompt.wav"
    run("own_voice.py", str(file))
    assert soundfile.info(file).duration == pytest.approx(0.06 * len("Toesuptowardyourknee"), abs=0.01)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.py")), ids=lambda file: file.stem)
def test_examples_import_only_what_is_public(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nightvoice":
            names = {alias.name for alias in node.names}
            assert node.module == "nightvoice", node.module
            assert names <= set(nightvoice.__all__), names
