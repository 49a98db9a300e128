"""Moonshine as a recogniser: phrases of the grammar, free words, and a classifier of intents, all over one encoder."""

from concurrent.futures import ThreadPoolExecutor
from math import exp
from pathlib import Path
from typing import Final

import numpy as np

from nightvoice.audio.frames import RATE, Samples
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.engines.moonshine.intent_model import Guess, IntentModel
from nightvoice.listening.engines.moonshine.model import STRIDE, Moonshine, States
from nightvoice.listening.engines.moonshine.search import Spelling, search
from nightvoice.understanding.grammar import Grammar

LONGEST_S: Final = 8.0
"""Only the end of longer speech is read."""
_LOOKS: Final = 4
"""Times that an utterance is classified, each a part of the encoder's stride later. By how sound and stride happen to
meet, log odds differ by 1 and more; of the mean's commands 83 % were heard where one look heard 80 % (validation
voices), at the same 1.3 % of others' sentences taken for one."""
_EVEN: Final = -3.0
"""Log likelihood of a phrase, against that of the free words, at which its score is 0.5."""


class MoonshineEngine:
    """The model in ``folder``, with our ``encoder`` and classifier of ``intents`` (ONNX).

    Raises NightvoiceError without them.
    """

    name = "moonshine"

    def __init__(self, folder: Path, encoder: Path, intents: Path) -> None:
        self._model = Moonshine(folder, encoder)
        self._intents = IntentModel(intents)
        self._spellings: dict[str, Spelling] = {}
        self._heard: list[Samples] = []
        # The looks are had while the words are searched for, so that nobody waits for them.
        self._aside = ThreadPoolExecutor(1, "classifier")

    def start(self, grammar: Grammar) -> None:
        if grammar.name not in self._spellings:
            self._spellings[grammar.name] = Spelling(grammar, self._model)
        self._spelling = self._spellings[grammar.name]
        self._heard = []

    def accept(self, samples: Samples) -> str:
        self._heard.append(samples)
        return ""

    def partial(self) -> Hypothesis:
        return self._read()

    def final(self) -> Hypothesis:
        hypothesis = self._read()
        self._heard = []
        return hypothesis

    def _read(self) -> Hypothesis:
        sound = np.concatenate([np.zeros(0, np.int16), *self._heard])[-round(LONGEST_S * RATE) :]
        states = self._model.encode(sound)
        guessing = self._aside.submit(self._guess, sound, states)
        found = search(self._model, states, self._spelling)
        readings = tuple(
            Alternative(
                likely.text.lower().replace(",", ""), _score(likely.log_probability - found.free.log_probability)
            )
            for likely in found.phrases
        )
        guess = guessing.result()
        clarity = exp(found.free.log_probability / max(1, len(found.free.text.split())))
        return Hypothesis(readings, Alternative(found.free.text, clarity), guess.intents, guess.places, clarity)

    def _guess(self, sound: Samples, states: States) -> Guess:
        shifts = range(STRIDE // _LOOKS, STRIDE, STRIDE // _LOOKS)
        later = (self._model.encode(np.pad(sound, (shift, STRIDE - shift))) for shift in shifts)
        return self._intents.guess([states, *later])


def _score(evidence: float) -> float:
    # The free words are the greedy ones: that a phrase is likelier than they says nothing for it.
    evidence = min(evidence, 0.0)
    return 1 / (1 + exp(-max(-50.0, evidence - _EVEN)))
