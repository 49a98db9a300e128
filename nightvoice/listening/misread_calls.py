"""Calls for help that were misread: known calls that look like what was read, and may well be what was said.

"I'm having a hot attack" looks like one; the second ear then weighs the call against its own readings of the sound. One
word alone is too little: among single words, "five" looks like "fire".
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from nightvoice.audio.frames import Samples
from nightvoice.listening.transcribers.base import Transcriber

LEAST_LIKENESS: Final = 50.0
"""Likeness of the letters, in per cent, below which a call is not weighed."""
MOST: Final = 12
"""Calls that are weighed at most."""
OF_LIKENESS, OF_RATIO, OF_MEAN = 0.1, 0.1, 0.6
"""Weights of the likeness in per cent, of the log probability over that of the likeliest reading, and of the mean log
probability of a word. Chosen, like the limit below, on 240 calls of the validation voices and 477 utterances of other
people (training split); a logistic regression gives about the same."""
RATIOS: Final = (-15.0, 5.0)
"""Bounds of that ratio. A long reading is always unlikely."""
NEAR_ENOUGH: Final = 5.0
"""Sum from which it is a call. None of the 477 utterances comes above 3.6, one cough (validation split) 4.7; of 54
calls that nobody had found, 26 come above 5."""


def likeliest_call(
    sound: Samples, texts: Sequence[str], calls: Collection[str], transcriber: Transcriber
) -> str | None:
    """Return which of ``calls`` was said in ``sound``, though read as ``texts`` by both ears; None if probably none."""
    alike = _alike(texts, calls)
    if not alike:
        return None
    likely = transcriber.log_probabilities(sound, [*texts, *alike])
    read = max(likely[: len(texts)])

    def nearness(call: str, log_probability: float) -> float:
        mean = log_probability / (len(call.split()) + 1)  # the full stop counts as a word
        return OF_LIKENESS * alike[call] + OF_RATIO * float(np.clip(log_probability - read, *RATIOS)) + OF_MEAN * mean

    near, call = max((nearness(*pair), pair[0]) for pair in zip(alike, likely[len(texts) :], strict=True))
    return call if near >= NEAR_ENOUGH else None


def _alike(texts: Sequence[str], calls: Collection[str]) -> Mapping[str, float]:
    """Return the calls that look most like any of ``texts``, with their likeness in per cent, the likest first."""
    several = [call for call in calls if " " in call]
    found: dict[str, float] = {}
    for text in texts:
        for call, likeness, _ in process.extract(
            text, several, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=MOST
        ):
            found[call] = max(likeness, found.get(call, 0.0))
    return dict(sorted(found.items(), key=lambda pair: -pair[1])[:MOST])
