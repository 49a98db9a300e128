"""Whether what was heard is believed: a pure decision on the evidence of two ears.

The decoder (a grammar) says which words; forced into its grammar it finds words in any sound. The classifiers (over the
speech embedding) say whether a cramp, or which command, was spoken at all, but not where the cramp is. Measured by
scripts/bench/ears.py.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SURE_CRAMP: Final = 0.84
"""Classifier score from which a cramp is believed whatever the decoder makes of it (0.5 false alarms an hour)."""
LIKELY_CRAMP: Final = 0.5
"""Classifier score from which it is believed if the decoder agrees, and asked about if not."""
ALONE: Final = 0.9
"""Decoder score from which it is believed where no classifier knows the words, while nobody waits for an answer."""
WORDS_BELIEVED: Final = 0.2
"""Decoder score under which its site and side are not used: better to ask than to stretch the wrong muscle."""
HIGHER_BAR: Final = 0.1
"""Added while the assistant speaks: its own voice in the room makes every score less sure."""


class Verdict(StrEnum):
    """What becomes of an utterance."""

    HEARD = "heard"
    DOUBTFUL = "doubtful"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the ears have of one utterance. Scores are 0..1."""

    intent: str
    """Of the decoder's words; empty where they mean nothing."""
    text: str
    """The decoder's words."""
    decoder: float
    cramp: float
    """The classifier's best score for a cramp in it."""
    state: str
    """Of the dialogue: ``idle`` waits for a cramp, in any other an answer or a command is expected."""
    spoken: str | None = None
    """What the assistant was saying meanwhile."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the intent it is about, and why it was not believed."""

    verdict: Verdict
    intent: str = ""
    why: str = ""
    words_believed: bool = True
    """Whether site and side are taken from the words."""


def decide(evidence: Evidence, bar: float) -> Decision:
    """Judge ``evidence``; ``bar`` is the decoder score that is enough in an episode (1 - sensitivity)."""
    if evidence.spoken is not None:
        # All of its words are in what is being said: it may be an echo.
        if evidence.text and set(evidence.text.split()) <= _words(evidence.spoken):
            return Decision(Verdict.REJECTED, evidence.intent, "its own words")
        bar += HIGHER_BAR
    if evidence.state == "idle":
        return _decide_idle(evidence, bar - 0.5)
    if not evidence.intent:
        return Decision(Verdict.REJECTED, why="no command")
    if evidence.decoder < bar:
        return Decision(Verdict.REJECTED, evidence.intent, f"not sure enough: {evidence.decoder:.2f} under {bar:.2f}")
    return Decision(Verdict.HEARD, evidence.intent)


def _decide_idle(evidence: Evidence, harder: float) -> Decision:
    """At night, in doubt, ask; ``harder``: how much higher than by default every bar is."""
    cramp, decoder, intent = evidence.cramp, evidence.decoder, evidence.intent
    note = f"cramp {cramp:.2f}, words {decoder:.2f}"
    agreed = intent == "cramp" and decoder >= 0.5 + harder
    if cramp >= SURE_CRAMP + harder / 3 or (cramp >= LIKELY_CRAMP + harder and agreed):
        return Decision(Verdict.HEARD, "cramp", words_believed=intent == "cramp" and decoder >= WORDS_BELIEVED)
    if intent and intent != "cramp" and decoder >= ALONE + harder / 5:
        return Decision(Verdict.HEARD, intent)
    if cramp >= LIKELY_CRAMP + harder:
        return Decision(Verdict.DOUBTFUL, "cramp", note)
    return Decision(Verdict.REJECTED, intent, note if intent else "no command")


def _words(text: str) -> set[str]:
    return {word.strip(".,?!") for word in text.lower().split()}
