"""A listener that recognises what a test tells it to."""

from collections.abc import Iterable

from nightvoice.audio.frames import Frame
from nightvoice.listening.listener import RecognitionResult


class ScriptedEars:
    """Gives one of the results with each frame, then none."""

    name = "scripted"
    input_lost = False
    idle = True

    def __init__(self, results: Iterable[RecognitionResult | None]) -> None:
        self._results = iter(results)

    def hear(self, frame: Frame, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
        return next(self._results, None)

    def on_own_voice(self) -> None:
        pass

    def on_playback_end(self) -> None:
        pass
