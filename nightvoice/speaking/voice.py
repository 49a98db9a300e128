"""Text-to-speech behind one protocol."""

from dataclasses import dataclass
from typing import Protocol

from nightvoice.audio.frames import Samples


@dataclass(frozen=True, slots=True)
class Speech:
    """A rendered prompt."""

    samples: Samples
    """Mono int16, shape (n,), loudness-normalised, silence trimmed at both ends (see ``speaking.loudness``)."""
    rate: int
    """Sample rate in Hz."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


class Voice(Protocol):
    """Renders text to speech. docs/adding-a-voice.md shows how to add one.

    The constructor must be cheap: load models and start programs in the first ``render``, since most nights play every
    prompt from the cache. Rendering is deterministic: the same text gives the same samples. ``render`` is called from
    one thread at a time and blocks it, so limit how long it may take.
    """

    name: str
    """Identifies engine, voice and speed, such as ``hibari-heart-0.90``.

    It is part of the cache key: change it whenever the same text would sound different.
    """

    def render(self, text: str) -> Speech:
        """Synthesize ``text``: one prompt of one or several sentences, in plain characters, numbers as words or digits.

        Raises VoiceError if that fails or the text has nothing to say.
        """


class VoiceError(Exception):
    """A voice could not speak. The message names the voice and says in one line why, and what to do."""
