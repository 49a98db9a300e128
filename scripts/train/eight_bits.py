"""Rounds the matrices of an ONNX graph to 8 bits, to be multiplied in 32 bits.

A third of the size of a float model, and unlike 8-bit products the same result on every processor.
"""

from typing import Final

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

SMALLEST: Final = 10_000
"""Matrices with fewer weights stay as they are."""
ZERO: Final = 128
"""Zero of the unsigned 8-bit values of a MatMulNBits node that names none."""


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


def split_fused_products(model: onnx.ModelProto) -> None:
    """Replace each MatMulNBits, which rounds its input to 8 bits, by DequantizeLinear, MatMul and Add, in place.

    ONNX Runtime makes these nodes when it saves an optimised graph. The matrix of ``/layer/dense/MatMul`` becomes
    ``layer.dense.weight.T_8``, (inputs, outputs), with a scale per output.
    """
    graph = model.graph
    stored = {each.name: each for each in graph.initializer}
    nodes: list[NodeProto] = []
    for node in graph.node:
        if node.op_type != "MatMulNBits":
            nodes.append(node)
            continue
        activations, blocks, scales, _, _, bias = [*node.input, "", "", ""][:6]
        sides = {each.name: each.i for each in node.attribute}
        values = numpy_helper.to_array(stored[blocks]).astype(np.int16) - ZERO
        matrix = values.reshape(sides["N"], -1)[:, : sides["K"]].T.astype(np.int8)
        scale = numpy_helper.to_array(stored[scales]).reshape(sides["N"], -1)[:, 0]  # each block has its column's
        name = node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight.T"
        for old, new in ((blocks, matrix), (scales, scale)):
            graph.initializer.remove(stored[old])
            ending = "8" if old == blocks else "scale"
            graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(new), f"{name}_{ending}"))
        product = f"{node.name}_product" if bias else node.output[0]
        nodes.append(helper.make_node("DequantizeLinear", [f"{name}_8", f"{name}_scale"], [name], axis=1))
        nodes.append(helper.make_node("MatMul", [activations, name], [product], name=node.name))
        if bias:
            nodes.append(helper.make_node("Add", [product, bias], list(node.output)))
    del graph.node[:]
    graph.node.extend(nodes)
