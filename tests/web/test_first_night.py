"""docs/first-night.md, step by step: what it quotes is what happens."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nightvoice.audio.frames import SILENCE
from nightvoice.cli import app
from nightvoice.diary.store import Diary
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult
from tests.helpers.web_site import Serve
from tests.web.test_first_day import trial_of

PAGE = Path(__file__).parents[2] / "docs" / "first-night.md"
SECTIONS = PAGE.read_text().split("\n## ")[1:]
ONSET = datetime(2026, 3, 27, 3, 12).astimezone()
NIGHT = """
from: "2026-03-27T03:11:50"
until: 170
night:
  - {at: 10, say: "i have a cramp in my left calf"}
  - {after: "usual cramp", say: "yes"}
  - {after: "Is it easing", say: "it's gone"}
"""
Run = Callable[..., str]


def quoted(step: int) -> list[str]:
    """The lines of a step's blocks."""
    blocks = re.findall(r"```\w+\n(.*?)```", SECTIONS[step - 1], re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()]


@pytest.fixture
def run() -> Run:
    """Run a command, and return what it prints, with its refusal as the terminal shows it."""

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, words)
        return " ".join(result.output.split()) + (f"nightvoice: {result.exception}" if result.exception else "")

    return run


@pytest.fixture
def morning(run: Run, tmp_path: Path) -> tuple[Path, str]:
    """The diary after the night of step 5, and what was said."""
    file, script = tmp_path / "diary.sqlite", tmp_path / "night.yaml"
    script.write_text(NIGHT)
    with Diary.open(str(file)) as diary:
        diary.listening(ONSET.replace(day=26, hour=22), ONSET)
        said = run("rehearse", "--script", str(script), "--diary", str(file))
        diary.listening(ONSET, ONSET.replace(hour=6))
    return file, said


def test_before(run: Run) -> None:
    command, told = quoted(1)
    assert command == "$ nightvoice summary"
    assert run("summary") == told


def test_set_up_ends_with_what_to_say(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("_prepare_second_ear", "_render_prompts"):
        monkeypatch.setattr(f"nightvoice.cli.setup.{part}", lambda *_: None)
    assert run("setup", "--no-download", "--no-ask") == quoted(2)[0]


def test_the_page_and_the_microphone(serve: Serve) -> None:
    site = serve(empty=True)
    assert "Three steps to the first night" in site.ask("/").text
    heard = RecognitionResult(Verdict.HEARD, "i have a cramp", 0.9, "moonshine", "cramp")
    site.context.microphone_trial = trial_of(heard, frame=SILENCE)
    form = {"csrf": site.token("/microphone")}
    assert "<b>Heard.</b> It would have come to help." in site.ask("/microphone", form).text


def test_the_night_and_the_morning(serve: Serve, morning: tuple[Path, str], run: Run) -> None:
    file, said = morning
    for line in quoted(5):
        words = line.removeprefix("you").strip()
        assert (words.rstrip(".").lower() if line.startswith("you") else words) in said, line
    day = ("--night", "2026-03-26")
    told = run("summary", *day, "--diary", str(file)) + run("episodes", "list", "--diary", str(file))
    for line in quoted(6):
        assert line.startswith("$") or " ".join(line.split()) in told, told


def test_every_picture_is_there() -> None:
    for picture in re.findall(r"\]\((\S+\.png)\)", PAGE.read_text()):
        assert (PAGE.parent / picture).is_file(), picture
