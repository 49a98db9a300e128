"""Reads the weights of an exported sentence classifier back, so that training goes on from what is released."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor


def released_weights(file: Path) -> dict[str, Tensor]:
    """The parameters in ``file`` under their names in the PyTorch module, as floats.

    They are as exact as 8 bits are. The word embedding is left out: it is frozen, and the pretrained one is exact.
    """
    values = {each.name: numpy_helper.to_array(each) for each in onnx.load(file).graph.initializer}
    found = {name: value for name, value in values.items() if name.endswith((".weight", ".bias"))}
    for name in [name for name in values if name.endswith("_8")]:
        whole = name.removesuffix("_8")
        matrix = values[name].astype(np.float32) * values[f"{whole}_scale"]
        found[whole.removesuffix(".T")] = matrix.T if whole.endswith(".T") else matrix
    found.pop("encoder.embeddings.word_embeddings.weight")
    return {name: torch.tensor(value) for name, value in found.items()}
