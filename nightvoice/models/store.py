"""Where models are: those shipped with nightvoice, and the folders of those that ``download.py`` fetches."""

from pathlib import Path
from typing import Final

from nightvoice.errors import NightvoiceError
from nightvoice.models.checksums import SUMS, verify
from nightvoice.system import paths

VOSK: Final = "vosk-model-small-en-us-0.15"


def shipped(name: str) -> Path:
    """Return a file shipped with nightvoice, from the installed package or from models/ in the repository.

    Raises NightvoiceError if it is missing, or if it is of a model and differs from the released one.
    """
    package = Path(__file__).parent.parent
    for file in (package / "_models" / name, package.parent / "models" / name):
        if file.is_file():
            if file.suffix in (".onnx", ".txt"):
                verify(file, name, file.with_name(SUMS))
            return file
    raise NightvoiceError(f"models/{name} is missing: install nightvoice again")


def vosk_folder(configured: Path | None) -> Path:
    """Return the ``configured`` folder of Vosk's model, or setup's download folder (which may not exist)."""
    return configured or paths.models_dir() / VOSK
