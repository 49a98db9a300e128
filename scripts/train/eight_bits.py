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


def multiply_in_32_bits(model: onnx.ModelProto) -> None:
    """Keep the 8-bit matrices of a dynamically quantised graph, but multiply them as floats, in place.

    8-bit products of 8-bit activations differ between processors (ONNX Runtime saturates them on some), and the
    rounding of the activations is lost. ONNX Runtime expands the matrices once, when it loads the model.
    """
    graph = model.graph
    maker = {output: node for node in graph.node for output in node.output}
    user = {name: node for node in graph.node for name in node.input}
    gone: set[int] = set()
    nodes: list[NodeProto] = []
    for node in graph.node:
        if node.op_type != "MatMulInteger":
            continue
        quantised, weights, _, zero = node.input
        cast = user[node.output[0]]
        scaled = user[cast.output[0]]
        scales = next(maker[name] for name in scaled.input if name != cast.output[0])
        activations = maker[quantised]
        scale = next(name for name in scales.input if name != activations.output[1])
        floats = f"{weights}_float"
        nodes.append(helper.make_node("DequantizeLinear", [weights, scale, zero], [floats]))
        nodes.append(helper.make_node("MatMul", [activations.input[0], floats], list(scaled.output), name=node.name))
        gone |= {id(each) for each in (node, cast, scaled, scales, activations)}
    made = {each.output[0]: each for each in nodes}
    kept: list[NodeProto] = []
    for node in graph.node:
        if id(node) not in gone:
            kept.append(node)
        elif node.output and node.output[0] in made:
            product = made[node.output[0]]
            kept += [made[product.input[1]], product]
    del graph.node[:]
    graph.node.extend(kept)
    onnx.checker.check_model(model)
