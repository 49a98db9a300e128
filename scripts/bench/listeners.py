"""The recognisers to compare: the product with each of its engines, and rivals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pocketsphinx import Decoder

from nightvoice.assembly import build_pipeline
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, Frame, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult

KEYPHRASE_THRESHOLDS = [1e-5, 1e-10, 1e-20, 1e-30]


@dataclass
class Product:
    """The pipeline as `nightvoice listen` drives it."""

    engine: str
    accepted_after: list[float] = field(default_factory=list)
    """Seconds from the end of the words to their acceptance."""

    def __post_init__(self) -> None:
        self._ears = build_pipeline(Config(), self.engine)

    @property
    def name(self) -> str:
        """The engine's own name."""
        return self._ears.name

    def hear(self, sound: Samples, state: str, words_end: float | None = None) -> list[RecognitionResult]:
        """Recognition results in a recording of its own; ``words_end`` is the end of its words in seconds."""
        found = list(self.timed(sound, state))
        if words_end is not None:
            self.accepted_after += [at - words_end for at, each in found if each.verdict is Verdict.HEARD]
        return [each for _, each in found]

    def timed(self, sound: Samples, state: str) -> Iterator[tuple[float, RecognitionResult]]:
        """Recognition results in a recording of its own, each with its time in seconds."""
        self._ears.forget()
        for number, frame in enumerate(frames(sound), start=1):
            result = self._ears.hear(frame, state, None)
            if result is not None:
                yield number * FRAME_S, result


def percent(found: list[bool]) -> float:
    """Return how many are true, per cent."""
    return round(100 * float(np.mean(found)), 1)


def keyphrases(sound: Samples) -> list[bool]:
    """Whether PocketSphinx spots "cramp" at each of KEYPHRASE_THRESHOLDS."""
    if not _spotters:
        _spotters.extend(
            Decoder(keyphrase="cramp", kws_threshold=t, samprate=RATE, loglevel="FATAL") for t in KEYPHRASE_THRESHOLDS
        )
    return [_spots(spotter, sound) for spotter in _spotters]


def frames(sound: Samples) -> Iterator[Frame]:
    """Whole frames; a partial frame at the end is dropped."""
    return (sound[i : i + FRAME_SAMPLES] for i in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES))


_spotters: list[Any] = []


def _spots(spotter: Any, sound: Samples) -> bool:
    spotter.start_utt()
    spotter.process_raw(sound.tobytes(), full_utt=True)
    spotter.end_utt()
    return spotter.hyp() is not None
