"""Whether what was heard is believed: a pure decision on the evidence of two ears.

The decoder (a grammar) says which words; forced into its grammar it finds words in any sound. The classifiers (over the
speech embedding) say whether a cramp, or which command, was spoken at all, but not where the cramp is. Alone, either
errs often and in its own way; together they err less, so their evidence is added (log odds). The thresholds were chosen
on the validation split: scripts/bench/ears.py measures them.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf, log
from typing import Final

CRAMP_ALONE: Final = 0.8
"""Classifier score from which a cramp is believed whatever words the decoder made of it."""
CRAMP_TOGETHER: Final = -4.0
"""Added evidence from which a cramp is believed that both ears heard (1 false alarm an hour of people talking),"""
CRAMP_TRACE: Final = 0.001
"""Classifier score under which the words alone, however plain, wake nobody."""
CRAMP_DOUBTFUL: Final = -5.0
"""and from which it is asked about."""
DECODER_WEIGHT: Final = 1.5
"""Weight of the decoder's log odds beside the classifier's."""
COMMAND_WORDS: Final = 0.2
"""Decoder score from which a command is believed that its class has a trace of,"""
COMMAND_TRACE: Final = 0.01
"""namely this score (of seventeen classes; without a trace the decoder took one command for another)."""
NO_CLASS: Final = 0.7
"""Decoder score from which words are believed without the classifier: it does not know them, or they are plain."""
UNAWAITED: Final = 0.9
"""The same while nobody waits for an answer."""
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
    """The cramp classifier's best score in it."""
    command: float | None
    """The commands classifier's best score for the intent; None where it has no class for it."""
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


def decide(evidence: Evidence, sensitivity: float = 0.5) -> Decision:
    """Judge ``evidence``. ``sensitivity``, 0..1, moves every threshold; the measured ones are those of 0.5."""
    harder = 0.5 - sensitivity
    if evidence.spoken is not None:
        # All of its words are in what is being said: it may be an echo.
        if evidence.text and set(evidence.text.split()) <= _words(evidence.spoken):
            return Decision(Verdict.REJECTED, evidence.intent, "its own words")
        harder += HIGHER_BAR
    return _while_waiting(evidence, harder) if evidence.state == "idle" else _in_an_episode(evidence, harder)


def _while_waiting(evidence: Evidence, harder: float) -> Decision:
    cramp, decoder, intent = evidence.cramp, evidence.decoder, evidence.intent
    agree = intent == "cramp" and cramp >= CRAMP_TRACE
    together = _log_odds(cramp) + DECODER_WEIGHT * _log_odds(decoder) - 8 * harder if agree else -inf
    if cramp >= min(CRAMP_ALONE + 0.3 * harder, 1.0) or together >= CRAMP_TOGETHER:
        return Decision(Verdict.HEARD, "cramp", words_believed=intent == "cramp" and decoder >= WORDS_BELIEVED)
    if intent and intent != "cramp" and decoder >= UNAWAITED + 0.1 * harder:
        return Decision(Verdict.HEARD, intent)
    why = f"cramp {cramp:.2f}, words {decoder:.2f}"
    if together >= CRAMP_DOUBTFUL:
        return Decision(Verdict.DOUBTFUL, "cramp", why)
    return Decision(Verdict.REJECTED, intent, why if intent else "no command")


def _in_an_episode(evidence: Evidence, harder: float) -> Decision:
    decoder, intent = evidence.decoder, evidence.intent
    if not intent:
        return Decision(Verdict.REJECTED, why="no command")
    traced = evidence.command is not None and evidence.command >= COMMAND_TRACE
    bar = (COMMAND_WORDS if traced else NO_CLASS) + 0.4 * harder
    if decoder < bar:
        return Decision(Verdict.REJECTED, intent, f"not sure enough: {decoder:.2f} under {bar:.2f}")
    return Decision(Verdict.HEARD, intent)


def _log_odds(score: float) -> float:
    score = min(max(score, 1e-4), 1 - 1e-4)
    return log(score / (1 - score))


def _words(text: str) -> set[str]:
    return {word.strip(".,?!") for word in text.lower().split()}
