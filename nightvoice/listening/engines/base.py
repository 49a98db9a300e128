"""The protocol of speech recognisers: a grammar and samples in, a hypothesis out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from nightvoice.audio.frames import Samples
from nightvoice.understanding.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Alternative:
    """Words that may have been said."""

    text: str
    score: float
    """Confidence that exactly these words were said, 0..1. It must be low for sounds that are not words."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What an engine believes was said in one utterance."""

    alternatives: tuple[Alternative, ...] = ()
    """Phrases of the grammar, most likely first; empty if none was said."""
    transcript: Alternative = Alternative("", 0.0)
    """The most likely words of any kind, if the engine is not limited to the grammar."""
    intents: Mapping[str, float] | None = None
    """Probability of each intent by sound alone, if the engine has its own classifier; else None."""
    word_confidence: float = 1.0
    """Mean probability of a word of the transcript, 0..1: how speech-like the sound is. 1 if the engine cannot tell."""
    note: str = ""
    """The evidence in figures, for logs and benchmarks."""

    @property
    def best(self) -> Alternative:
        """The most likely alternative, or an empty one."""
        return self.alternatives[0] if self.alternatives else Alternative("", 0.0)


class Engine(Protocol):
    """A streaming speech recogniser that handles one utterance at a time.

    The pipeline calls ``start``, then ``accept`` for each piece of sound (usually 512 samples), then ``final``; an
    utterance that is dropped has no ``final``, only the next ``start``. All calls come from one thread, and must return
    well within the 32 ms of a frame on average. An exception makes the pipeline start over with a new engine.
    ``nightvoice.listening.engines.registry.EngineSpec`` describes an engine; docs/adding-an-engine.md shows one.
    """

    name: str
    """The name of its EngineSpec, as written into the log and the diary."""

    def start(self, grammar: Grammar) -> None:
        """Begin an utterance, forgetting an unfinished one. Compile ``grammar`` once per ``grammar.name``."""

    def accept(self, samples: Samples) -> str:
        """Take more samples (int16, mono, 16 kHz); return the words so far, or "" if they are not known yet."""

    def partial(self) -> Hypothesis | None:
        """Return the hypothesis on the samples so far; None if the engine cannot tell before the end."""

    def final(self) -> Hypothesis:
        """End the utterance and return the hypothesis on all of it."""

    def forget(self) -> None:
        """Forget an unfinished utterance and whatever was learnt from earlier ones: another recording follows."""
