"""What is known about an utterance when its meaning is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

NOTHING: Final = 0.01
"""Score by sound of the likeliest intent, below which a first partial result without a meaning is not decoded again in
its pause. The end of the utterance is decoded in any case."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may have been said. Scores are 0..1."""

    intent: str
    text: str
    decoder_score: float
    """The decoder's score of these words."""
    classifier_score: float | None
    """The classifier's score of this intent; None if it has no class for it."""
    slots: Mapping[str, str] = field(default_factory=dict)
    expected: bool = True
    """Whether it answers the question just asked."""
    askable: bool = False
    """Whether it is a danger sign, in the person's own words, that can be asked about."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What an utterance that was not believed most likely meant."""

    candidate: Candidate
    support: float
    """Log odds that it adds to the same meaning, said again."""

    def support_for(self, candidate: Candidate) -> float:
        """Return the log odds that it adds to ``candidate``. The place of a cramp may differ."""
        earlier = self.candidate
        same = candidate.intent == earlier.intent and (candidate.intent == "cramp" or candidate.slots == earlier.slots)
        return self.support if same else 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence about one utterance."""

    candidates: tuple[Candidate, ...]
    """The intents of the words that were found."""
    classifier_only: Candidate | None
    """The classifier's best guess without words: a cramp, a call for help, or a command that needs no slot."""
    state: str
    """State of the dialogue: ``idle`` waits for a cramp; any other expects an answer or a command."""
    speaking: str | None = None
    """What the assistant was saying at the time."""
    pause_progress: float = 1.0
    """Elapsed share of the pause that ends an utterance, 0..1; below 1 the utterance may go on."""
    word_confidence: float = 1.0
    """Mean probability of a word in the engine's free transcript, 0..1; low if no words fit the sound."""
    transcript: str = ""
    """The free transcript, if the engine makes one."""
    in_talk: bool = False
    """Whether it is part of talk that runs on, as a television's does, and no nearer voice."""
    is_far: bool = False
    """Whether it is much fainter than the voice that the episode is about."""
    earlier: Attempt | None = None
    """What was nearly heard a moment ago: somebody may say it again."""

    @property
    def means_nothing(self) -> bool:
        """Whether the words mean nothing and the sound is like no intent, so that its last sound alters neither."""
        best = self.classifier_only
        return not self.candidates and best is not None and (best.classifier_score or 0.0) < NOTHING
