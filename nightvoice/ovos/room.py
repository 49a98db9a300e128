"""The room that OpenVoiceOS is in: what would be played is said by its voice, and its bus tells when that is over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Final

from nightvoice.audio.frames import FRAME_S, SILENCE, Frame, Samples
from nightvoice.rehearsal import silent_speech
from nightvoice.speaking.voice import Speech

STOPPED_S: Final = 1.0
"""By then an utterance that was hushed has told of its end; what ends later is the one after it."""


@dataclass(frozen=True, slots=True)
class Mouth:
    """What OpenVoiceOS does for us."""

    say: Callable[[str], None]
    hush: Callable[[], None]
    listen: Callable[[], None]
    """It is the person's turn: no wake word is needed."""
    volume: Callable[[bool], None]
    """A step up (True) or down."""


class OvosRoom:
    """A room whose frames are the clock, in real time. ``started`` and ``finished`` are called by the bus."""

    deaf_since = None

    def __init__(self, mouth: Mouth) -> None:
        self._mouth = mouth
        self._closed = Event()
        self._text = ""
        self._number = 0
        self._speaking = 0
        """Number of the utterance that OpenVoiceOS was given; 0: none."""
        self._since = 0.0
        self._started = False
        self._volume: float | None = None
        self._ended: list[int] = []

    def speech(self, text: str) -> Speech:
        """``text``, to be played next."""
        self._text = text
        return silent_speech(text)

    def frames(self) -> Iterator[Frame]:
        began, frames = monotonic(), 0
        while not self._closed.wait(max(0.0, began + frames * FRAME_S - monotonic())):
            frames += 1
            yield SILENCE

    def play(self, sound: Samples, rate: int, volume: float) -> int:
        text, self._text = self._text, ""
        self._number += 1
        if not text:
            self._mouth.listen()  # the only sound without words is the one before an answer
            return self._number
        if self._volume is not None and volume != self._volume:
            self._mouth.volume(volume > self._volume)
        self._volume = volume
        self._speaking, self._started, self._since = self._number, False, monotonic()
        self._mouth.say(text)
        return self._number

    def hush(self) -> None:
        if self._speaking:
            self._speaking = 0
            self._mouth.hush()

    def ended(self) -> list[int]:
        ended, self._ended = self._ended, []
        return ended

    def started(self) -> None:
        """The voice began to speak."""
        self._started = True

    def finished(self) -> None:
        """The voice fell silent."""
        if self._speaking and (self._started or monotonic() - self._since > STOPPED_S):
            self._ended.append(self._speaking)
            self._speaking = 0

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        self._closed.set()
