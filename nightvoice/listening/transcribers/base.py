"""The protocol of a second ear: sound in, readings of free words out."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from nightvoice.audio.frames import Samples
from nightvoice.listening.log_odds import score_of

SURE: Final = 6.0
SLOPE: Final = 4.0
"""Log odds of a certain reading, and how much they fall with each nat per token. Right ones have -0.2 to -1.1 nats, on
the validation voices in a room at 20 dB; -0.9 is ``Thresholds.decoder_only``."""

READINGS: Final = 2
"""Readings of an utterance that count. On the validation voices, the second finds 12 % more of the dangers."""


class Reading(NamedTuple):
    """Words that may have been said."""

    text: str
    """In lower case, without punctuation."""
    log_probability: float
    """Natural log of the probability, as the mean over the tokens."""

    @property
    def log_odds(self) -> float:
        """Log odds that exactly these words were said."""
        return SURE + SLOPE * self.log_probability

    @property
    def score(self) -> float:
        """Confidence that exactly these words were said, 0..1."""
        return score_of(self.log_odds)


class Transcriber(Protocol):
    """Reads whole utterances, slower than an engine and better at words that no grammar foresaw."""

    name: str

    def prepare(self) -> None:
        """Expect ``read`` soon: load what is needed, in the background. May be called often."""

    def read(self, sound: Samples) -> list[Reading]:
        """Return the readings of 16 kHz ``sound``, the likeliest first; none if it is no speech."""

    def log_probabilities(self, sound: Samples, texts: Sequence[str]) -> list[float]:
        """Return, for each of ``texts``, the natural log of the probability that its words were said, and no others.

        ``sound``: 16 kHz, read before. Comparable among the texts of one sound only.
        """
