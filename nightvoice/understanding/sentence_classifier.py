"""What a sentence says, asks for and answers to a question, by a small language model (models/sentences.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nightvoice.understanding.sentence_model import SentenceModel

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
    """Scores sentences with the ONNX model in ``file``.

    The model is loaded by ``load``, or when it is first needed: a typed night may have nothing but set phrases.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.meaning = lru_cache(REMEMBERED)(self._meaning)

    def load(self) -> None:
        """Load the model. Raises NightvoiceError if it cannot be used."""
        _ = self._model

    @cached_property
    def _model(self) -> "SentenceModel":
        from nightvoice.understanding.sentence_model import SentenceModel  # noqa: PLC0415 - numpy is slow to import

        return SentenceModel(self._file)

    def _meaning(self, text: str, question: str = "") -> Meaning:
        """Return what ``text`` says. ``question``: the words of the open question, if there is one."""
        return Meaning(*self._model.scores(text, question))
