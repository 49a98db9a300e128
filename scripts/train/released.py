"""Reads the weights of an exported sentence classifier back, so that training goes on from what is released."""

from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper
from torch import Tensor

MIDDLE: Final = 128
"""Zero of the unsigned 8-bit values of a MatMulNBits node that names none."""


def released_weights(file: Path) -> dict[str, Tensor]:
    """The parameters in ``file`` under their names in the PyTorch module, as floats.

    They are as exact as 8 bits are. The word embedding is left out: it is frozen, and the pretrained one is exact.
    """
    graph = onnx.load(file).graph
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    found = {name: value for name, value in values.items() if name.endswith((".weight", ".bias"))}
    for name in [name for name in values if name.endswith(".weight_8")]:
        whole = name.removesuffix("_8")
        found[whole] = values[name].astype(np.float32) * values[f"{whole}_scale"]
    for node in graph.node:
        if node.op_type == "MatMulNBits":
            found[f"{_path(node)}.weight"] = _matrix(node, values)
    found.pop("encoder.embeddings.word_embeddings.weight")
    return {name: torch.tensor(value) for name, value in found.items()}


def _path(node: NodeProto) -> str:
    """``/encoder/encoder/layer.0/output/dense/MatMul`` to ``encoder.encoder.layer.0.output.dense``."""
    return node.name.strip("/").removesuffix("/MatMul").replace("/", ".")


def _matrix(node: NodeProto, values: dict[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    """(outputs, inputs) of a node that keeps its matrix in blocks of 8-bit values with a scale each."""
    blocks = values[node.input[1]].astype(np.float32) - MIDDLE
    scales = values[node.input[2]].reshape(blocks.shape[:2])
    sides = {each.name: each.i for each in node.attribute}
    matrix: NDArray[np.float32] = (blocks * scales[:, :, None]).reshape(sides["N"], -1)[:, : sides["K"]]
    return matrix
