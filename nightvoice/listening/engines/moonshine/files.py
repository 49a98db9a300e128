"""Finds Moonshine's model in the installed wheel of ``moonshine-voice``; imports neither it nor ONNX Runtime."""

import importlib.util
from pathlib import Path
from typing import Final

TOKENS: Final = "tokenizer.bin"
"""The file of the model that is used as it is published."""
FILES: Final = ("encoder_model.ort", "decoder_model_merged.ort", TOKENS)
"""The files of the model, in its folder; our networks were made of the other two."""


def model_folder() -> Path | None:
    """Return the model's folder; None if the wheel is not installed, or is a version without the model."""
    spec = importlib.util.find_spec("moonshine_voice")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "assets" / "tiny-en"
        if all((folder / name).is_file() for name in FILES):
            return folder
    return None
