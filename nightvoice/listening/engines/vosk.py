"""The Vosk engine. Its model must be downloaded first."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vosk import KaldiRecognizer, Model, SetLogLevel

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.understanding.grammar import Grammar

UNKNOWN = "[unk]"
"""Vosk's token for words outside the grammar; some models lack it."""

_log = logging.getLogger(__name__)


@dataclass
class _Decoding:
    """The two recognisers of an utterance, and the words that they have settled on so far."""

    guided: KaldiRecognizer
    free: KaldiRecognizer
    words: list[dict[str, Any]] = field(default_factory=list)
    free_words: list[str] = field(default_factory=list)


class VoskEngine:
    """Recognises with a grammar and, in parallel, without one.

    Vosk's grammar mode accepts wrong words with a confidence near 1, so the score is multiplied by how much of the
    phrase the free recogniser heard as well.
    """

    name = "vosk"

    def __init__(self, model: Path) -> None:
        SetLogLevel(-1)
        try:
            self._model = Model(str(model))
        except Exception as error:  # vosk raises nothing narrower
            raise NightvoiceError(
                f"Vosk cannot load the model in {model}: download it again with `nightvoice setup`"
            ) from error
        self._phrases: dict[str, str] = {}
        self._utterance: _Decoding | None = None

    def missing_words(self, grammar: Grammar) -> list[str]:
        """Return the words of the grammar that the model does not know."""
        return sorted(w for w in grammar.words if self._model.vosk_model_find_word(w) < 0)

    def start(self, grammar: Grammar) -> None:
        """Begin an utterance with new recognisers, since old ones grow in memory over hours."""
        if grammar.name not in self._phrases:
            self._phrases[grammar.name] = self._known_phrases(grammar)
        guided = KaldiRecognizer(self._model, RATE, self._phrases[grammar.name])
        guided.SetWords(True)
        self._utterance = _Decoding(guided, KaldiRecognizer(self._model, RATE))

    def accept(self, samples: Samples) -> str:
        """Take more samples; return the words so far."""
        assert self._utterance is not None, "call start() first"
        u, sound = self._utterance, samples.tobytes()
        if u.free.AcceptWaveform(sound):
            u.free_words += json.loads(u.free.Result())["text"].split()
        partial = ""
        if u.guided.AcceptWaveform(sound):
            u.words += json.loads(u.guided.Result()).get("result", [])
        else:
            partial = json.loads(u.guided.PartialResult())["partial"]
        return " ".join([*(str(w["word"]) for w in u.words), *partial.split()])

    def partial(self) -> None:
        """Return None: the confidence is known only at the end."""

    def final(self) -> Hypothesis:
        """End the utterance."""
        assert self._utterance is not None, "call start() first"
        u, self._utterance = self._utterance, None
        words = [*u.words, *json.loads(u.guided.FinalResult()).get("result", [])]
        free = [*u.free_words, *json.loads(u.free.FinalResult())["text"].split()]
        if not words:
            return Hypothesis(note="nothing")
        text = [w["word"] for w in words]
        confidence = min(w["conf"] for w in words)
        agreement = _agreement(text, free)
        note = f"confidence {confidence:.2f}, heard freely {agreement:.2f}"
        phrase = Alternative(" ".join(text), confidence * agreement)
        return Hypothesis((phrase,), Alternative(" ".join(free), 1.0 if free else 0.0), note=note)

    def forget(self) -> None:
        """Drop an unfinished utterance; each has recognisers of its own."""
        self._utterance = None

    def _known_phrases(self, grammar: Grammar) -> str:
        """Return the phrases as Vosk's JSON. Phrases with words unknown to the model are dropped with a warning."""
        missing = set(self.missing_words(grammar))
        if missing:
            _log.warning(
                "Vosk's model does not know %s: phrases with these words are not recognised", ", ".join(sorted(missing))
            )
        phrases = [p for p in grammar.phrases if missing.isdisjoint(p.split())]
        if not phrases:
            raise NightvoiceError(
                f"Vosk's model knows no phrase of the grammar '{grammar.name}': is it the right language?"
            )
        if self._model.vosk_model_find_word(UNKNOWN) >= 0:
            phrases.append(UNKNOWN)
        return json.dumps(phrases, ensure_ascii=False)


def _agreement(text: list[str], free: list[str]) -> float:
    """Return how much of ``text`` is in ``free``, 0..1; longer words count more, as they carry the meaning."""
    left = list(free)
    total = shared = 0
    for word in text:
        total += len(word) ** 2
        if word in left:
            left.remove(word)
            shared += len(word) ** 2
    return shared / total
