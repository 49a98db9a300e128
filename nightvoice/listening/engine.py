"""Speech-to-text behind one protocol: a grammar, frames in, a hypothesis out."""

from dataclasses import dataclass
from typing import Protocol

from nightvoice.audio.frames import Samples
from nightvoice.listening.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What an engine thinks was said in one utterance."""

    text: str
    """Words of the grammar, lower case; empty where nothing of it was said."""
    score: float
    """How sure the engine is that just these words were said, 0..1: evidence that can reject, not mere confidence."""
    note: str = ""
    """The evidence in figures, for `rejected` events and benchmarks."""


class Engine(Protocol):
    """A streaming recogniser for one utterance at a time. Not thread-safe."""

    name: str

    def start(self, grammar: Grammar) -> None:
        """Begin an utterance that is to be understood with ``grammar`` (compiled grammars are kept)."""

    def accept(self, samples: Samples) -> str:
        """Take the next samples (16 kHz); return the words understood so far (empty: none)."""

    def finish(self) -> Hypothesis:
        """End the utterance."""
