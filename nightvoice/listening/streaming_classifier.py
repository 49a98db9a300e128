"""Small classifiers over the speech embedding, in openWakeWord's format: what of a few things was just said."""

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.listening.embedding import SIZE, SPAN_SAMPLES, STEP_SAMPLES, Embeddings, SpeechEmbedding, open_session

WINDOW: Final = 16
"""Embeddings that a classifier sees."""
CONTEXT_SAMPLES: Final = SPAN_SAMPLES + (WINDOW - 1) * STEP_SAMPLES
"""Samples that a classifier sees: 2 s."""


class Classifier:
    """An ONNX file: (1, 16, 96) embeddings in, (1, K) scores of 0..1 out.

    Its classes are named in the metadata ``classes``, commas between; a file without names has one, its own stem.
    Raises NightvoiceError for a file that is missing or none such.
    """

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise NightvoiceError(f"{file} is missing: install nightvoice again")
        try:
            self._session = open_session(file)
        except Exception as error:  # onnxruntime's errors have no narrower base
            raise NightvoiceError(f"{file} is no ONNX model that can be loaded: install nightvoice again") from error
        (given, *_), (found, *_) = self._session.get_inputs(), self._session.get_outputs()
        names = self._session.get_modelmeta().custom_metadata_map.get("classes", file.stem)
        self.names = tuple(name.strip() for name in names.split(","))
        """The classes, in the order of the output."""
        if given.shape[1:] != [WINDOW, SIZE] or found.shape[1:] != [len(self.names)]:
            raise NightvoiceError(
                f"{file} takes {given.shape} and gives {found.shape}, but should take (1, {WINDOW}, {SIZE}) "
                f"and give (1, {len(self.names)}): {', '.join(self.names)}"
            )
        self._input = given.name

    def score(self, window: Embeddings) -> dict[str, float]:
        """The score of each class, for ``window`` of shape (16, 96)."""
        (scores,) = self._session.run(None, {self._input: window[None]})
        return dict(zip(self.names, scores[0].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Peak:
    """The best score of a class in an utterance."""

    score: float
    at: float
    """Seconds since the utterance began; the class was said in the two seconds before."""


class StreamingClassifier:
    """Classifiers that listen to a gated stream, utterance by utterance.

    Every sample comes once and in order: through ``wait`` while the gate is shut, which costs nothing, and after
    ``start`` through ``push``. Before the first sample, and after ``reset``, there is silence. Where two classifiers
    have a class in common, the first one's score counts.
    """

    def __init__(self, *classifiers: Classifier) -> None:
        self._classifiers = classifiers
        self._embedding = SpeechEmbedding()
        self._window: deque[Embeddings] = deque(maxlen=WINDOW)
        self.best: dict[str, Peak] = {}
        """The best score of each class since ``start``."""
        self.reset()

    def reset(self) -> None:
        """Forget all sound, so that what was said does not count again."""
        self._waiting = deque([np.zeros(CONTEXT_SAMPLES, dtype=np.int16)])
        self._waiting_samples = CONTEXT_SAMPLES
        self._gap = True
        self.best = {}

    def wait(self, samples: Samples) -> None:
        """Sound that need not be judged: only its last two seconds are kept, as the past of the next utterance."""
        self._waiting.append(samples)
        self._waiting_samples += len(samples)
        while self._waiting_samples - len(self._waiting[0]) >= CONTEXT_SAMPLES:
            self._waiting_samples -= len(self._waiting.popleft())
            self._gap = True

    def start(self) -> None:
        """An utterance begins; its past is heard now."""
        if self._gap:
            self._embedding.reset()
            self._window.clear()
            self._steps = self._taken = 0
        past = np.concatenate([np.zeros(0, dtype=np.int16), *self._waiting])
        self._waiting.clear()
        self._waiting_samples, self._gap = 0, False
        self._began = self._taken + len(past)
        self.best = {}
        self.push(past)

    def push(self, samples: Samples) -> list[tuple[float, dict[str, float]]]:
        """Take the next samples of the utterance; return the new scores, each with its seconds since ``start``."""
        found = []
        self._taken += len(samples)
        for embedding in self._embedding.push(samples):
            self._window.append(embedding)
            at = (SPAN_SAMPLES + self._steps * STEP_SAMPLES - self._began) / RATE
            self._steps += 1
            if len(self._window) == WINDOW:
                scores = self._score()
                found.append((at, scores))
                for name, score in scores.items():
                    if name not in self.best or score > self.best[name].score:
                        self.best[name] = Peak(score, at)
        return found

    def _score(self) -> dict[str, float]:
        window = np.stack(self._window)
        scores: dict[str, float] = {}
        for classifier in self._classifiers:
            scores = classifier.score(window) | scores
        return scores
