"""Weights in 8 bits, compared with what CTranslate2's own converter writes."""

from pathlib import Path

import numpy as np
import pytest

from nightvoice.listening.transcribers.quantization import quantized

specs = pytest.importorskip("ctranslate2.specs.model_spec")
common = pytest.importorskip("ctranslate2.specs.common_spec")


def saved(folder: Path, quantization: str) -> bytes:
    """The file of a model of two layers, one of which shares its weights with the other."""

    class Model(specs.ModelSpec):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            rng = np.random.default_rng(0)
            self.embeddings = common.EmbeddingsSpec()
            self.embeddings.weight = rng.normal(0, 0.2, (7, 5)).astype(np.float16).astype(np.float32)
            self.embeddings.weight[3] = 0
            self.projection = common.LinearSpec()
            self.projection.weight = self.embeddings.weight
            self.projection.bias = rng.normal(0, 1, 7).astype(np.float32)

        @property
        def name(self) -> str:
            return "Model"

    model = Model()
    model.validate()
    model.optimize(quantization)
    model._serialize(str(folder / quantization))
    return (folder / quantization).read_bytes()


def test_the_file_is_the_one_that_the_converter_writes(tmp_path: Path) -> None:
    assert quantized(saved(tmp_path, "float32")) == saved(tmp_path, "int8_float32")
