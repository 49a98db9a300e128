"""The language model of ``sentence_classifier``, run by ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightvoice.errors import NightvoiceError
from nightvoice.system.onnx import open_session
from nightvoice.understanding.word_pieces import WordPieces

Scores = dict[str, float]


class SentenceModel:
    """The model in ``file``, with the names of its outputs. Raises NightvoiceError if it cannot be used."""

    def __init__(self, file: Path) -> None:
        try:
            self._session = open_session(file)
            properties = self._session.get_modelmeta().custom_metadata_map
            self._labels = tuple(properties["labels"].split())
            self._requests = tuple(properties["requests"].split())
            self._answers = tuple(properties["answers"].split())
            pieces = properties["vocabulary"].split()
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise NightvoiceError(f"{file}: is not a sentence classifier: {error}") from error
        self._pieces = WordPieces({piece: number for number, piece in enumerate(pieces)})

    def scores(self, text: str, question: str) -> tuple[Scores, Scores, Scores]:
        """Return the probabilities of the labels, of the requests, and of the answers if there is a ``question``."""
        alone = self._pieces.encode(text)
        labels, requests, _ = self._run(alone, [0] * len(alone))
        answers: Scores = {}
        if question:
            *_, logits = self._run(*self._pieces.encode_pair(question, text))
            answers = dict(zip(self._answers, _shares(logits), strict=True))
        return (
            dict(zip(self._labels, (1 / (1 + np.exp(-labels))).tolist(), strict=True)),
            dict(zip(self._requests, _shares(requests), strict=True)),
            answers,
        )

    def _run(self, pieces: list[int], segments: list[int]) -> Sequence[NDArray[Any]]:
        """Return the logits of the labels, of the requests and of the answers."""
        inputs = {
            "pieces": np.array([pieces]),
            "segments": np.array([segments]),
            "mask": np.ones((1, len(pieces)), np.int64),
        }
        labels, requests, answers = self._session.run(["labels", "requests", "answers"], inputs)
        return labels[0], requests[0], answers[0]


def _shares(logits: NDArray[Any]) -> list[float]:
    """Return the probabilities of what excludes one another."""
    odds = np.exp(logits - logits.max())
    shares: list[float] = (odds / odds.sum()).tolist()
    return shares
