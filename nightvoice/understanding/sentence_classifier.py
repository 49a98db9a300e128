"""What a sentence says, asks for and answers to a question, by a small language model (models/sentences.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.errors import NightvoiceError
from nightvoice.system.onnx import open_session
from nightvoice.understanding.word_pieces import WordPieces

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

ANSWERS: Final = ("yes", "no", "unsure", "other")
"""What an utterance can answer; ``other`` answers nothing."""
NO_REQUEST: Final = "none"
"""What an utterance asks for if it asks for nothing."""
WHAT_IF: Final = "what_if"
"""What it asks for if it asks about something that has not happened."""
REMEMBERED: Final = 64
"""Number of sentences whose scores are kept: partial results repeat the same words."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The scores of one utterance, each 0..1."""

    labels: Mapping[str, float]
    """Probability of each thing that a sentence can say; they are independent of one another."""
    requests: Mapping[str, float]
    """Probability of each thing that it can ask for, or ``none``; their sum is 1."""
    answers: Mapping[str, float]
    """Probability of each of ``ANSWERS``; empty if no question is open."""


class SentenceClassifier:
    """Scores sentences with the ONNX model in ``file``. Raises NightvoiceError if it cannot be used."""

    def __init__(self, file: Path) -> None:
        try:
            self._session: InferenceSession = open_session(file)
            properties = self._session.get_modelmeta().custom_metadata_map
            self._labels = tuple(properties["labels"].split())
            self._requests = tuple(properties["requests"].split())
            self._answers = tuple(properties["answers"].split())
            pieces = properties["vocabulary"].split()
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise NightvoiceError(f"{file}: is not a sentence classifier: {error}") from error
        self._pieces = WordPieces({piece: number for number, piece in enumerate(pieces)})
        self.meaning = lru_cache(REMEMBERED)(self._meaning)

    def _meaning(self, text: str, question: str = "") -> Meaning:
        """Return what ``text`` says. ``question``: the words of the open question, if there is one."""
        alone = self._pieces.encode(text)
        labels, requests, _ = self._run(alone, [0] * len(alone))
        answers: Mapping[str, float] = {}
        if question:
            *_, logits = self._run(*self._pieces.encode_pair(question, text))
            answers = dict(zip(self._answers, _shares(logits), strict=True))
        return Meaning(
            dict(zip(self._labels, (1 / (1 + np.exp(-labels))).tolist(), strict=True)),
            dict(zip(self._requests, _shares(requests), strict=True)),
            answers,
        )

    def _run(self, pieces: list[int], segments: list[int]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
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
