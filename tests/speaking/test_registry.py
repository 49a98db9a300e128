"""Voices from outside: registered by a program, or found by their entry point."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nightvoice.config.choices import VOICES, choices
from nightvoice.config.reader import known_fields, load_config
from nightvoice.errors import NightvoiceError
from nightvoice.speaking.cache import PromptCache
from nightvoice.speaking.registry import VoiceSpec, choose_voice, register_voice
from tests.helpers.page_package import code_of, install

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-voice.md"
BUILT_IN = tuple(VOICES.names())


@pytest.fixture(autouse=True)
def registered_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what a test registers."""
    monkeypatch.setattr(VOICES, "_specs", dict(VOICES._specs))


@pytest.fixture
def code() -> str:
    """The module of docs/adding-a-voice.md."""
    return code_of(PAGE)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of docs/adding-a-voice.md, as pip leaves it; returns its module."""
    return install(tmp_path, monkeypatch, PAGE, "beeps", "nightvoice.voices", "beeps:VOICE")


def configured(folder: Path, engine: str) -> str:
    file = folder / "config.yaml"
    file.write_text(f"voice:\n  engine: {engine}\n")
    return load_config(file).voice.engine


def test_a_registered_voice_renders_a_prompt_through_the_cache(tmp_path: Path, code: str) -> None:
    scope: dict[str, Any] = {}
    exec(code, scope)
    register_voice(scope["VOICE"])
    name = configured(tmp_path, "beeps")
    first = PromptCache(lambda: choose_voice(name, 150), tmp_path / "prompts").get("Good night.")
    assert first.seconds == pytest.approx(9 * 60 / 150 / 5, abs=0.01)
    (stored,) = (tmp_path / "prompts").glob("*.flac")
    again = PromptCache(lambda: choose_voice(name, 150), tmp_path / "prompts").get("Good night.")
    assert (again.samples == first.samples).all()
    assert stored.exists()


@pytest.mark.usefixtures("installed")
def test_a_voice_behind_an_entry_point_is_chosen_by_its_name_and_loaded_then(tmp_path: Path) -> None:
    assert configured(tmp_path, "beeps") == "beeps"
    assert choices(known_fields()["voice.engine"]) == ("auto", *BUILT_IN, "beeps")
    assert "beeps" not in sys.modules
    assert choose_voice("beeps", 120).name == "beeps-120"
    assert "beeps" in sys.modules


@pytest.mark.usefixtures("installed")
def test_entry_points_are_looked_up_only_for_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_needed() -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr(VOICES, "_entry_points", none_needed)
    for name in ("auto", *BUILT_IN):
        choose_voice(configured(tmp_path, name))


def test_an_unknown_voice_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    *most, last = (f"'{name}'" for name in ("auto", *BUILT_IN))
    expected = f'should be {", ".join(most)} or {last}; did you mean "hibari"\\?'
    with pytest.raises(NightvoiceError, match=f'config.yaml line 2: voice.engine is "hibary": {expected}$'):
        configured(tmp_path, "hibary")
    with pytest.raises(NightvoiceError, match=f"no voice 'hibary'; there are: {', '.join(BUILT_IN)}"):
        choose_voice("hibary")


def test_a_voice_that_cannot_be_loaded_is_named(tmp_path: Path, installed: None) -> None:
    module = tmp_path / "site" / "beeps.py"
    module.write_text("import a_module_that_is_missing\n")
    with pytest.raises(NightvoiceError, match="voice 'beeps' cannot be loaded from beeps:VOICE: No module named"):
        choose_voice("beeps")
    module.write_text("VOICE = 'a string'\n")
    sys.modules.pop("beeps", None)
    with pytest.raises(NightvoiceError, match="voice 'beeps': its entry point is not a VoiceSpec"):
        choose_voice("beeps")


def test_auto_takes_the_first_that_is_available() -> None:
    class Silent:
        def __init__(self, name: str) -> None:
            self.name = name

    def spec(name: str, available: bool, order: int | None) -> VoiceSpec:
        return VoiceSpec(name, lambda _: Silent(name), lambda: available, order)

    register_voice(spec("never", True, None))
    register_voice(spec("missing", False, 1))
    assert choose_voice().name.startswith(("hibari", "espeak", "pyttsx3"))
    register_voice(spec("best", True, 2))
    assert choose_voice().name == "best"


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="voice 'espeak' is registered already"):
        register_voice(VoiceSpec("espeak", lambda _: choose_voice("hibari")))


def test_importing_the_registry_loads_no_synthesizer() -> None:
    code = (
        "import sys; import nightvoice.speaking.registry; "
        "assert not {'onnxruntime', 'hibari', 'pyttsx3', 'soundfile'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
