"""Rounds the matrices of an ONNX graph to 8 bits, to be multiplied in 32 bits.

A third of the size of a float model, and unlike 8-bit products the same result on every processor.
"""

from typing import Final

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

SMALLEST: Final = 10_000
"""Matrices with fewer weights stay as they are."""


def round_matrices(model: onnx.ModelProto) -> None:
    """Replace each large matrix by its 8-bit values and a scale per column, in place."""
    graph = model.graph
    gathers = {node.input[0]: node for node in graph.node if node.op_type == "Gather"}
    before: list[NodeProto] = []
    after: dict[str, list[NodeProto]] = {}
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) != 2 or np.prod(tensor.dims) < SMALLEST:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor)
        scale = (np.maximum(np.abs(values).max(axis=0), 1e-8) / 127).astype(np.float32)
        graph.initializer.remove(tensor)
        rounded = np.clip(np.round(values / scale), -127, 127).astype(np.int8)
        graph.initializer.append(numpy_helper.from_array(rounded, f"{name}_8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}_scale"))
        if name in gathers:  # only the rows that are looked up become floats
            node = gathers[name]
            output, node.input[0], node.output[0] = node.output[0], f"{name}_8", f"{name}_rows"
            after[f"{name}_rows"] = [
                helper.make_node("Cast", [f"{name}_rows"], [f"{name}_float"], to=TensorProto.FLOAT),
                helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [output]),
            ]
        else:
            before.append(helper.make_node("DequantizeLinear", [f"{name}_8", f"{name}_scale"], [name], axis=1))
    nodes = [each for node in graph.node for each in (node, *after.get(node.output[0], ()))]
    del graph.node[:]
    graph.node.extend([*before, *nodes])
    onnx.checker.check_model(model)
