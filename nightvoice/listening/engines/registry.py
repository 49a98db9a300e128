"""Which recogniser listens."""

from collections.abc import Callable
from pathlib import Path

from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.base import Engine
from nightvoice.listening.engines.moonshine.model import FILES, model_folder
from nightvoice.listening.engines.preference import Preference
from nightvoice.models.checksums import SUMS, verify


def choose_engine(preference: Preference, vosk_model: Path | None, shipped: Callable[[str], Path]) -> Engine:
    """The engine that is wished for; ``auto``: Moonshine, else Vosk where its model is, else PocketSphinx.

    ``shipped`` finds a file of our own models. Raises NightvoiceError where an engine is demanded and its model is not
    there, or is another than was released.
    """
    # Each engine is heavy to import.
    has_vosk = vosk_model is not None and vosk_model.is_dir()
    moonshine = model_folder()
    match preference:
        case "moonshine" if moonshine is None:
            raise NightvoiceError("Moonshine's model is not there: pip install 'moonshine-voice==0.1.0'")
        case "vosk" if not has_vosk:
            raise NightvoiceError(
                f"Vosk's model is not there ({vosk_model or 'no folder given'}): run `nightvoice setup`"
            )
    if moonshine is not None and preference in ("auto", "moonshine"):
        from nightvoice.listening.engines.moonshine.engine import MoonshineEngine  # noqa: PLC0415

        for name in FILES[1:]:  # our own encoder is loaded instead of the published one
            verify(moonshine / name, f"moonshine/{name}", shipped(SUMS))
        return MoonshineEngine(moonshine, shipped("encoder.onnx"), shipped("intents.onnx"))
    if vosk_model is not None and has_vosk and preference in ("auto", "vosk"):
        from nightvoice.listening.engines.vosk import VoskEngine  # noqa: PLC0415

        return VoskEngine(vosk_model)
    from nightvoice.listening.engines.pocketsphinx import PocketSphinxEngine  # noqa: PLC0415

    return PocketSphinxEngine()
