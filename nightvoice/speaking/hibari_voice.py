"""hibari: the default voice, a small natural English one whose model comes in its wheel."""

from typing import TYPE_CHECKING, Final

import numpy as np

from nightvoice.speaking.loudness import normalise, trim
from nightvoice.speaking.voice import Speech, VoiceError
from nightvoice.system.onnx import disable_telemetry

if TYPE_CHECKING:
    from hibari import Hibari

PAUSE_S: Final = 0.7
"""Pause between two sentences: at night, pauses calm more than stretched words."""
DEFAULT_SPEED: Final = 0.75
_SPEEDS: Final = (0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 1.0)
_WORDS_PER_MINUTE: Final = (127, 141, 148, 163, 178, 186, 193)
"""Pace measured at each of _SPEEDS over the pack's prompts of five words and more, including pauses."""


class HibariVoice:
    """Speaks with hibari at ``speed`` (1.0: the model's own pace). The first text loads the model (about 0.5 s)."""

    def __init__(self, speed: float = DEFAULT_SPEED) -> None:
        self.speed = speed
        self.name = f"hibari-heart-{speed:.2f}"
        self._model: Hibari | None = None

    @classmethod
    def at_pace(cls, rate_wpm: int) -> "HibariVoice":
        """Make the voice at about ``rate_wpm`` words per minute."""
        return cls(round(float(np.interp(rate_wpm, _WORDS_PER_MINUTE, _SPEEDS)), 2))

    def render(self, text: str) -> Speech:
        model = self._load()
        rate: int = model.sample_rate
        # The fixed seed makes rendering deterministic.
        sentences = [trim(sentence, rate) for sentence in model.stream(text, speed=self.speed, seed=0)]
        sentences = [sentence for sentence in sentences if len(sentence)]
        if not sentences:
            raise VoiceError(f"{self.name}: nothing to say in {text!r}")
        pause = np.zeros(round(PAUSE_S * rate), dtype=np.float32)
        parts = [part for sentence in sentences for part in (pause, sentence)][1:]
        return Speech(normalise(np.concatenate(parts), rate), rate)

    def _load(self) -> "Hibari":
        if self._model is None:
            disable_telemetry()
            try:
                from hibari import Hibari  # noqa: PLC0415 (heavy, and not needed while the cache has every prompt)

                self._model = Hibari()
            except Exception as error:
                raise VoiceError(f"{self.name}: cannot be loaded ({error}); set voice.engine to espeak") from error
        return self._model
