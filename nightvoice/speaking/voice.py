"""Text-to-speech behind one protocol."""

from dataclasses import dataclass
from typing import Protocol

from nightvoice.audio.frames import Samples


@dataclass(frozen=True, slots=True)
class Speech:
    """A rendered prompt."""

    samples: Samples
    """Mono int16, loudness-normalised, silence trimmed at both ends."""
    rate: int
    """Samples a second."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


class Voice(Protocol):
    """Renders text. Deterministic: the same text gives the same samples."""

    name: str
    """Names engine, voice and speed; part of the cache key (e.g. ``hibari-heart-0.90``)."""

    def render(self, text: str) -> Speech:
        """Synthesize ``text``. Raises VoiceError where it cannot."""


class VoiceError(Exception):
    """The voice could not speak; the message says why in one line."""
