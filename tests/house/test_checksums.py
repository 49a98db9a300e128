"""Model files are verified before they are loaded."""

import hashlib
import shutil
from pathlib import Path

import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.transcribers.whisper_base import weights
from nightvoice.models import store
from nightvoice.models.checksums import SUMS, verify

MODELS = Path(__file__).parents[2] / "models"


def test_every_loaded_model_matches_its_checksum() -> None:
    listed = {line.split()[1] for line in (MODELS / SUMS).read_text().splitlines()}
    files = {file.name: file for file in (*MODELS.glob("*.onnx"), *MODELS.glob("*.txt"))}
    files |= {f"whisper-base/part{number}": file for number, file in enumerate(weights() or (), start=1)}
    assert listed - {"whisper-base/8-bit"} == set(files)  # is made when it is first needed
    for name, file in files.items():
        verify(file, name, MODELS / SUMS)


def test_one_changed_bit_is_a_one_line_error(tmp_path: Path) -> None:
    file = tmp_path / "cramp.onnx"
    content = bytearray((MODELS / file.name).read_bytes())
    file.write_bytes(content)
    verify(file, file.name, MODELS / SUMS)
    content[1000] ^= 1
    file.write_bytes(content)
    with pytest.raises(NightvoiceError, match=r"cramp\.onnx is not the file that was released.*install") as error:
        verify(file, file.name, MODELS / SUMS)
    assert "\n" not in str(error.value)


def test_a_modified_moonshine_model_is_never_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (SUMS, "tokens.txt"):
        (tmp_path / "models").mkdir(exist_ok=True)
        shutil.copy(MODELS / name, tmp_path / "models")
    with (tmp_path / "models" / "tokens.txt").open("ab") as file:
        file.write(b"another\n")
    monkeypatch.setattr(store, "__file__", str(tmp_path / "nightvoice" / "models" / "store.py"))
    with pytest.raises(NightvoiceError, match=r"tokens\.txt is not the file that was released"):
        engine_spec("auto", EngineOptions()).make(EngineOptions())


@pytest.mark.parametrize("text", ["", "nonsense\n", "no list at all of anything\n"])
def test_a_missing_checksum_is_a_one_line_error(tmp_path: Path, text: str) -> None:
    (tmp_path / SUMS).write_text(text)
    with pytest.raises(NightvoiceError, match="install nightvoice again"):
        verify(MODELS / "cramp.onnx", "cramp.onnx", tmp_path / SUMS)
    with pytest.raises(NightvoiceError, match="install nightvoice again"):
        verify(MODELS / "cramp.onnx", "cramp.onnx", tmp_path / "none")


def test_an_unreadable_model_is_named(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"").hexdigest()
    (tmp_path / SUMS).write_text(f"{digest}  x.onnx\n")
    with pytest.raises(NightvoiceError, match=r"x\.onnx: cannot be read"):
        verify(tmp_path / "x.onnx", "x.onnx", tmp_path / SUMS)
