"""The configuration: valid input is read, and invalid input is a one-line error with location and remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightvoice.config.reader import environment_name, known_fields, load_config, read_config
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.system import paths

Configure = Callable[[str], Path]


def test_defaults_apply_without_a_file() -> None:
    config = load_config()
    assert config == Config()
    assert (config.audio.night_volume, config.listening.engine, config.safety.emergency_number) == (0.35, "auto", "112")


def test_paths_follow_xdg(home: Path) -> None:
    assert paths.config_file() == home / "config/nightvoice/config.yaml"
    assert paths.diary_url() == f"sqlite:///{home}/data/nightvoice/diary.sqlite"
    assert paths.prompts_dir() == home / "cache/nightvoice/prompts"


def test_keys_missing_from_the_file_keep_their_defaults(configure: Configure) -> None:
    configure("audio:\n  input_device: 3\n  output_device: USB\n  earcons: off\nlistening: {vosk_model: ~/vosk}\n")
    config = load_config()
    assert (config.audio.input_device, config.audio.output_device, config.audio.earcons) == (3, "USB", False)
    assert config.listening.vosk_model == Path.home() / "vosk"
    assert config.audio.night_volume == 0.35


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "null\n", "audio:\n", "audio: {}\n", "audio:\n  input_device: null\n  night_volume:\n"]
)
def test_empty_means_default(configure: Configure, text: str) -> None:
    configure(text)
    assert load_config() == Config()


def test_text_is_kept_as_written(configure: Configure) -> None:
    configure("safety:\n  emergency_number: 000\nlanguage: no\n")
    config = load_config()
    assert (config.safety.emergency_number, config.language) == ("000", "no")


def test_environment_overrides_the_file(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    configure("audio:\n  night_volume: 0.2\n  help_volume: 0.8\n")
    monkeypatch.setenv("NIGHTVOICE_AUDIO__NIGHT_VOLUME", "0.5")
    reading = read_config()
    assert (reading.config.audio.night_volume, reading.config.audio.help_volume) == (0.5, 0.8)
    assert reading.settings["audio.night_volume"].where == "NIGHTVOICE_AUDIO__NIGHT_VOLUME"
    assert reading.settings["audio.help_volume"].where == "config.yaml line 3"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "# mine\naudio:\n  ouput_device: 3\n",
            'config.yaml line 3: unknown key "audio.ouput_device"; did you mean "audio.output_device"?',
        ),
        ("audoi:\n  earcons: no\n", 'config.yaml line 1: unknown key "audoi"; did you mean "audio"?'),
        ("night_volume: 1\n", 'config.yaml line 1: unknown key "night_volume"; did you mean "audio.night_volume"?'),
        ("xyzzy: 1\n", 'config.yaml line 1: unknown key "xyzzy"; nightvoice config show lists all keys'),
        ("audio:\n  night_volume: 2\n", 'line 2: audio.night_volume is "2": should be less than or equal to 1'),
        ("audio:\n  night_volume: nan\n", 'line 2: audio.night_volume is "nan": should be a finite number'),
        ("audio:\n  night_volume: loud\n", 'line 2: audio.night_volume is "loud": should be a valid number'),
        ("audio:\n  earcons: maybe\n", 'line 2: audio.earcons is "maybe": should be a valid boolean'),
        ("voice:\n  rate_wpm: 150.5\n", 'line 2: voice.rate_wpm is "150.5": should be a valid integer'),
        (
            "\nlistening:\n\n  engine: vosc\n",
            "line 4: listening.engine is \"vosc\": should be 'auto', 'moonshine', 'vosk'",
        ),
        (
            "safety:\n  emergency_number: mum\n",
            'line 2: safety.emergency_number is "mum": does not fit: Emergency number',
        ),
        ("audio: loud\n", 'line 1: "audio" is a section: its keys go on the lines below, indented'),
        ("audio:\n  earcons: [1, 2]\n", 'line 2: "audio.earcons" should have one plain value'),
        ("audio:\n  earcons: on\n  earcons: off\n", 'line 3: "audio.earcons" is here a second time'),
        ("- audio\n", "config.yaml line 1: should be keys with values"),
        ("audio:\n\tearcons: on\n", "config.yaml line 2: is not YAML: found character '\\t'"),
        ("audio: &a\n  earcons: *b\n", "config.yaml line 2: is not YAML: found undefined alias 'b'"),
        ("audio: &a {earcons: *a}\n", 'line 1: "audio.earcons" should have one plain value'),
        ("audio: \x07\n", "config.yaml: is not YAML: unacceptable character"),
        ("audio: {}\n---\naudio: {}\n", "config.yaml line 2: is not YAML: but found another document"),
    ],
)
def test_an_invalid_file_is_a_one_line_error_with_its_location(configure: Configure, text: str, line: str) -> None:
    configure(text)
    with pytest.raises(NightvoiceError) as error:
        load_config()
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_several_errors_are_counted(configure: Configure) -> None:
    configure("audio:\n  ercons: on\n  night_volume: 2\nvoice:\n  rate_wpm: 9\n")
    with pytest.raises(NightvoiceError, match=r'line 2: .*"audio.earcons"\? \(and 2 more\)$'):
        load_config()


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "NIGHTVOICE_AUDIO_EARCONS",
            "on",
            'environment: unknown variable NIGHTVOICE_AUDIO_EARCONS; did you mean "NIGHTVOICE_AUDIO__EARCONS"?',
        ),
        (
            "NIGHTVOICE_VOICE__RATE_WPM",
            "fast",
            'NIGHTVOICE_VOICE__RATE_WPM: voice.rate_wpm is "fast": should be a valid',
        ),
    ],
)
def test_an_invalid_environment_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(NightvoiceError) as error:
        load_config()
    assert line in str(error.value)


def test_a_requested_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(NightvoiceError, match=r"mine\.yaml: no such file"):
        load_config(tmp_path / "mine.yaml")


def test_unreadable_files_are_reported(tmp_path: Path) -> None:
    with pytest.raises(NightvoiceError, match="cannot be read: is a directory"):
        load_config(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("voice: {engine: größe}".encode("latin-1"))
    with pytest.raises(NightvoiceError, match=r"latin\.yaml: is not UTF-8 text"):
        load_config(tmp_path / "latin.yaml")


def test_every_key_has_a_description_and_a_variable() -> None:
    fields = known_fields()
    assert len(fields) > 10
    assert all(field.description for field in fields.values())
    assert len({environment_name(key) for key in fields}) == len(fields)
