"""A listener for words that OpenVoiceOS has recognised."""

from collections import deque

from nightvoice.audio.frames import Frame
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult
from nightvoice.listening.text_input import result_of
from nightvoice.understanding.recognizer import IntentRecognizer


class OvosListener:
    """Implements ``Listener``. The bus calls ``take`` and ``understand``; the night calls the other methods."""

    name = "openvoiceos"
    input_lost = False
    idle = True

    def __init__(self, recognizer: IntentRecognizer) -> None:
        self._recognizer = recognizer
        self._waiting: deque[RecognitionResult | str] = deque()
        self._state = "idle"
        self._question = ""

    @property
    def waiting(self) -> bool:
        """Whether words are still queued."""
        return bool(self._waiting)

    def understand(self, text: str) -> str | None:
        """Return the intent of ``text`` in the present state of the dialogue."""
        recognized = self._recognizer.recognize(text, self._state, self._question)
        return recognized.intent if recognized else None

    def take(self, text: str, intent: str | None = None) -> None:
        """Queue words to be heard. ``intent``: their meaning if our own recogniser finds none."""
        foreign = intent is not None and self.understand(text) is None
        self._waiting.append(RecognitionResult(Verdict.HEARD, text, 1.0, self.name, intent or "") if foreign else text)

    def rest(self) -> None:
        """Return to the idle state at the end of a dialogue."""
        self._state, self._question = "idle", ""

    def hear(self, frame: Frame, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
        self._state, self._question = state, question
        if not self._waiting:
            return None
        words = self._waiting.popleft()
        if isinstance(words, RecognitionResult):
            return words
        return result_of(words, state, self._recognizer, self.name, question)

    def on_own_voice(self) -> None:
        """Nothing to do: OpenVoiceOS handles echo."""

    def on_playback_end(self) -> None:
        """Nothing to do either."""
