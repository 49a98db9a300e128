"""The audio ports to OpenVoiceOS: its voice speaks, its bus reports the end, and silent frames are the clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Final

from nightvoice.audio.frames import FRAME_S, SILENCE, Frame
from nightvoice.audio.ports import Loudness, Spoken, Utterance
from nightvoice.speaking.duration import estimate_seconds

STOPPED_S: Final = 1.0
"""Seconds within which a stopped utterance reports its end; a later report belongs to the next utterance."""
_BY_LOUDNESS: Final = (Loudness.SOFT, Loudness.NIGHT, Loudness.HELP)


@dataclass(frozen=True, slots=True)
class VoiceService:
    """The functions of OpenVoiceOS that the speaker calls."""

    say: Callable[[str], None]
    stop: Callable[[], None]
    listen: Callable[[], None]
    """Open the microphone without a wake word."""
    change_volume: Callable[[bool], None]
    """Change the volume by one step: up (True) or down."""


class SilentMicrophone:
    """Implements the ``Microphone`` port with silence in real time: OpenVoiceOS owns the real microphone."""

    lost_since = None
    hears_itself = False

    def __init__(self) -> None:
        self._closed = Event()

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def frames(self) -> Iterator[Frame]:
        began, frames = monotonic(), 0
        while not self._closed.wait(max(0.0, began + frames * FRAME_S - monotonic())):
            frames += 1
            yield SILENCE

    def close(self) -> None:
        self._closed.set()


class OvosSpeaker:
    """Implements the ``Speaker`` port. The bus calls ``on_started`` and ``on_finished`` from its own thread."""

    voice = "none"

    def __init__(self, service: VoiceService) -> None:
        self._service = service
        self._speaking: int | None = None
        """Id of the utterance that OpenVoiceOS is saying."""
        self._since = 0.0
        self._started = False
        self._loudness = Loudness.NIGHT
        self._ended: list[int] = []

    def say(self, utterance: Utterance) -> Spoken:
        steps = _BY_LOUDNESS.index(utterance.loudness) - _BY_LOUDNESS.index(self._loudness)
        self._loudness = utterance.loudness
        self.change_volume(steps)
        self._speaking, self._started, self._since = utterance.id, False, monotonic()
        self._service.say(utterance.text)
        return Spoken(estimate_seconds(utterance.text))

    def chime(self) -> None:
        self._service.listen()

    def change_volume(self, steps: int) -> None:
        for _ in range(abs(steps)):
            self._service.change_volume(steps > 0)

    def stop(self) -> None:
        if self._speaking is not None:
            self._speaking = None
            self._service.stop()

    def ended(self) -> list[int]:
        ended, self._ended = self._ended, []
        return ended

    def on_started(self) -> None:
        """Note that the voice has begun to speak."""
        self._started = True

    def on_finished(self) -> None:
        """Note that the voice has fallen silent."""
        if self._speaking is not None and (self._started or monotonic() - self._since > STOPPED_S):
            self._ended.append(self._speaking)
            self._speaking = None
