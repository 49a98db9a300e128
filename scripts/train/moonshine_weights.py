"""Reads an ``.ort`` file of Moonshine: its tensors, and which of them each matrix product uses."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]
_FLATBUFFERS: Final = "onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs"
_TYPES: Final = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}


class Node(NamedTuple):
    """An operation; ``output`` is the first of its outputs."""

    kind: str
    inputs: list[str]
    output: str

    def matrix(self, tensors: Tensors) -> NDArray[np.float32] | None:
        """The dequantized matrix (in, out) of this product; None for other operations."""
        if self.kind not in ("MatMulIntegerToFloat", "DynamicQuantizeMatMul"):
            return None
        return dequantized(next(i for i in self.inputs if i.endswith("_quantized") and i in tensors), tensors)


def dequantized(name: str, tensors: Tensors) -> NDArray[np.float32]:
    """The tensor whose 8 bits are called ``name``, with its scale and zero point beside it."""
    plain = name.removesuffix("_quantized")
    whole = tensors[name].astype(np.float32) - np.float32(tensors[f"{plain}_zero_point"])
    return np.asarray(whole * tensors[f"{plain}_scale"], dtype=np.float32)


def contents(file: Path, branch: bytes | None = None) -> tuple[Tensors, list[Node]]:
    """Tensors by name and the nodes; ``branch``: those of that branch of the file's condition."""
    session = import_module(f"{_FLATBUFFERS}.InferenceSession").InferenceSession
    graph = session.GetRootAsInferenceSession(file.read_bytes(), 0).Model().Graph()
    tensors = {}
    for tensor in map(graph.Initializers, range(graph.InitializersLength())):
        shape = [tensor.Dims(k) for k in range(tensor.DimsLength())]
        values = np.frombuffer(tensor.RawDataAsNumpy().tobytes(), _TYPES[tensor.DataType()])
        tensors[tensor.Name().decode()] = values.reshape(shape)
    if branch is not None:
        condition = next(node for node in map(graph.Nodes, range(graph.NodesLength())) if node.OpType() == b"If")
        attributes = map(condition.Attributes, range(condition.AttributesLength()))
        graph = next(attribute.G() for attribute in attributes if attribute.Name() == branch)
    nodes = [
        Node(
            node.OpType().decode(),
            [node.Inputs(k).decode() for k in range(node.InputsLength())],
            node.Outputs(0).decode(),
        )
        for node in map(graph.Nodes, range(graph.NodesLength()))
    ]
    return tensors, nodes
