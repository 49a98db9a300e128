"""Speech-to-text behind one protocol: a grammar, frames in, a hypothesis out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from nightvoice.audio.frames import Samples
from nightvoice.understanding.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Alternative:
    """Words that may have been said."""

    text: str
    score: float
    """How sure the engine is that just these words were said, 0..1: evidence that can reject, not mere confidence."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What an engine thinks was said in one utterance."""

    readings: tuple[Alternative, ...] = ()
    """In words of the grammar, likeliest first; empty where nothing of it was said."""
    transcript: Alternative = Alternative("", 0.0)
    """In whatever words, where the engine knows more than the grammar."""
    intents: Mapping[str, float] | None = None
    """Probability of each intent by sound alone, where the engine has a classifier of its own; else None."""
    places: Mapping[str, float] = field(default_factory=dict)
    """The same of sites and sides."""
    clarity: float = 1.0
    """How well any words at all fit the sound: the mean probability of a word, 0..1; 1 where the engine cannot tell."""
    note: str = ""
    """The evidence in figures, for `rejected` events and benchmarks."""

    @property
    def best(self) -> Alternative:
        """The likeliest reading; empty where there is none."""
        return self.readings[0] if self.readings else Alternative("", 0.0)


class Engine(Protocol):
    """A streaming recogniser for one utterance at a time. Not thread-safe."""

    name: str

    def start(self, grammar: Grammar) -> None:
        """Begin an utterance that is to be understood with ``grammar``; the same one again is not compiled again.

        One that was begun before is forgotten.
        """

    def accept(self, samples: Samples) -> str:
        """Take the next samples (16 kHz); return the words understood so far (empty: none, or not known yet)."""

    def partial(self) -> Hypothesis | None:
        """What was said so far, in the middle of an utterance; None where the engine cannot tell before its end."""

    def final(self) -> Hypothesis:
        """End the utterance."""
