"""The Moonshine engine: grammar search, free transcript and intent classifier over shared encoder layers."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from math import exp
from pathlib import Path
from typing import Final

import numpy as np

from nightvoice.audio.frames import RATE, Samples
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.engines.moonshine.intent_model import OTHER, IntentModel
from nightvoice.listening.engines.moonshine.model import STRIDE, Moonshine, States
from nightvoice.listening.engines.moonshine.search import TokenGraph, search
from nightvoice.listening.log_odds import score_of
from nightvoice.listening.voice_end import without_tail
from nightvoice.understanding.grammar import Grammar

LONGEST_S: Final = 8.0
"""Longest speech decoded, in seconds; of longer speech, only the end is decoded."""
_SHIFTS: Final = (STRIDE // 2, STRIDE // 4, STRIDE * 3 // 4)
"""Samples by which an utterance is shifted when it is classified again. The alignment of sound and stride changes log
odds by 1 and more; the mean of four heard 83 % of commands, a single one 80 % (validation voices), and both took 1.3 %
of other sentences for a command."""
_SURE: Final = 0.95
"""Probability of an intent in each of two views, from which no others are needed: of 110 such utterances in noise
(validation voices), the mean of four was nowhere below 0.93."""
_UNLIKELY: Final = 0.01
"""Probability of the likeliest intent, in one view, below which a partial result is not classified any further. Of 26
such results in a night of other talk, the other views changed the log odds of the likeliest intent by at most 0.5. A
command needs far more for an early answer; a danger told in clear words may pass with less. A final result has all
views."""
_EVEN: Final = -3.0
"""Log likelihood of a phrase, relative to the free words, at which its score is 0.5."""


class MoonshineEngine:
    """Recognises speech with Moonshine, and with classifiers over its encoder's shared states."""

    name = "moonshine"

    def __init__(self, model: Moonshine, intents: Path, idle_intents: Path) -> None:
        """``intents``, ``idle_intents``: classifiers for an episode, and for the time before it.

        Raises NightvoiceError if one of them cannot be loaded.
        """
        self._model = model
        self._episode_intents, self._idle_intents = IntentModel(intents), IntentModel(idle_intents)
        self._graphs: dict[str, TokenGraph] = {}
        self._sound: list[Samples] = []
        # Classification runs while the words are decoded, so that it adds no delay.
        self._background = ThreadPoolExecutor(1, "classifier")

    def start(self, grammar: Grammar) -> None:
        if grammar.name not in self._graphs:
            self._graphs[grammar.name] = TokenGraph(grammar, self._model)
        self._graph = self._graphs[grammar.name]
        # Some voices' cramps are surer with the silence after them: without it, two of 16 clean ones were missed.
        self._idle = grammar.name == "idle"
        self._intents = self._idle_intents if self._idle else self._episode_intents
        self._sound = []

    def accept(self, samples: Samples) -> str:
        self._sound.append(samples)
        return ""

    def partial(self) -> Hypothesis:
        return self._decode(final=False)

    def final(self) -> Hypothesis:
        hypothesis = self._decode(final=True)
        self._sound = []
        return hypothesis

    def forget(self) -> None:
        self._sound = []

    def _decode(self, final: bool) -> Hypothesis:
        sound = np.concatenate([np.zeros(0, np.int16), *self._sound])[-round(LONGEST_S * RATE) :]
        states = self._model.encode(sound)
        intents = self._background.submit(self._classify, sound, states, final)
        found = search(self._model, self._model.encode_words(states), self._graph)
        alternatives = tuple(
            Alternative(
                phrase.text.lower().replace(",", ""), _score(phrase.log_probability - found.free.log_probability)
            )
            for phrase in found.phrases
        )
        confidence = exp(found.free.log_probability / max(1, len(found.free.text.split())))
        return Hypothesis(alternatives, Alternative(found.free.text, confidence), intents.result(), confidence)

    def _classify(self, sound: Samples, states: States, final: bool) -> dict[str, float]:
        """Classify the utterance; a command without the noise after it. ``states``: shared, of the whole ``sound``."""
        voice = sound if self._idle else without_tail(sound)
        if len(voice) < len(sound):
            sound, states = voice, self._model.encode(voice)
        views = [self._intents.view(states)]
        if final or _likeliest(self._intents.least(views)) >= _UNLIKELY:
            for shift in _SHIFTS:
                views.append(self._intents.view(self._model.encode(np.pad(sound, (shift, STRIDE - shift)))))
                if _likeliest(self._intents.least(views)) >= _SURE:
                    break
        return self._intents.mean(views)


def _likeliest(scores: Mapping[str, float]) -> float:
    return max(score for name, score in scores.items() if name != OTHER)


def _score(evidence: float) -> float:
    # The free words are decoded greedily, so a phrase may be likelier than they are; that adds no evidence.
    return score_of(min(evidence, 0.0) - _EVEN)
