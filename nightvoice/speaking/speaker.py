"""A speaker that renders prompts with a voice and plays them through a playback queue."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightvoice.audio import earcons
from nightvoice.audio.frames import RATE
from nightvoice.audio.player import PlaybackQueue
from nightvoice.audio.ports import Loudness, Spoken, Utterance
from nightvoice.speaking.duration import estimate_seconds
from nightvoice.speaking.voice import Speech

VOLUME_STEP: Final = 1.5
"""Volume factor of each "louder"."""
SOFT: Final = 0.5
"""Volume factor for a person who whispers."""
_LOWEST_GAIN: Final = 0.2


@dataclass(frozen=True, slots=True)
class Volumes:
    """Playback volumes, 0..1, and whether the chime is played; the defaults are in ``AudioSettings``."""

    night: float
    help: float
    earcons: bool


class QueueSpeaker:
    """Implements the ``Speaker`` port over ``queue``. ``render`` turns a text into speech and may raise anything."""

    def __init__(self, queue: PlaybackQueue, render: Callable[[str], Speech], voice: str, volumes: Volumes) -> None:
        self.voice = voice
        self._queue, self._render, self._volumes = queue, render, volumes
        self._gain = 1.0
        self._ids: dict[int, int] = {}
        """Utterance id by the queue's number."""

    def say(self, utterance: Utterance) -> Spoken:
        speech, failure = self._rendered(utterance.text)
        number = self._queue.play(speech.samples, speech.rate, self._volume(utterance.loudness))
        self._ids[number] = utterance.id
        return Spoken(speech.seconds, failure)

    def chime(self) -> None:
        if self._volumes.earcons:
            self._queue.play(earcons.your_turn(), earcons.RATE, self._volume(Loudness.NIGHT))

    def change_volume(self, steps: int) -> None:
        highest = 1 / max(self._volumes.night, 0.01)
        self._gain = min(max(self._gain * VOLUME_STEP**steps, _LOWEST_GAIN), highest)

    def stop(self) -> None:
        self._queue.stop()
        self._ids.clear()

    def ended(self) -> list[int]:
        return [self._ids.pop(number) for number in self._queue.ended() if number in self._ids]

    def _rendered(self, text: str) -> tuple[Speech, Exception | None]:
        try:
            return self._render(text), None
        except Exception as error:
            return Speech(np.zeros(round(estimate_seconds(text) * RATE), dtype=np.int16), RATE), error

    def _volume(self, loudness: Loudness) -> float:
        volume = self._volumes.night * self._gain
        match loudness:
            case Loudness.HELP:
                return max(self._volumes.help, volume)
            case Loudness.SOFT:
                return volume * SOFT
            case Loudness.NIGHT:
                return volume
