"""The voices to choose from. Importing this module loads no synthesizer."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nightvoice.config.choices import VOICES
from nightvoice.system.registry import AUTO

if TYPE_CHECKING:
    from nightvoice.speaking.voice import Voice


@dataclass(frozen=True, slots=True)
class VoiceSpec:
    """A voice that ``voice.engine`` can name."""

    name: str
    make: Callable[[int], Voice]
    """Makes the voice, given the pace in words per minute (100 to 220); called when the voice is first needed."""
    is_available: Callable[[], bool] = lambda: True
    """Whether the voice can speak on this machine. Only ``auto`` asks; must be quick."""
    auto_order: int | None = None
    """Position in ``auto``, lowest first (hibari is 10, espeak 20). None: used only if named."""


def register_voice(spec: VoiceSpec) -> None:
    """Add a voice. Raises ValueError for a name that is taken.

    A package that is not imported at the start names its spec in the entry-point group ``nightvoice.voices`` instead.
    """
    VOICES.register(spec.name, spec)


def choose_voice(name: str = AUTO, rate_wpm: int = 150) -> Voice:
    """Return the voice called ``name`` at about ``rate_wpm`` words per minute; ``auto``: the best available.

    Cheap: no model is loaded before the first text is rendered. Raises NightvoiceError for an unknown name.
    """
    return VOICES.choose(name, VoiceSpec, lambda spec: spec.is_available()).make(rate_wpm)


def _hibari(rate_wpm: int) -> Voice:
    from nightvoice.speaking.hibari_voice import HibariVoice  # noqa: PLC0415

    return HibariVoice.at_pace(rate_wpm)


def _has_hibari() -> bool:
    return all(importlib.util.find_spec(package) is not None for package in ("hibari", "onnxruntime"))


def _espeak(rate_wpm: int) -> Voice:
    from nightvoice.speaking.espeak_voice import EspeakVoice, has_espeak  # noqa: PLC0415
    from nightvoice.speaking.pyttsx3_voice import Pyttsx3Voice  # noqa: PLC0415

    return EspeakVoice(rate_wpm) if has_espeak() else Pyttsx3Voice(rate_wpm)


register_voice(VoiceSpec("hibari", _hibari, _has_hibari, auto_order=10))
register_voice(VoiceSpec("espeak", _espeak, auto_order=20))
