"""Changing one key of the configuration file preserves the rest."""

import os
from pathlib import Path

import pytest

from nightvoice.config.edit import change
from nightvoice.config.reader import load_config
from nightvoice.errors import NightvoiceError
from nightvoice.system import paths

WRITTEN = """\
# How I like it.
language: en

audio:
  night_volume: 0.2  # quiet
  input_device: "USB: 2"
"""


@pytest.fixture
def file(home: Path) -> Path:
    file = paths.config_file()
    file.parent.mkdir(parents=True)
    file.write_text(WRITTEN, encoding="utf-8")
    return file


def test_other_content_is_preserved(file: Path) -> None:
    change({"audio.night_volume": "0.3"})
    assert file.read_text("utf-8") == WRITTEN.replace("0.2", "0.3")
    assert load_config().audio.night_volume == 0.3


def test_new_sections_and_unusual_values_are_written(file: Path) -> None:
    values = {"safety.emergency_number": "000", "voice.rate_wpm": "140", "audio.output_device": "no: yes # {x}"}
    change(values)
    config = load_config()
    assert (config.safety.emergency_number, config.voice.rate_wpm) == ("000", 140)
    assert config.audio.output_device == "no: yes # {x}"
    assert file.read_text("utf-8").startswith("# How I like it.")


def test_a_removed_key_has_its_default(file: Path) -> None:
    change({"audio.input_device": None, "voice.rate_wpm": None})
    assert load_config().audio.input_device is None


def test_a_new_file_is_private(home: Path) -> None:
    change({"language": "en"})
    assert paths.config_file().stat().st_mode & 0o777 == 0o600
    assert load_config().language == "en"


def test_invalid_changes_change_nothing(file: Path) -> None:
    with pytest.raises(NightvoiceError, match=r'^audio.night_volume is "7"'):
        change({"audio.night_volume": "7", "language": "de"})
    assert file.read_text("utf-8") == WRITTEN
    assert os.listdir(file.parent) == [file.name]


def test_a_broken_file_is_named(file: Path) -> None:
    file.write_text("audio: [", encoding="utf-8")
    with pytest.raises(NightvoiceError, match=r"config\.yaml line 1: is not YAML"):
        change({"language": "en"})
