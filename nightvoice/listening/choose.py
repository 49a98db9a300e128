"""Which recogniser listens."""

from pathlib import Path
from typing import Literal

from nightvoice.errors import NightvoiceError
from nightvoice.listening.engine import Engine

Preference = Literal["auto", "vosk", "pocketsphinx"]


def choose_engine(preference: Preference, vosk_model: Path | None) -> Engine:
    """The engine that is wished for; ``auto``: Vosk where its model is, else PocketSphinx.

    Raises NightvoiceError where Vosk is demanded and its model is not there.
    """
    has_model = vosk_model is not None and vosk_model.is_dir()
    if preference == "vosk" and not has_model:
        raise NightvoiceError(f"Vosk's model is not there ({vosk_model or 'no folder given'}): run `nightvoice setup`")
    if vosk_model is not None and has_model and preference != "pocketsphinx":
        from nightvoice.listening.vosk_engine import VoskEngine  # noqa: PLC0415 - each engine is heavy to import

        return VoskEngine(vosk_model)
    from nightvoice.listening.pocketsphinx_engine import PocketSphinxEngine  # noqa: PLC0415

    return PocketSphinxEngine()
