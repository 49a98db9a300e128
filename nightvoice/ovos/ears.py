"""Ears that are given words: OpenVoiceOS has recognised them."""

from collections import deque

from nightvoice.audio.frames import Frame
from nightvoice.listening.decision import Verdict
from nightvoice.listening.pipeline import RecognitionResult
from nightvoice.listening.text_input import perceive
from nightvoice.understanding.recognizer import IntentRecognizer


class OvosEars:
    """``take`` and ``understand`` are called by the bus, all else by the night."""

    name = "openvoiceos"
    input_lost = False
    idle = True

    def __init__(self, understanding: IntentRecognizer) -> None:
        self._understanding = understanding
        self._waiting: deque[RecognitionResult | str] = deque()
        self._state = "idle"

    @property
    def waiting(self) -> bool:
        """Whether there is something that was not heard yet."""
        return bool(self._waiting)

    def understand(self, text: str) -> str | None:
        """The intent of ``text`` as the dialogue stands now."""
        meaning = self._understanding.recognize(text, self._state)
        return meaning.intent if meaning else None

    def take(self, text: str, intent: str | None = None) -> None:
        """Words to be heard next. ``intent``: what they mean where they are none of ours."""
        meant = intent is not None and self.understand(text) is None
        self._waiting.append(RecognitionResult(Verdict.HEARD, text, 1.0, self.name, intent or "") if meant else text)

    def rest(self) -> None:
        """The dialogue is over."""
        self._state = "idle"

    def hear(self, frame: Frame, state: str, speaking: str | None) -> RecognitionResult | None:
        self._state = state
        if not self._waiting:
            return None
        words = self._waiting.popleft()
        return words if isinstance(words, RecognitionResult) else perceive(words, state, self._understanding, self.name)

    def on_playback_end(self) -> None:
        """Nothing to do: OpenVoiceOS sees to echo."""
