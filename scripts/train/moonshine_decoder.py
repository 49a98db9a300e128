"""Moonshine's decoder in torch, with the weights of its ``.ort`` file.

In: states (n, time, 288), which of them are there (n, time), pieces so far (n, length). Out: logits of the piece that
follows each, (n, length, pieces). As in https://arxiv.org/abs/2410.15608: six layers with rotary positions.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scripts.train.moonshine_encoder import LAYERS, WIDTH, Attention, Turns, rotation
from scripts.train.moonshine_weights import contents, dequantized

EMBEDDING: Final = "model.decoder.embed_tokens.weight_merged_0_quantized"
"""Tensor of the published file: the pieces' rows."""
_PLAIN: Final = re.compile(r"layers\.\d\.(mlp\.fc\d\.bias|\w+_layernorm\.weight)|norm\.weight")
_PRODUCT: Final = re.compile(r"/model/decoder/layers\.(\d)/(self_attn|encoder_attn|mlp)/(\w+)/")


class Perceptron(nn.Module):
    """A gated MLP."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, 8 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, what: Tensor) -> Tensor:
        inner, gate = self.fc1(what).chunk(2, dim=2)
        out: Tensor = self.fc2(nn.functional.silu(gate) * inner)
        return out


class Layer(nn.Module):
    """Decoder layer: self-attention, cross-attention and MLP, each with a residual connection."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn, self.encoder_attn, self.mlp = Attention(), Attention(), Perceptron()
        self.input_layernorm, self.post_attention_layernorm, self.final_layernorm = (
            nn.LayerNorm(WIDTH, bias=False) for _ in range(3)
        )

    def forward(self, pieces: Tensor, states: Tensor, there: Tensor, turns: Turns) -> Tensor:
        normal = self.input_layernorm(pieces)
        pieces = pieces + self.self_attn(normal, normal, turns, causal=True)
        pieces = pieces + self.encoder_attn(self.post_attention_layernorm(pieces), states, None, there)
        out: Tensor = pieces + self.mlp(self.final_layernorm(pieces))
        return out


class Decoder(nn.Module):
    """Teacher forcing: all tokens of a sentence at once."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(pieces, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, pieces, bias=False)

    def forward(self, states: Tensor, there: Tensor, pieces: Tensor) -> Tensor:
        hidden, turns = self.embed_tokens(pieces), rotation(pieces.shape[1])
        for layer in self.layers:
            hidden = layer(hidden, states, there[:, None, None], turns)
        out: Tensor = self.out(self.norm(hidden))
        return out


def load(file: Path, pieces: Sequence[int]) -> Decoder:
    """The decoder with the weights of ``decoder_model_merged.ort``; it knows these of the published ``pieces`` only."""
    decoder = Decoder(len(pieces))
    weights = _weights(file)
    for name in ("embed_tokens.weight", "out.weight"):
        weights[name] = weights[name][list(pieces)]
    decoder.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in weights.items()})
    return decoder


def _weights(file: Path) -> dict[str, NDArray[Any]]:
    tensors, nodes = contents(file, b"else_branch")
    plain = {name.removesuffix("_merged_0").removeprefix("model.decoder."): name for name in tensors}
    found = {name: tensors[whole] for name, whole in plain.items() if _PLAIN.fullmatch(name)}
    found["embed_tokens.weight"] = dequantized(EMBEDDING, tensors)
    for node in nodes:
        matrix = node.matrix(tensors)
        if matrix is not None and node.output == "logits":
            found["out.weight"] = matrix.T
        elif matrix is not None and (product := _PRODUCT.match(node.output)):
            layer, part, name = product.groups()
            found[f"layers.{layer}.{part}.{name}.weight"] = matrix.T
    return found
