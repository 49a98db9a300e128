"""Which voice speaks."""

import importlib.util
from typing import Literal

from nightvoice.speaking.espeak_voice import EspeakVoice
from nightvoice.speaking.hibari_voice import HibariVoice
from nightvoice.speaking.voice import Voice

Preference = Literal["auto", "hibari", "espeak"]


def choose_voice(preference: Preference = "auto", rate_wpm: int = 150) -> Voice:
    """The preferred voice at about ``rate_wpm`` words a minute; ``auto``: hibari where it is installed, else espeak.

    Cheap: no model is loaded before the first text is rendered. The voice's ``name`` says which one it is.
    """
    if preference == "espeak" or (preference == "auto" and not _installed("hibari", "onnxruntime")):
        return EspeakVoice(rate_wpm)
    return HibariVoice.at_pace(rate_wpm)


def _installed(*packages: str) -> bool:
    return all(importlib.util.find_spec(package) is not None for package in packages)
