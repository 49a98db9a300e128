"""Both audio ports without sound, and a listener that reads a script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from nightvoice.audio import earcons
from nightvoice.audio.ports import Spoken, Utterance
from nightvoice.audio.rate import FRAME_S
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult
from nightvoice.listening.text_input import result_of
from nightvoice.rehearsal.script import NightScript, ScriptedUtterance
from nightvoice.speaking.duration import estimate_seconds
from nightvoice.understanding.recognizer import IntentRecognizer

if TYPE_CHECKING:
    from nightvoice.audio.frames import Frame

_NO_SAMPLES: Final = cast("Frame", ())
"""A scripted listener only counts frames, so a typed night needs neither samples nor numpy, which is slow to import."""


class SilentAudio:
    """Microphone and speaker of a night without sound. The clock runs as fast as frames are read.

    Utterances last as long as they would take to say. ``seconds``: length of the night.
    """

    lost_since = None
    hears_itself = False
    voice = "none"

    def __init__(self, seconds: float) -> None:
        self._frames = round(seconds / FRAME_S)
        self._t = 0.0
        self._queue: list[tuple[int | None, float]] = []
        """Id (None: a chime) and end (t) of everything queued, in order."""

    def frames(self) -> Iterator[Frame]:
        for frame in range(1, self._frames + 1):
            self._t = frame * FRAME_S
            yield _NO_SAMPLES

    def say(self, utterance: Utterance) -> Spoken:
        seconds = estimate_seconds(utterance.text)
        self._append(utterance.id, seconds)
        return Spoken(seconds)

    def chime(self) -> None:
        self._append(None, earcons.SECONDS)

    def change_volume(self, steps: int) -> None:
        """Nothing to do: there is no sound."""

    def stop(self) -> None:
        self._queue.clear()

    def ended(self) -> list[int]:
        ended = []
        while self._queue and self._queue[0][1] <= self._t:
            number, _ = self._queue.pop(0)
            if number is not None:
                ended.append(number)
        return ended

    def close(self) -> None:
        """Nothing to release."""

    def _append(self, number: int | None, seconds: float) -> None:
        start = max(self._t, self._queue[-1][1] if self._queue else 0.0)
        self._queue.append((number, start + seconds))


class ScriptedListener:
    """Returns the script's words at their times, understood as in the real pipeline."""

    name = "script"
    input_lost = False
    idle = True

    def __init__(self, script: NightScript, recognizer: IntentRecognizer) -> None:
        self._waiting = list(script.night)
        if all(utterance.after is None for utterance in self._waiting):
            self._waiting.sort(key=lambda utterance: utterance.at or 0.0)
        self._recognizer = recognizer
        self._frames = 0
        self._cued: float | None = None
        """Last time (t) at which the prompt that the next words wait for was being said."""

    @property
    def unsaid(self) -> tuple[ScriptedUtterance, ...]:
        """The utterances not said yet."""
        return tuple(self._waiting)

    def hear(self, frame: Frame, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
        self._frames += 1
        if not self._waiting or not self._is_time(self._waiting[0], speaking or ""):
            return None
        utterance, self._cued = self._waiting.pop(0), None
        result = result_of(utterance.say, state, self._recognizer, self.name, question)
        return result if utterance.sure else replace(result, verdict=Verdict.DOUBTFUL)

    def _is_time(self, utterance: ScriptedUtterance, speaking: str) -> bool:
        t = self._frames * FRAME_S
        if utterance.after is None:
            return t >= (utterance.at or 0.0)
        if utterance.after.lower() in speaking.lower():
            self._cued = t
        return self._cued is not None and t >= self._cued + utterance.wait

    def on_own_voice(self) -> None:
        """Nothing to do: a script has no echo."""

    def on_playback_end(self) -> None:
        """Nothing to do either."""
