"""The log odds from which an engine's results are believed."""

from dataclasses import dataclass, replace
from math import inf
from typing import Self


@dataclass(frozen=True, slots=True)
class Thresholds:
    """One engine's thresholds, in log odds, and the weights of its decoder.

    Below, "both" means the classifier's log odds plus the weighted log odds of the decoder.
    """

    decoder_weight: float
    """Weight of the decoder for a cramp; low for an engine that often reads similar sounds as one."""
    command_decoder_weight: float
    """Weight of the decoder for a command; commands are short, and easier to decode than to classify."""
    cramp: float
    """Threshold of both for a cramp, outside an episode."""
    cramp_classifier_only: float
    """Threshold of the classifier alone for a cramp, outside an episode, regardless of the decoder's words."""
    doubt: float
    """Threshold of both above which the guide asks a soft question."""
    command: float
    """Threshold of both for a command, during an episode."""
    command_classifier_only: float
    """Threshold of the classifier alone for a command, during an episode, regardless of the decoder's words."""
    decoder_only: float
    """Threshold of the decoder, during an episode, for intents unknown to the classifier."""
    unprompted: float
    """Threshold of the decoder, outside an episode, for any intent except a cramp."""
    danger: float
    """Threshold of both, with equal weights, for a danger sign at any time."""
    own_words: float
    """Additional log odds for words that the assistant may itself be saying; at half of Moonshine's, one of 339 prompts
    in which the loudspeaker was moved was taken for a command (scripts/bench/barge_in.py). Infinite for PocketSphinx,
    which is too sure of words."""
    while_speaking: float = 1.5
    """Additional log odds required while the assistant speaks. None for Moonshine: what is left of echo that was
    cancelled does not mislead it, and what was not is known (audio/aec/residual_echo_detector.py)."""
    free_words: float = 1.0
    """Threshold of the decoder, during an episode, for a danger sign in the person's own words to be asked about; from
    ``decoder_only`` on it is acted on."""
    help_classifier_only: float = inf
    """Threshold of the classifier alone for "help", outside an episode, which is then asked about."""
    reach: float = 0.0
    """Log odds by which an utterance may fall short and still support the same meaning, said again. At 5 instead of
    Moonshine's 4, more near-sounding words that are said twice are asked about, and hardly more cramps are heard
    (validation voices, scripts/bench/two_tries.py)."""

    def with_bias(self, bias: float) -> Self:
        """Return these thresholds with those for a cramp lowered by ``bias``, to fit one person's voice."""
        return replace(
            self,
            cramp=self.cramp - bias,
            cramp_classifier_only=self.cramp_classifier_only - bias,
            doubt=self.doubt - bias,
        )
