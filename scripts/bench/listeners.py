"""Those whose hearing is compared: the parts of the ears apart, and the product as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pocketsphinx import Decoder

from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, Frame, Samples
from nightvoice.cli.wiring import make_ears, make_understanding
from nightvoice.config import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.ears import Perception
from nightvoice.listening.pocketsphinx_engine import PocketSphinxEngine
from nightvoice.listening.vad import SpeechGate
from nightvoice.listening.wake_model import Classifier, WakeModel

KEYPHRASE_THRESHOLDS = [1e-5, 1e-10, 1e-20, 1e-30]
SUSPICION = 0.01
"""Score of the classifier under which not everything is heard by the others."""


@dataclass(frozen=True)
class Heard:
    """One utterance, as the parts heard it."""

    scores: dict[str, float]
    """Of the classifiers, by class."""
    intent: str = ""
    """By the decoder and its grammar; empty: none."""
    decoder: float = 0.0
    spotted: tuple[bool, ...] = ()
    """By a keyphrase spotter at each of its thresholds."""


class Parts:
    """The gate, the classifiers and the decoders, apart."""

    def __init__(self, models: list[Path]) -> None:
        self._gate, self._wake = SpeechGate(), WakeModel(*map(Classifier, models))
        self._engine, self._understanding = PocketSphinxEngine(), make_understanding(Config())
        self._spotters = [
            Decoder(keyphrase="cramp", kws_threshold=t, samprate=RATE, loglevel="FATAL") for t in KEYPHRASE_THRESHOLDS
        ]

    def hear(self, sound: Samples, state: str, decode: bool) -> list[Heard]:
        """The utterances in ``sound``; ``decode``: with all parts, else only where the classifier suspects a cramp."""
        return [self._judge(*u, state, decode) for u in self._utterances(sound)]

    def _utterances(self, sound: Samples) -> Iterator[tuple[Samples, dict[str, float]]]:
        pieces: list[Samples] = []
        for frame in frames(sound):
            gate = self._gate.push(frame)
            if gate.opened:
                self._wake.start()
            if len(gate.samples):
                pieces.append(gate.samples)
                self._wake.push(frame)
            else:
                self._wake.wait(frame)
            if gate.closed:
                yield np.concatenate(pieces), self._best()
                pieces = []
        if pieces:
            self._gate.reset()
            yield np.concatenate(pieces), self._best()

    def _best(self) -> dict[str, float]:
        return {name: peak.score for name, peak in self._wake.best.items()}

    def _judge(self, sound: Samples, scores: dict[str, float], state: str, decode: bool) -> Heard:
        if not decode and scores["cramp"] < SUSPICION:
            return Heard(scores)
        self._engine.start(self._understanding.grammar(state))
        self._engine.accept(sound)
        hypothesis = self._engine.finish()
        meaning = self._understanding.understand(hypothesis.text, state)
        spotted = tuple(_spots(s, sound) for s in self._spotters) if decode and state == "idle" else ()
        return Heard(scores, meaning.intent if meaning else "", hypothesis.score, spotted)


class Product:
    """The ears as `nightvoice listen` drives them."""

    def __init__(self) -> None:
        self._ears = make_ears(Config(), "pocketsphinx")
        self.accepted_after: list[float] = []
        """Seconds from the end of the words to their acceptance."""

    def hear(self, sound: Samples, state: str, words_end: float | None = None) -> list[Perception]:
        found = []
        for number, frame in enumerate(frames(sound), start=1):
            perception = self._ears.hear(frame, state, None)
            if perception is not None:
                found.append(perception)
                if words_end is not None and perception.verdict is Verdict.HEARD:
                    self.accepted_after.append(number * FRAME_S - words_end)
        return found


def frames(sound: Samples) -> Iterator[Frame]:
    """Whole frames; what is left at the end is silence enough."""
    return (sound[i : i + FRAME_SAMPLES] for i in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES))


def _spots(spotter: Any, sound: Samples) -> bool:
    spotter.start_utt()
    spotter.process_raw(sound.tobytes(), full_utt=True)
    spotter.end_utt()
    return spotter.hyp() is not None
