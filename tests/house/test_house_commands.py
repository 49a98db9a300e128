"""config, setup and doctor, run in a separate process."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nightvoice.config.reader import load_config
from nightvoice.diary.store import Diary
from nightvoice.system import paths

Configure = Callable[[str], Path]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

MINE = """\
language: en
audio:
  input_device: 'USB: "the good one" # 2'
  night_volume: 0.25
  earcons: off
safety: {emergency_number: 000}
listening: {vosk_model: /models/größe}
"""


def test_config_show_output_is_a_valid_configuration_file(configure: Configure, nightvoice: Run) -> None:
    configure(MINE)
    mine = load_config()
    shown = nightvoice("config", "show")
    assert shown.returncode == 0, shown.stderr
    assert "(config.yaml line 4)\n  night_volume: 0.25\n" in shown.stdout
    assert "(default)\n  help_volume: 0.9\n" in shown.stdout
    configure(shown.stdout)
    assert load_config() == mine
    assert nightvoice("config", "check").stdout.endswith("config.yaml: in order\n")


def test_config_show_names_values_from_the_environment(nightvoice: Run) -> None:
    shown = nightvoice("config", "show", NIGHTVOICE_VOICE__ENGINE="espeak")
    assert "(NIGHTVOICE_VOICE__ENGINE)\n  engine: espeak\n" in shown.stdout


def test_config_check_lists_every_problem(configure: Configure, nightvoice: Run) -> None:
    file = configure("audio:\n  ercons: on\n  night_volume: 2\n")
    checked = nightvoice("config", "check")
    assert (checked.returncode, len(checked.stdout.splitlines())) == (1, 2)
    assert nightvoice("config", "check", str(file)).stdout == checked.stdout
    assert nightvoice("config", "path").stdout.strip() == str(file)


def test_invalid_configuration_is_a_one_line_error_with_exit_code_2(configure: Configure, nightvoice: Run) -> None:
    configure("audio:\n  ercons: on\n")
    shown = nightvoice("config", "show")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.count("\n") == 1
    assert 'config.yaml line 2: unknown key "audio.ercons"; did you mean "audio.earcons"?' in shown.stderr


def test_setup_without_network_names_the_substitutes_and_succeeds(home: Path, nightvoice: Run) -> None:
    offline = ("setup", "--models-url", "http://127.0.0.1:9")
    first = nightvoice(*offline)
    assert first.returncode == 0, first.stderr
    assert "which comes with nightvoice, listens instead" in first.stdout
    assert "prompts rendered (hibari" in first.stdout
    prompts = sorted((home / "cache/nightvoice/prompts").iterdir())
    assert prompts
    again = nightvoice(*offline)
    assert f"all {len(prompts)} prompts are rendered" in again.stdout


def test_doctor_without_microphone_names_it_and_fails(nightvoice: Run) -> None:
    nothing_there = {"NIGHTVOICE_AUDIO__INPUT_DEVICE": "nowhere", "NIGHTVOICE_AUDIO__OUTPUT_DEVICE": "nowhere"}
    told = nightvoice("doctor", "--json", "--aloud", **nothing_there)
    answer = json.loads(told.stdout)
    checks = {check["name"]: check for check in answer["checks"]}
    assert (told.returncode, answer["ok"]) == (1, False)
    assert set(checks) >= {
        *("configuration", "microphone", "level", "speaker", "language", "recognition", "voice", "prompts", "disk"),
        *("diary", "echo", "your voice"),
    }
    assert not checks["microphone"]["ok"]
    assert not checks["speaker"]["ok"]
    assert "no microphone" in checks["microphone"]["detail"]
    assert all(checks[name]["ok"] for name in ("configuration", "recognition", "voice", "disk", "diary"))
    assert all(bool(check["advice"]) != check["ok"] for check in checks.values())


def test_doctor_continues_despite_a_broken_configuration_and_diary(
    configure: Configure, nightvoice: Run, home: Path
) -> None:
    configure("audio:\n  ercons: on\n")
    (home / "data").write_text("a file in its place")
    told = nightvoice("doctor")
    assert told.returncode == 1
    lines = told.stdout.splitlines()
    assert any(line.startswith("✗ configuration: config.yaml line 2") for line in lines)
    assert any(line.startswith("✗ diary: ") for line in lines)
    assert any(line.startswith("✓ voice: ") for line in lines)


@pytest.mark.parametrize("arguments", [("profile",), ("episodes", "export", "--format", "csv"), ("doctor", "--help")])
def test_a_locale_without_our_letters_is_no_traceback(nightvoice: Run, arguments: tuple[str, ...]) -> None:
    with Diary.open(paths.diary_url()) as diary:
        diary.append("episode_opened", datetime(2026, 3, 2, 2, tzinfo=UTC), {"site": "calf", "side": None})
        diary.edit_episode(1, notes="\u75db\u3044 ✓")
    result = nightvoice(*arguments, PYTHONIOENCODING="iso-8859-1", PYTHONUTF8="0")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    if "export" in arguments:
        assert "\u75db\u3044 ✓" in result.stdout
