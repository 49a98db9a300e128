"""The two ports to the bedroom: a microphone whose frames set the clock, and a speaker that says utterances.

``audio/live.py`` and ``audio/file.py`` are microphones with a playback queue, through which ``speaking/speaker.py``
speaks. ``rehearsal/silent.py`` and ``ovos/speaker.py`` need no samples: they implement the ports themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from nightvoice.audio.frames import Frame


class Loudness(StrEnum):
    """How loudly to say an utterance."""

    SOFT = "soft"
    """For a person who whispers."""
    NIGHT = "night"
    HELP = "help"
    """For words that must be heard: danger signs, and lines that lead to help."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to say. ``id`` is the caller's number for it, which ``Speaker.ended`` returns."""

    id: int
    text: str
    loudness: Loudness = Loudness.NIGHT


@dataclass(frozen=True, slots=True)
class Spoken:
    """The result of queueing an utterance."""

    seconds: float
    """Duration of the utterance; an estimate if it is not rendered here."""
    failure: Exception | None = None
    """Why rendering failed; silence of about the same length is queued instead."""


class Microphone(Protocol):
    """Yields frames; used from one thread."""

    @property
    def lost_since(self) -> float | None:
        """Time (t) of the last real frame while the input is lost; None while it works."""

    @property
    def hears_itself(self) -> bool:
        """Whether the latest sound, up to this frame, is the assistant's voice: echo that could not be removed."""

    def frames(self) -> Iterator[Frame]:
        """Yield one frame per 32 ms until the recording ends (live: never). A lost input yields silence."""

    def close(self) -> None:
        """Release the devices; may be called twice."""


class Speaker(Protocol):
    """Says utterances one after the other; used from the thread that reads the microphone."""

    @property
    def voice(self) -> str:
        """Name of the voice, for the log."""

    def say(self, utterance: Utterance) -> Spoken:
        """Queue ``utterance`` after the sounds already queued. Never raises: the guidance must go on."""

    def chime(self) -> None:
        """Signal that it is the person's turn to speak."""

    def change_volume(self, steps: int) -> None:
        """Speak louder (positive) or more quietly from the next utterance on."""

    def stop(self) -> None:
        """Fall silent within 50 ms and drop everything queued."""

    def ended(self) -> list[int]:
        """Return the ids of the utterances that ended since the last call (not those stopped)."""


@dataclass(frozen=True, slots=True)
class AudioPorts:
    """The microphone and the speaker of one room."""

    microphone: Microphone
    speaker: Speaker
