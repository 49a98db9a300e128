"""Finds Moonshine's published model in the installed wheel of ``moonshine-voice``, without importing it."""

import importlib.util
from pathlib import Path
from typing import Final

ENCODER: Final = "encoder_model.ort"
DECODER: Final = "decoder_model_merged.ort"
TOKENS: Final = "tokenizer.bin"


def published() -> Path:
    """Return the model's folder. Raises SystemExit if the wheel is not installed, or is a version without the model."""
    spec = importlib.util.find_spec("moonshine_voice")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "assets" / "tiny-en"
        if all((folder / name).is_file() for name in (ENCODER, DECODER, TOKENS)):
            return folder
    raise SystemExit("the published speech model is missing: pip install -e '.[train]'")
