"""The intent classifier on top of Moonshine's encoder; scripts/train/intents.py trains it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.moonshine.model import States
from nightvoice.system.onnx import open_session

OTHER: Final = "other"
"""The intent of any other speech."""
Scores = NDArray[np.float32]
"""Probabilities, (1, intents) or (intents,)."""
LONGEST: Final = 167
"""Maximum number of encoder states that it uses: the last 4 s."""


class IntentModel:
    """A classifier from an ONNX file: states (1, time, 288) in, Scores out.

    The file's metadata ``intents`` names the intents, one of them OTHER. Raises NightvoiceError
    for a file that is missing or not such a classifier.
    """

    def __init__(self, file: Path) -> None:
        try:
            self._session = open_session(file)
            self._names = self._session.get_modelmeta().custom_metadata_map["intents"].split(",")
        except Exception as error:  # ONNX Runtime's errors have no narrower base
            raise NightvoiceError(f"{file} is no classifier of intents: install nightvoice again") from error

    def view(self, states: States) -> Scores:
        """Return the probability of each intent, (1, intents), by one view of an utterance."""
        return np.asarray(self._session.run(["intents"], {"states": states[:, -LONGEST:]})[0])

    def mean(self, views: Sequence[Scores]) -> dict[str, float]:
        """Return the probability of each intent: the geometric mean over several ``views``, scaled to sum to 1."""
        mean = np.exp(np.log(np.maximum(np.concatenate(views), 1e-7)).mean(axis=0))
        return self._named(mean / mean.sum())

    def least(self, views: Sequence[Scores]) -> dict[str, float]:
        """Return the lowest probability of each intent in any of the ``views``."""
        return self._named(np.concatenate(views).min(axis=0))

    def _named(self, scores: Scores) -> dict[str, float]:
        return dict(zip(self._names, scores.tolist(), strict=True))
