"""Rounds the matrices of an ONNX graph to 8 bits, to be multiplied in 32 bits, and reads them back.

A third of the size of a float model, and unlike 8-bit products the same result on every processor. The 8 bits of a
matrix are ``<weight>_8``, the scale of each of its columns ``<weight>_scale``, where ``<weight>`` is its name in the
PyTorch module, with ``.T`` if it is transposed. The released encoder.onnx and words.onnx, which ONNX Runtime rounded,
have one scale a matrix, and ``<weight>_zero``.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from onnx import NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor

SMALLEST: Final = 10_000
"""Matrices with fewer weights stay as they are."""
ZERO: Final = 128
"""Zero of the unsigned 8-bit values of a MatMulNBits node that names none."""
_PARTS: Final = re.compile(r"/|::|_(8|scale|zero)$")
"""Names of what is no weight: constants, and the parts of a rounded matrix."""


def round_matrices(model: onnx.ModelProto) -> None:
    """Replace each large matrix by its 8-bit values and a scale per column, in place."""
    graph = model.graph
    _name_after_modules(graph)
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
        name = _transposed(node)
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


def stored_weights(file: Path, inside: str = "") -> dict[str, Tensor]:
    """The weights in an exported model, by name and as floats; ``inside``: what is before each name.

    They are as exact as 8 bits are.
    """
    stored = {each.name: numpy_helper.to_array(each) for each in onnx.load(file).graph.initializer}
    found = {name: value for name, value in stored.items() if not _PARTS.search(name)}
    for name in (name for name in stored if name.endswith("_8")):
        whole = name.removesuffix("_8")
        zero = stored.get(f"{whole}_zero", np.uint8(0))
        matrix = (stored[name].astype(np.float32) - zero) * stored[f"{whole}_scale"]
        found[whole.removesuffix(".T")] = matrix.T if whole.endswith(".T") else matrix
    return {name.removeprefix(inside): torch.from_numpy(np.array(value)) for name, value in found.items()}


def _name_after_modules(graph: onnx.GraphProto) -> None:
    """Name the matrices that PyTorch transposed, and called by a number, after their modules."""
    numbered = {each.name: each for each in graph.initializer if each.name.startswith("onnx::MatMul")}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in numbered:
            numbered.pop(node.input[1]).name = node.input[1] = _transposed(node)


def _transposed(product: NodeProto) -> str:
    """The name of the matrix of ``/layer/dense/MatMul``: ``layer.dense.weight.T``."""
    return product.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight.T"
