"""Small classifiers over the speech embedding, in openWakeWord's format, run on a stream of speech."""

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.listening.embedding import SIZE, SPAN_SAMPLES, STEP_SAMPLES, Embeddings, SpeechEmbedding
from nightvoice.models.store import shipped
from nightvoice.system.onnx import open_session

WINDOW: Final = 16
"""Embeddings in a classifier's input."""
CONTEXT_SAMPLES: Final = SPAN_SAMPLES + (WINDOW - 1) * STEP_SAMPLES
"""Samples that a classifier's input covers: 2 s."""


class Classifier:
    """A classifier from an ONNX file: embeddings (1, 16, 96) in, scores (1, K) of 0..1 out.

    The file's metadata ``classes`` names its classes, separated by commas; without it the only class is named after the
    file. Raises NightvoiceError for a file that is missing or has other shapes.
    """

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise NightvoiceError(f"{file} is missing: install nightvoice again")
        try:
            self._session = open_session(file)
        except Exception as error:  # onnxruntime's errors have no narrower base
            raise NightvoiceError(f"{file} is no ONNX model that can be loaded: install nightvoice again") from error
        (input_, *_), (output, *_) = self._session.get_inputs(), self._session.get_outputs()
        names = self._session.get_modelmeta().custom_metadata_map.get("classes", file.stem)
        self.names = tuple(name.strip() for name in names.split(","))
        """The classes, in the order of the output."""
        if input_.shape[1:] != [WINDOW, SIZE] or output.shape[1:] != [len(self.names)]:
            raise NightvoiceError(
                f"{file} takes {input_.shape} and gives {output.shape}, but should take (1, {WINDOW}, {SIZE}) "
                f"and give (1, {len(self.names)}): {', '.join(self.names)}"
            )
        self._input = input_.name

    def score(self, window: Embeddings) -> dict[str, float]:
        """Return the score of each class for ``window``, shape (16, 96)."""
        (scores,) = self._session.run(None, {self._input: window[None]})
        return dict(zip(self.names, scores[0].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Peak:
    """The best score of a class in an utterance."""

    score: float
    at: float
    """Seconds since the start of the utterance; the class was said in the two seconds before that."""


class StreamingClassifier:
    """Runs classifiers on a gated stream, utterance by utterance.

    Pass every sample once and in order: to ``wait`` while the gate is shut, which costs nothing, and to ``push`` after
    ``start``. Silence precedes the first sample, and the first after ``reset``. If two classifiers share a class, the
    first one's score counts.
    """

    def __init__(self, *classifiers: Classifier) -> None:
        self._classifiers = classifiers
        self._embedding = SpeechEmbedding()
        self._window: deque[Embeddings] = deque(maxlen=WINDOW)
        self.best: dict[str, Peak] = {}
        """The best score of each class since ``start``."""
        self.reset()

    @classmethod
    def shipped(cls) -> Self:
        """Return the classifiers of cramps and commands that come with nightvoice."""
        return cls(*(Classifier(shipped(name)) for name in ("cramp.onnx", "commands.onnx")))

    def reset(self) -> None:
        """Forget all sound, so that nothing said so far counts again."""
        self._waiting = deque([np.zeros(CONTEXT_SAMPLES, dtype=np.int16)])
        self._waiting_samples = CONTEXT_SAMPLES
        self._gap = True
        self.best = {}

    def wait(self, samples: Samples) -> None:
        """Take samples outside an utterance; the last two seconds are kept as context for the next one."""
        self._waiting.append(samples)
        self._waiting_samples += len(samples)
        while self._waiting_samples - len(self._waiting[0]) >= CONTEXT_SAMPLES:
            self._waiting_samples -= len(self._waiting.popleft())
            self._gap = True

    def start(self) -> None:
        """Begin an utterance and process its context."""
        if self._gap:
            self._embedding.reset()
            self._window.clear()
            self._steps = self._taken = 0
        context = np.concatenate([np.zeros(0, dtype=np.int16), *self._waiting])
        self._waiting.clear()
        self._waiting_samples, self._gap = 0, False
        self._began = self._taken + len(context)
        self.best = {}
        self.push(context)

    def push(self, samples: Samples) -> list[tuple[float, dict[str, float]]]:
        """Take more samples of the utterance; return the new scores, each with its seconds since ``start``."""
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
