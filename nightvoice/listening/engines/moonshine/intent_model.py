"""The classifier of intents over Moonshine's encoder: trained by scripts/train/head.py, kept in models/intents.onnx."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.moonshine.model import States

Scores = NDArray[np.float32]
LONGEST: Final = 167
"""States that it sees: the last 4 s."""


@dataclass(frozen=True, slots=True)
class Guess:
    """Probabilities by name; ``other`` is whatever is no intent."""

    intents: Mapping[str, float]
    places: Mapping[str, float]
    """Of sites and of sides."""


class IntentModel:
    """An ONNX file: (1, time, 288) states in; intents, sites and sides out, their names in its metadata.

    Raises NightvoiceError for a file that is missing or none such.
    """

    def __init__(self, file: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = options.enable_cpu_mem_arena = False
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
            names = self._session.get_modelmeta().custom_metadata_map
            self._names = [names[output].split(",") for output in ("intents", "sites", "sides")]
        except Exception as error:  # onnxruntime's errors have no narrower base
            raise NightvoiceError(f"{file} is no classifier of intents: install nightvoice again") from error

    def guess(self, looks: Sequence[States]) -> Guess:
        """What the end of an utterance sounds like, which was looked at more than once: the geometric mean."""
        every = [self._session.run(["intents", "sites", "sides"], {"states": look[:, -LONGEST:]}) for look in looks]
        intents, sites, sides = (
            dict(zip(names, _mean(scores).tolist(), strict=True))
            for names, scores in zip(self._names, zip(*every, strict=True), strict=True)
        )
        return Guess(intents, {name: score for name, score in (sites | sides).items() if name})


def _mean(scores: Sequence[Scores]) -> Scores:
    """Of some (1, names) probabilities, (names,) that again sum to 1."""
    likely = np.exp(np.log(np.maximum(np.concatenate(scores), 1e-7)).mean(axis=0))
    return np.asarray(likely / likely.sum(), np.float32)
