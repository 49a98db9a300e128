"""Decides whether to believe what was heard: a pure function of the evidence of decoder and classifier.

The decoder knows which words were said, but forced into its grammar it finds words in any sound. The classifier knows
whether a cramp or a command was spoken at all, but not which words. Each makes many mistakes, but different ones, so
adding their log odds makes fewer.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, log
from typing import Final

from nightvoice.listening.evidence import Candidate, Evidence
from nightvoice.listening.log_odds import log_odds, score_of
from nightvoice.listening.thresholds import Thresholds

UNEXPECTED_PENALTY: Final = 1.0
"""Additional log odds required of words that do not answer the question just asked, so that an answer wins a tie."""
PARTIAL_PENALTY: Final = 3.0
"""Additional log odds required of a partial result; fades as the pause grows. At 4, half of the cramps are believed
0.14 s after the words; at 3, after 0.06 s with no more false alarms; at 2 there are a fifth more (validation split)."""
CLEAR_WORD: Final = 1.0
"""Mean negative log probability of a word up to which the sound is clear speech."""
UNCLEAR_PENALTY: Final = 1.5
"""Log odds required per unit beyond CLEAR_WORD. Noises mistaken for a cramp had 1.2 to 3.9; 1 phrase in 20 has 1.5."""
SHORT_TALK: Final = 6
"""Number of words above which speech that fits no phrase well is more likely conversation than a call for help."""
MAX_TALK_PENALTY: Final = 2.0
"""Maximum log odds required of longer speech, one per word beyond SHORT_TALK. Danger signs are exempt."""
AMID_TALK_PENALTY: Final = 3.0
"""Additional log odds required, while idle, of what is part of talk that runs on, as a television's. None of 64 cramps
over a radio was held to be part of it (validation voices, scripts/bench/over_voices.py)."""
FREE_WORDS_AMID_TALK_PENALTY: Final = 1.5
"""The same in an episode, of requests in free words. Answers and commands need no more there, since the person's own
talk may run on, too; a danger in free words is asked about instead. What is far fainter than the person is not
believed at all, however clear, as a television is; but a listed danger sign is asked about."""
ANSWERS: Final = frozenset({"yes", "no", "unsure", "better", "worse", "gone"})
LONE_CONFIDENCE: Final = 0.5
"""Word confidence below which a cramp that is said in a single word is asked about. A fifth of near-sounding words
("crab", "cram", "crown") sound like a cramp when said alone; most are read as other words, or not surely (validation
voices, scripts/bench/near_words.py)."""
RIVAL: Final = 0.5
"""Score from which the words of another intent make a free reading of a command doubtful: "it is" for "it isn't"."""
NEAR_MISS_MARGIN: Final = -6.0
"""Margin below which a result is not even a near miss."""


class Verdict(StrEnum):
    """The outcome of an utterance."""

    HEARD = "heard"
    DOUBTFUL = "doubtful"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the candidate it concerns, and why that was not believed."""

    verdict: Verdict
    candidate: Candidate | None = None
    margin: float = -inf
    """Log odds by which the evidence passes its threshold; negative if it falls short."""
    why: str = ""

    @property
    def intent(self) -> str:
        return self.candidate.intent if self.candidate else ""

    @property
    def score(self) -> float:
        """The margin mapped to 0..1; 0.5 and above is believed, or asked about if it is a single word."""
        return score_of(self.margin)


def decide(evidence: Evidence, thresholds: Thresholds, sensitivity: float = 0.5) -> Decision:
    """Return the decision on ``evidence``. ``sensitivity``, 0..1, shifts every threshold; 0.5 shifts none."""
    penalty = 8 * (0.5 - sensitivity) + PARTIAL_PENALTY * (1 - evidence.pause_progress)
    penalty += UNCLEAR_PENALTY * max(0.0, -log(max(evidence.word_confidence, 1e-4)) - CLEAR_WORD)
    if evidence.speaking is not None:
        penalty += thresholds.while_speaking
    found = [_with_words(each, evidence, thresholds, penalty) for each in evidence.candidates]
    if evidence.classifier_only is not None:
        found.append(_classifier_only(evidence.classifier_only, evidence, thresholds, penalty))
    near = [each for each in found if each.margin > NEAR_MISS_MARGIN]
    if near:
        return _soft_if_unclear(max(near, key=_rank), evidence)
    own = any(_may_be_own(each, evidence) for each in evidence.candidates)
    return Decision(Verdict.REJECTED, why="its own words" if own else "no command")


def _may_be_own(candidate: Candidate, evidence: Evidence) -> bool:
    """Whether the candidate or transcript may be echo: all its words occur in the assistant's current speech.

    The transcript counts because "weight" in a prompt may be decoded as "wait".
    """
    if evidence.speaking is None:
        return False
    own, transcript = _words(evidence.speaking), _words(evidence.transcript)
    return (bool(transcript) and transcript <= own) or set(candidate.text.split()) <= own


def _rank(decision: Decision) -> tuple[bool, bool, float]:
    """Prefer a heard or doubtful decision, then one heard with words, then the larger margin."""
    candidate = decision.candidate
    return (
        decision.verdict is not Verdict.REJECTED,
        decision.verdict is Verdict.HEARD and candidate is not None and bool(candidate.text),
        decision.margin,
    )


def _soft_if_unclear(decision: Decision, evidence: Evidence) -> Decision:
    """Make a heard cramp doubtful, at the end of the utterance, if its only word was not read clearly as a cramp."""
    heard = decision.verdict is Verdict.HEARD and decision.intent == "cramp" and evidence.state == "idle"
    if not heard or len(evidence.transcript.split()) != 1:
        return decision
    read = _words(evidence.transcript)
    is_read = any(each.intent == "cramp" and read <= _words(each.text) for each in evidence.candidates)
    if is_read and evidence.word_confidence >= LONE_CONFIDENCE:
        return decision
    verdict = Verdict.DOUBTFUL if evidence.pause_progress == 1 else Verdict.REJECTED
    return replace(decision, verdict=verdict, why="a single word, not read as a cramp")


def _classifier_only(guess: Candidate, evidence: Evidence, thresholds: Thresholds, penalty: float) -> Decision:
    """Decide on the classifier's guess alone, ignoring the words and any place in them.

    It is better to ask where the cramp is than to stretch the wrong muscle.
    """
    idle = evidence.state == "idle"
    while_idle = thresholds.help_classifier_only if guess.intent == "help" else thresholds.cramp_classifier_only
    threshold = while_idle if idle else thresholds.command_classifier_only
    penalty += _talk_penalty(evidence) + _amid_talk(guess, evidence)
    unexpected = 0.0 if guess.expected else UNEXPECTED_PENALTY
    margin = log_odds(guess.classifier_score or 0.0) - threshold - penalty - unexpected + _repeated(guess, evidence)
    verdict = Verdict.HEARD if margin >= 0 else Verdict.REJECTED
    return Decision(verdict, guess, margin, "only the sound of it")


def _with_words(candidate: Candidate, evidence: Evidence, thresholds: Thresholds, penalty: float) -> Decision:
    """Decide on an intent for which the decoder found words."""
    idle, decoder = evidence.state == "idle", log_odds(candidate.decoder_score)
    own = _may_be_own(candidate, evidence)
    penalty += thresholds.own_words if own else 0.0
    penalty += _talk_penalty(evidence) if decoder < 0 and candidate.intent != "flag" else 0.0
    required = penalty + _amid_talk(candidate, evidence)
    asked_about = candidate.askable or candidate.intent in ("flag", "suspicion")
    listed = candidate.intent == "flag" and not candidate.askable
    penalty = penalty if asked_about and not idle and (listed or not _is_far(evidence)) else required
    unexpected = 0.0 if candidate.expected else UNEXPECTED_PENALTY
    repeated = 0.0 if own else _repeated(candidate, evidence)
    margin = _margin(candidate, evidence, thresholds) - penalty - unexpected + repeated
    if margin >= 0:
        unclear = (candidate.askable or _is_far(evidence)) and decoder < thresholds.decoder_only + required
        return Decision(Verdict.HEARD, replace(candidate, intent="suspicion") if unclear else candidate, margin)
    why = f"{'its own words' if own else 'not sure enough'}: {-margin:.1f} short"
    likely = candidate.intent == "cramp" and margin >= thresholds.doubt - thresholds.cramp
    clear_danger = candidate.intent == "flag" and decoder >= thresholds.unprompted + penalty
    if idle and evidence.pause_progress == 1 and (likely or clear_danger):
        return Decision(Verdict.DOUBTFUL, candidate, margin, why)
    return Decision(Verdict.REJECTED, candidate, margin, why)


def _margin(candidate: Candidate, evidence: Evidence, thresholds: Thresholds) -> float:
    """Return the log odds by which the candidate passes the threshold for its kind, before penalties."""
    idle, decoder = evidence.state == "idle", log_odds(candidate.decoder_score)
    if idle and candidate.intent == "cramp":
        classifier = log_odds(candidate.classifier_score or 0.0)
        return thresholds.decoder_weight * decoder + classifier - thresholds.cramp
    if candidate.classifier_score is None:
        # The echo of the assistant's own voice may also form words.
        if idle or evidence.speaking is not None:
            return decoder - thresholds.unprompted
        return decoder - (thresholds.free_words if candidate.askable else thresholds.decoder_only)
    classifier = log_odds(candidate.classifier_score)
    if candidate.intent == "flag":
        both = decoder + classifier - thresholds.danger
        return both if idle else max(both, decoder - thresholds.unprompted)  # in an episode a television is unlikely
    both = thresholds.command_decoder_weight * decoder + classifier - thresholds.command
    if idle:
        return min(both, decoder - thresholds.unprompted)
    return max(both, decoder - thresholds.decoder_only) if _is_plain_reading(candidate, evidence) else both


def _is_plain_reading(candidate: Candidate, evidence: Evidence) -> bool:
    """Whether the free transcript is the candidate's words, two or more, and no words of another intent fit as well.

    Then the words count on their own: the classifier has not learnt every phrase, and hears "it isn't" as nothing.
    A rival of one word does not count: part of "he is sleeping" sounds like "yes".
    """
    read = _words(evidence.transcript)
    if evidence.speaking is not None or len(read) < 2 or read != _words(candidate.text):
        return False
    rivals = (each for each in evidence.candidates if each.intent != candidate.intent)
    return all(rival.decoder_score < RIVAL or len(_words(rival.text)) < 2 for rival in rivals)


def _repeated(candidate: Candidate, evidence: Evidence) -> float:
    return evidence.earlier.support_for(candidate) if evidence.earlier is not None else 0.0


def _amid_talk(candidate: Candidate, evidence: Evidence) -> float:
    if not evidence.in_talk:
        return 0.0
    if evidence.state == "idle":
        return AMID_TALK_PENALTY
    if _is_far(evidence):
        return inf
    free_words = candidate.classifier_score is None and candidate.intent not in ANSWERS
    return FREE_WORDS_AMID_TALK_PENALTY if free_words else 0.0


def _is_far(evidence: Evidence) -> bool:
    """Whether it is talk beside the episode, much fainter than the person: a television, somebody next door."""
    return evidence.in_talk and evidence.is_far


def _talk_penalty(evidence: Evidence) -> float:
    return min(MAX_TALK_PENALTY, max(0.0, len(evidence.transcript.split()) - SHORT_TALK))


def _words(text: str) -> set[str]:
    return {word.strip(".,?!") for word in text.lower().split()}
