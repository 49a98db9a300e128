"""Whether what was heard is believed: a pure decision on the evidence of two ears.

The decoder says which words; forced into its grammar it finds words in any sound. The classifiers say whether a cramp,
or which command, was spoken at all, but not which words. Alone, either errs often and in its own way; together they err
less, so their evidence is added (log odds). The thresholds were chosen on the validation split, from what
scripts/bench/thresholds.py prints (Vosk's were PocketSphinx's once); scripts/bench/ears.py measures them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import exp, inf, log
from typing import Final, Self

HIGHER_BAR: Final = 1.5
"""Added to what must be believed while the assistant speaks: its own voice in the room makes every score less sure. At
1, one of its 841 prompts is 0.5 short of a "wait", and was one by a gate that opened for fainter sound."""
UNEXPECTED: Final = 1.0
"""Added where something else had just been asked for: where two fit alike, it was the answer that was said."""
STEADINESS: Final = 3.0
"""Added in the middle of an utterance, which may go on; the less, the longer the pause lasts. At 4 half of the cramps
are believed 0.14 s after the words, at 3 0.06 s, with as many false alarms; at 2 with a fifth more (validation)."""
CLEAR: Final = 1.0
"""Mean negative log probability of a word, in any words, from which the sound is no clear speech."""
UNCLEAR: Final = 1.5
"""Added for each unit beyond it. Noises that were taken for a cramp had 1.2 to 3.9; of phrases 1 in 20 has 1.5."""
BRIEF: Final = 6
"""Words; somebody who is read as saying more, and as something else, is more likely talking than in need."""
TALK: Final = 2.0
"""Added at most for what is longer, one for each further word. Danger signs are heard in any talk."""
NEARLY: Final = -6.0
"""Margin from which something was nearly heard; what misses its threshold by more was something else."""


class Verdict(StrEnum):
    """What becomes of an utterance."""

    HEARD = "heard"
    DOUBTFUL = "doubtful"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Of one engine. All but the weights are log odds that are to be reached."""

    words_weight: float
    """Of the decoder's log odds beside the classifier's, for a cramp: what sounds near is often misread as one."""
    command_words_weight: float
    """The same for a command, which is short, and read more surely than it is classified."""
    cramp: float
    """Both ears together, while nobody is being led."""
    cramp_alone: float
    """The classifier, whatever words the decoder made of it."""
    doubt: float
    """Both ears together; from here on it is asked about."""
    command: float
    """Both ears together, during an episode."""
    command_alone: float
    """The classifier, during an episode, whatever words the decoder made of it."""
    words: float
    """The decoder, during an episode, for what the classifier has no class for."""
    unawaited: float
    """The decoder, while nobody waits for anything, for what is no cramp."""
    danger: float
    """Both ears together with equal weight, at any time, for a danger sign."""
    own_words: float
    """Added for what the assistant may be saying itself just now: with it none of its 841 prompts is taken for a
    command (scripts/bench/barge_in.py). PocketSphinx is too sure of words."""

    def easier(self, by: float) -> Self:
        """The same with less wanted of a cramp, which is how one person's voice is allowed for."""
        return replace(self, cramp=self.cramp - by, cramp_alone=self.cramp_alone - by, doubt=self.doubt - by)


THRESHOLDS: Final[Mapping[str, Thresholds]] = {
    "moonshine": Thresholds(0.1, 0.4, -0.5, 0.7, -1.5, 0.25, 1.25, 2.5, 3.5, -2.0, 2.0),
    "pocketsphinx": Thresholds(1.1, 1.1, -2.0, 1.4, -3.0, -3.7, inf, 1.35, 2.7, 0.0, inf),
    "vosk": Thresholds(1.5, 1.5, -4.0, 1.4, -5.0, -6.7, inf, 0.85, 2.2, 0.0, inf),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may have been said. Scores are 0..1."""

    intent: str
    text: str
    words: float
    """The decoder's score of these words."""
    sound: float | None
    """The classifier's of this intent; None where it has no class for it."""
    slots: Mapping[str, str] = field(default_factory=dict)
    expected: bool = True
    """Whether it answers what was just asked."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the ears have of one utterance."""

    candidates: tuple[Candidate, ...]
    """What the words mean, where they mean anything."""
    alone: Candidate | None
    """What the classifier takes it for, without words: a cramp, or a command that needs none."""
    state: str
    """Of the dialogue: ``idle`` waits for a cramp, in any other an answer or a command is expected."""
    spoken: str | None = None
    """What the assistant was saying meanwhile."""
    ended: float = 1.0
    """How much is over of the pause that ends an utterance, 0..1."""
    clarity: float = 1.0
    """How well any words at all fit the sound: the mean probability of a word, 0..1."""
    transcript: str = ""
    """These words, where the engine knows any."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, what it is about, and why it was not believed."""

    verdict: Verdict
    candidate: Candidate | None = None
    margin: float = -inf
    """Log odds by which the evidence passes its threshold, or falls short of it."""
    why: str = ""

    @property
    def intent(self) -> str:
        return self.candidate.intent if self.candidate else ""

    @property
    def score(self) -> float:
        """The margin as 0..1: from 0.5 on it is believed."""
        return 1 / (1 + exp(-max(-20.0, self.margin)))


def decide(evidence: Evidence, thresholds: Thresholds, sensitivity: float = 0.5) -> Decision:
    """Judge ``evidence``. ``sensitivity``, 0..1, moves every threshold; the measured ones are those of 0.5."""
    harder = 8 * (0.5 - sensitivity) + STEADINESS * (1 - evidence.ended)
    harder += UNCLEAR * max(0.0, -log(max(evidence.clarity, 1e-4)) - CLEAR)
    if evidence.spoken is not None:
        harder += HIGHER_BAR
    found = [_judged(each, evidence, thresholds, harder) for each in evidence.candidates]
    if evidence.alone is not None:
        found.append(_unworded(evidence.alone, evidence, thresholds, harder))
    nearly = [each for each in found if each.margin > NEARLY]
    if nearly:
        return max(nearly, key=_rank)
    own = any(_may_be_own(each, evidence) for each in evidence.candidates)
    return Decision(Verdict.REJECTED, why="its own words" if own else "no command")


def _may_be_own(candidate: Candidate, evidence: Evidence) -> bool:
    """All of its words are in what is being said: it may be an echo. So may "wait" be that was read as "weight"."""
    if evidence.spoken is None:
        return False
    own, read = _words(evidence.spoken), _words(evidence.transcript)
    return (bool(read) and read <= own) or set(candidate.text.split()) <= own


def _rank(decision: Decision) -> tuple[bool, bool, float]:
    """Words that are believed go before mere sound, and what is heard or asked about before what is not."""
    candidate = decision.candidate
    return (
        decision.verdict is not Verdict.REJECTED,
        decision.verdict is Verdict.HEARD and candidate is not None and bool(candidate.text),
        decision.margin,
    )


def _unworded(alone: Candidate, evidence: Evidence, thresholds: Thresholds, harder: float) -> Decision:
    """The words, which may mean something else or nothing, are not used, neither is a place in them.

    It is better to ask where it is than to stretch the wrong muscle. What has no words may be its own voice.
    """
    bar = thresholds.cramp_alone if evidence.state == "idle" else thresholds.command_alone
    if evidence.spoken is not None and evidence.state != "idle":
        bar += thresholds.own_words
    harder += _talk(evidence)
    margin = _log_odds(alone.sound or 0.0) - bar - harder - (0.0 if alone.expected else UNEXPECTED)
    verdict = Verdict.HEARD if margin >= 0 else Verdict.REJECTED
    return Decision(verdict, alone, margin, "only the sound of it")


def _judged(candidate: Candidate, evidence: Evidence, thresholds: Thresholds, harder: float) -> Decision:
    idle, words = evidence.state == "idle", _log_odds(candidate.words)
    own = _may_be_own(candidate, evidence)
    harder += thresholds.own_words if own else 0.0
    harder += _talk(evidence) if words < 0 and candidate.intent != "flag" else 0.0
    margin = _margin(candidate, evidence, thresholds) - harder - (0.0 if candidate.expected else UNEXPECTED)
    if margin >= 0:
        return Decision(Verdict.HEARD, candidate, margin)
    why = f"{'its own words' if own else 'not sure enough'}: {-margin:.1f} short"
    likely = candidate.intent == "cramp" and margin >= thresholds.doubt - thresholds.cramp
    worded = candidate.intent == "flag" and words >= thresholds.unawaited + harder
    if idle and evidence.ended == 1 and (likely or worded):
        return Decision(Verdict.DOUBTFUL, candidate, margin, why)
    return Decision(Verdict.REJECTED, candidate, margin, why)


def _margin(candidate: Candidate, evidence: Evidence, thresholds: Thresholds) -> float:
    """Log odds by which the candidate passes the threshold that is for it."""
    idle, words = evidence.state == "idle", _log_odds(candidate.words)
    if idle and candidate.intent == "cramp":
        return thresholds.words_weight * words + _log_odds(candidate.sound or 0.0) - thresholds.cramp
    if candidate.sound is None:
        # What is left of the assistant's own voice may make words, too.
        awaited = not idle and evidence.spoken is None
        return words - (thresholds.words if awaited else thresholds.unawaited)
    sound = _log_odds(candidate.sound)
    if candidate.intent == "flag":
        both = words + sound - thresholds.danger
        return both if idle else max(both, words - thresholds.unawaited)  # in an episode no television is likely
    both = thresholds.command_words_weight * words + sound - thresholds.command
    return min(both, words - thresholds.unawaited) if idle else both


def _talk(evidence: Evidence) -> float:
    return min(TALK, max(0.0, len(evidence.transcript.split()) - BRIEF))


def _log_odds(score: float) -> float:
    score = min(max(score, 1e-4), 1 - 1e-4)
    return log(score / (1 - score))


def _words(text: str) -> set[str]:
    return {word.strip(".,?!") for word in text.lower().split()}
