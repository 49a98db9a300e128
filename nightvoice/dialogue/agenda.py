"""The agenda: what the guide speaks, asks and waits for, in order."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class QuestionKind(StrEnum):
    """The kind of a question, which decides the reaction to an answer or silence."""

    DOUBT = "doubt"
    """Is it a cramp? Asked after a ``LowConfidenceWake``."""
    SITE = "site"
    THIGH = "thigh"
    """The front or the back of the thigh?"""
    PLACE = "place"
    """Is it where the person's cramps are most often?"""
    USUAL = "usual"
    """Is it like the person's usual cramps?"""
    TRIAGE = "triage"
    """Is there this danger sign?"""
    EASING = "easing"
    GONE = "gone"
    ANOTHER_WAY = "another_way"
    """It got worse: try another step?"""
    SAFE_TO_STAND = "safe_to_stand"
    RESUME = "resume"
    """Go on after a pause?"""
    STILL = "still"
    """Is the cramp still there after a power cut?"""
    STRETCHES = "stretches"
    """Begin the bedtime stretches?"""
    LEFT = "left"
    """Is the cramp still there after a false alarm?"""
    KEEP = "keep"
    """Remember a condition that the person told of tonight?"""
    OFFER = "offer"
    """Rate the night?"""
    RATING = "rating"
    TAG = "tag"
    """Does this tag apply to the day?"""
    CONDITION = "condition"
    """Does this condition of the profile apply?"""


YES_OR_NO = (
    QuestionKind.PLACE,
    QuestionKind.USUAL,
    QuestionKind.DOUBT,
    QuestionKind.STILL,
    QuestionKind.STRETCHES,
    QuestionKind.LEFT,
    QuestionKind.KEEP,
)
"""Kinds of questions that share the grammar ``usual``."""


@dataclass(frozen=True, slots=True)
class HoldProgress:
    """How far a hold has been counted."""

    hold: int
    holds: int
    count: int
    """The last second counted; 0 before the first."""


@dataclass(frozen=True, slots=True)
class Line:
    """Words to speak. Of several wordings, the least recently used is spoken."""

    wordings: tuple[str, ...]
    claim: str | None = None
    loud: bool = False
    at_least: float = 0.0
    """Minimum seconds from its start to the next item: the beat of a count or of a breath."""
    paced: bool = False
    """Whether "slower" lengthens ``at_least``. False within a count."""
    progress: HoldProgress | None = None
    """The position in the hold that this count announces."""
    once: bool = False
    """Whether it is not resumed when something interrupts it, as an answer that no longer fits."""
    spare: bool = False
    """Whether it is left out while the guide whispers."""
    asks: "Ask | None" = None
    """The question that it asks while the hold goes on; nothing waits for the answer."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A silence of ``seconds``."""

    seconds: float
    paced: bool = True
    """Whether "slower" lengthens it. False within a count."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. Silence repeats it once in the words of ``no_input``; then its kind decides how to go on."""

    kind: QuestionKind
    wordings: tuple[str, ...]
    no_input: tuple[str, ...]
    """Spoken on silence. Empty: the first silence counts as final."""
    no_match: tuple[str, ...]
    """Spoken when the answer does not fit the question."""
    patience: float = 8.0
    """Seconds of silence after the question before it is repeated."""
    loud: bool = False
    """Whether it is asked at the volume for help."""
    flag: str = ""
    """The danger sign that a yes raises; for ``DOUBT``, the one to ask about after a no or silence."""
    alone: bool = False
    """Whether a suspicious word prompted the question: a no resumes the interrupted agenda."""
    unclear: bool = False
    """Whether words that were not understood prompted it: without an answer the interrupted agenda resumes, too."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Marks the start of a step of the protocol, or of a bedtime stretch."""

    step: int


@dataclass(frozen=True, slots=True)
class HoldDone:
    """Marks a completed hold of a bedtime stretch."""


@dataclass(frozen=True, slots=True)
class Close:
    """Closes the episode or the bedtime stretches."""

    outcome: str


@dataclass(frozen=True, slots=True)
class GoTo:
    """Continues with a part of the episode that is planned only when its turn comes."""

    part: Literal["opening", "danger", "site", "protocol", "next_step", "settle", "hold_question", "caution", "easing"]
    """``site``: what follows once the site is known. ``settle``: the end of the cramp.

    ``easing``: the question whether it is easing, or a rest for somebody who gave no answer to it.

    ``hold_question``: the question within a hold. ``caution``: the caution in the rest if nobody answered it.
    """


AgendaItem = Line | Wait | Ask | Begin | HoldDone | Close | GoTo
