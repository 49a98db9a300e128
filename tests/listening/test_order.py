"""Recordings are heard alike in any order: nothing of one is left in the next."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import typer
from typer.testing import CliRunner

from nightvoice.audio.frames import RATE, Samples
from nightvoice.cli.listen import listen


def results(engine: str, files: list[Path]) -> dict[str, list[dict[str, Any]]]:
    """What ``listen`` heard in each file."""
    app = typer.Typer()
    app.command()(listen)
    run = CliRunner().invoke(app, [*map(str, files), "--state", "guiding", "--json", "--engine", engine])
    assert run.exit_code == 0, run.output
    events = [json.loads(line) for line in run.stdout.splitlines()]
    return {file.name: [event for event in events if event["file"] == str(file)] for file in files}


@pytest.mark.parametrize("engine", ["moonshine", "pocketsphinx"])
def test_recordings_are_heard_alike_in_any_order(engine: str, speak: Callable[..., Samples], tmp_path: Path) -> None:
    talk = "and then we went to the market and bought apples and pears and a little bread for my sister "
    noise = np.random.default_rng(1).normal(0, 1500, 4 * RATE)
    sounds = {
        "talk": np.concatenate([speak(talk * 3, 6000)[RATE:], noise]),
        "faint": speak("go back", 120),
        "cut": speak("it's getting worse", 2500)[: round(1.7 * RATE)],
        "next": speak("next"),
    }
    files = []
    for name, sound in sounds.items():
        files.append(tmp_path / f"{name}.wav")
        soundfile.write(files[-1], sound.astype(np.int16), RATE)
    forwards, backwards = results(engine, files), results(engine, files[::-1])
    assert forwards == backwards
    assert any(forwards.values())
