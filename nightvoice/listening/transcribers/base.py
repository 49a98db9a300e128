"""The protocol of a second ear: sound in, readings of free words out."""

from typing import NamedTuple, Protocol

from nightvoice.audio.frames import Samples


class Reading(NamedTuple):
    """Words that may have been said."""

    text: str
    """In lower case, without punctuation."""
    log_probability: float
    """Natural log of the probability, as the mean over the tokens."""


class Transcriber(Protocol):
    """Reads whole utterances, slower than an engine and better at words that no grammar foresaw."""

    name: str

    def prepare(self) -> None:
        """Expect ``read`` soon: load what is needed, in the background. May be called often."""

    def read(self, sound: Samples) -> list[Reading]:
        """Return the readings of 16 kHz ``sound``, the likeliest first; none if it is no speech."""
