"""Exports Moonshine's decoder to ONNX, one token at a time: its own weights, in a graph that multiplies in 32 bits.

Of its tokens only those that English needs (vocabulary.py); tokens.txt, which names them, is written beside it.

    python scripts/train/decoder.py models/decoder.onnx

The published graph rounds what it multiplies to 8 bits, which each kind of processor does differently. In: ``tokens``
(n, 1), ``states`` (1, time, 288), ``sound`` (12, 8, before, 36), ``text`` (12, n, 8, before, 36). Out: ``logits``
(n, tokens), and ``sound`` and ``text`` with what is new appended: the keys and values of each layer, for the states and
for the tokens. The states are passed with the first token only; later there are none, (1, 0, 288).
"""

from io import BytesIO
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import onnx
import torch
import typer
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from nightvoice.listening.engines.moonshine.model import SPELLED
from scripts.train.eight_bits import SMALLEST
from scripts.train.moonshine_decoder import EMBEDDING, Decoder, load
from scripts.train.moonshine_encoder import HEADS, LAYERS, WIDTH, rotation, turned
from scripts.train.moonshine_files import DECODER, TOKENS, published
from scripts.train.moonshine_weights import Tensors, contents, dequantized
from scripts.train.vocabulary import english, sub_words

SIZE: Final = WIDTH // HEADS
LONGEST: Final = 256
"""Tokens whose positions are known; eight seconds of speech have at most 56."""


class StepDecoder(nn.Module):
    """The decoder with a cache: takes the last token of each path."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder
        self.cosines, self.sines = rotation(LONGEST)

    def forward(self, tokens: Tensor, states: Tensor, sound: Tensor, text: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        at = text.shape[3]
        turns = self.cosines[at : at + 1], self.sines[at : at + 1]
        hidden = self.decoder.embed_tokens(tokens)
        sounds, texts = [], []
        for number, layer in enumerate(self.decoder.layers):
            normal = layer.input_layernorm(hidden)
            own = layer.self_attn
            keys = torch.cat((text[2 * number], turned(_heads(own.k_proj(normal)), turns)), 2)
            values = torch.cat((text[2 * number + 1], _heads(own.v_proj(normal))), 2)
            texts += [keys, values]
            hidden = hidden + own.o_proj(_attended(turned(_heads(own.q_proj(normal)), turns), keys, values))
            cross = layer.encoder_attn
            keys = torch.cat((sound[2 * number], _heads(cross.k_proj(states))[0]), 1)
            values = torch.cat((sound[2 * number + 1], _heads(cross.v_proj(states))[0]), 1)
            sounds += [keys, values]
            # The paths share the sound: their queries are the rows of one product.
            queries = _heads(cross.q_proj(layer.post_attention_layernorm(hidden)))[:, :, 0].transpose(0, 1)
            mixed = _mixed(queries, keys, values).transpose(0, 1).reshape(-1, 1, WIDTH)
            hidden = hidden + cross.o_proj(mixed)
            hidden = hidden + layer.mlp(layer.final_layernorm(hidden))
        logits = self.decoder.out(self.decoder.norm(hidden[:, 0]))
        return logits, torch.stack(sounds), torch.stack(texts)


def _heads(what: Tensor) -> Tensor:
    """(n, time, 288) as (n, 8, time, 36)."""
    return what.reshape(what.shape[0], -1, HEADS, SIZE).transpose(1, 2)


def _mixed(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return torch.softmax(queries @ keys.transpose(-1, -2) * SIZE**-0.5, -1) @ values


def _attended(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return _mixed(queries, keys, values).transpose(1, 2).reshape(-1, 1, WIDTH)


def exported(decoder: Decoder) -> onnx.ModelProto:
    """The graph, with its weights in 32 bits."""
    whole = BytesIO()
    example = (
        torch.ones(2, 1, dtype=torch.int64),
        torch.zeros(1, 4, WIDTH),
        torch.zeros(2 * LAYERS, HEADS, 3, SIZE),
        torch.zeros(2 * LAYERS, 2, HEADS, 5, SIZE),
    )
    torch.onnx.export(
        StepDecoder(decoder).eval(), example, whole, input_names=["tokens", "states", "sound", "text"],
        output_names=["logits", "sound_after", "text_after"], opset_version=17, dynamo=False,
        dynamic_axes={"tokens": {0: "paths"}, "states": {1: "new"}, "sound": {2: "time"}, "logits": {0: "paths"},
                      "text": {1: "paths", 3: "written"}, "sound_after": {2: "heard"},
                      "text_after": {1: "paths", 3: "length"}},
    )  # fmt: skip
    return onnx.load_from_string(whole.getvalue())


def store_in_8_bits(model: onnx.ModelProto, published: Tensors) -> None:
    """Store each matrix as the published file does, in place: the same 8 bits, scale and zero point.

    The embedding and the matrix of the logits are one, stored once.
    """
    graph = model.graph
    stored: dict[str, str] = {}
    nodes = list(graph.node)
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) != 2 or np.prod(tensor.dims) < SMALLEST:
            continue
        if tensor.dims[1] == rotation(1)[0].shape[1]:
            continue  # cosines and sines
        graph.initializer.remove(tensor)
        source, transposed = _source(numpy_helper.to_array(tensor), published)
        if source not in stored:
            stored[source] = plain = source.removesuffix("_quantized")
            for part in ("quantized", "scale", "zero_point"):
                graph.initializer.append(numpy_helper.from_array(published[f"{plain}_{part}"], f"{plain}_{part}"))
        plain, name = stored[source], tensor.name
        scale = [f"{plain}_scale", f"{plain}_zero_point"]
        gather = next((node for node in nodes if node.op_type == "Gather" and node.input[0] == name), None)
        if gather is not None:  # only the rows that are looked up become floats
            gather.input[0], output, gather.output[0] = source, gather.output[0], f"{name}_rows"
            nodes.insert(
                nodes.index(gather) + 1, helper.make_node("DequantizeLinear", [f"{name}_rows", *scale], [output])
            )
            continue
        floats = f"{name}_float" if transposed else name
        before = [helper.make_node("DequantizeLinear", [source, *scale], [floats])]
        if transposed:
            before.append(helper.make_node("Transpose", [floats], [name], perm=[1, 0]))
        nodes = before + nodes
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)


def _source(values: NDArray[np.float32], published: Tensors) -> tuple[str, bool]:
    """The published 8 bits that ``values`` were made of, and whether they are transposed; the embedding for both."""
    for name in sorted(published, key=lambda name: "embed_tokens" not in name):
        if not name.endswith("_quantized"):
            continue
        shape = published[name].shape
        if shape == values.shape and np.array_equal(dequantized(name, published), values):
            return name, False
        if shape[::-1] == values.shape and np.array_equal(dequantized(name, published).T, values):
            return name, True
    raise ValueError(f"a matrix of {values.shape} is in no published tensor")


def main(
    target: Annotated[Path, typer.Argument(help="models/decoder.onnx")],
    whole: Annotated[bool, typer.Option("--whole", help="With all tokens, for scripts/bench/decoders.py.")] = False,
) -> None:
    """Export the decoder, and its tokens beside it."""
    folder = published()
    tokens = sub_words((folder / TOKENS).read_bytes())
    kept = list(range(len(tokens))) if whole else english(tokens)
    model = exported(load(folder / DECODER, kept))
    tensors = contents(folder / DECODER)[0]
    tensors[EMBEDDING] = tensors[EMBEDDING][kept]
    store_in_8_bits(model, tensors)
    onnx.save(model, str(target))
    written = b"".join(tokens[number] + b"\n" for number in kept[len(SPELLED) :])
    target.with_name("tokens.txt").write_bytes(written)
    print(f"{target}: {target.stat().st_size:,} bytes, {len(kept):,} of {len(tokens):,} tokens")


if __name__ == "__main__":
    typer.run(main)
