"""Moonshine's encoder in torch, with the weights of its ``.ort`` file, so that it can be trained further.

In: sound (n, samples) at 16 kHz. Out: states (n, time, 288). As in https://arxiv.org/abs/2410.15608: three
convolutions, six layers with rotary positions. The file's matrices are 8-bit; states made with them here correlate
with those it gives itself by 0.9995.
"""

import re
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from scripts.train.eight_bits import stored_weights
from scripts.train.moonshine_weights import contents

WIDTH: Final = 288
HEADS: Final = 8
TURNED: Final = 32
"""Number of the 36 dimensions of a head that are rotated by position."""
LAYERS: Final = 6
UPPER_FILE: Final = "words.onnx"
"""The exported layers for words, beside the shared ones."""
LOWER: Final = 3
"""Layers that the words and the intents have in common; each has its own above them."""
SHRINKING: Final = ((127, 64), (7, 3), (3, 2))
"""Kernel size and stride of the convolutions."""
_PARTNERS: Final = torch.arange(TURNED) ^ 1
_SIGNS: Final = torch.tensor((-1.0, 1.0)).repeat(TURNED // 2)
_KEPT: Final = re.compile(r"conv\d\.|layers\.\d\.(mlp|input_layernorm|post_attention_layernorm)\.|layer_norm\.")
_PRODUCT: Final = re.compile(r"/layers\.(\d)/(self_attn|mlp)/(\w+)/")


Turns = tuple[Tensor, Tensor]
"""Cosine and sine of the positions' angles, each (length, 32)."""


class Attention(nn.Module):
    """Attention of (B, T, 288) to (B, S, 288), or to itself."""

    def __init__(self) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))

    def forward(
        self, of: Tensor, to: Tensor, turns: Turns | None, mask: Tensor | None = None, causal: bool = False
    ) -> Tensor:
        """``turns``: of positions that count; ``mask``: what may be attended to; ``causal``: each to those before."""
        query, key, value = (
            project(what).reshape(*what.shape[:2], HEADS, WIDTH // HEADS).transpose(1, 2)
            for project, what in ((self.q_proj, of), (self.k_proj, to), (self.v_proj, to))
        )
        if turns is not None:
            query, key = turned(query, turns), turned(key, turns)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, mask, is_causal=causal)
        out: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(of.shape))
        return out


class Perceptron(nn.Module):
    """A two-layer MLP."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, states: Tensor) -> Tensor:
        out: Tensor = self.fc2(nn.functional.gelu(self.fc1(states)))
        return out


class Layer(nn.Module):
    """Encoder layer: attention and MLP, each with a residual connection."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn, self.mlp = Attention(), Perceptron()
        self.input_layernorm = nn.LayerNorm(WIDTH, bias=False)
        self.post_attention_layernorm = nn.LayerNorm(WIDTH, bias=False)

    def forward(self, states: Tensor, turns: Turns, mask: Tensor | None = None) -> Tensor:
        normal = self.input_layernorm(states)
        states = states + self.self_attn(normal, normal, turns, mask)
        out: Tensor = states + self.mlp(self.post_attention_layernorm(states))
        return out


class Upper(nn.Module):
    """The layers above the common ones: middle states (B, T, 288) to states of the same shape."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS - LOWER))
        self.layer_norm = nn.LayerNorm(WIDTH, bias=False)

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """``mask`` (B, 1, 1, T): which states are there."""
        turns = rotation(states.shape[1])
        for layer in self.layers:
            states = layer(states, turns, mask)
        out: Tensor = self.layer_norm(states)
        return out


class Lower(nn.Module):
    """The common layers: sound (B, samples) to middle states (B, T, 288)."""

    def __init__(self) -> None:
        super().__init__()
        (size1, stride1), (size2, stride2), (size3, stride3) = SHRINKING
        self.conv1 = nn.Conv1d(1, WIDTH, size1, stride1, bias=False)
        self.groupnorm = nn.GroupNorm(1, WIDTH)
        self.conv2 = nn.Conv1d(WIDTH, 2 * WIDTH, size2, stride2)
        self.conv3 = nn.Conv1d(2 * WIDTH, WIDTH, size3, stride3)
        self.layers = nn.ModuleList(Layer() for _ in range(LOWER))

    def forward(self, sound: Tensor) -> Tensor:
        shrunk = self.groupnorm(torch.tanh(self.conv1(sound.unsqueeze(1))))
        shrunk = nn.functional.gelu(self.conv3(nn.functional.gelu(self.conv2(shrunk))))
        states = shrunk.transpose(1, 2)
        turns = rotation(states.shape[1])
        for layer in self.layers:
            states = layer(states, turns)
        return states


class Encoder(nn.Module):
    """Sound (B, samples) to states (B, T, 288)."""

    def __init__(self) -> None:
        super().__init__()
        self.lower, self.upper = Lower(), Upper()

    def forward(self, sound: Tensor) -> Tensor:
        out: Tensor = self.upper(self.lower(sound))
        return out


def rotation(length: int) -> Turns:
    """The rotary embedding of positions 0 to ``length``."""
    frequencies = 10000 ** -(torch.arange(0, TURNED, 2) / TURNED)
    angles = torch.arange(length)[:, None] * frequencies.repeat_interleave(2)[None]
    return angles.cos(), angles.sin()


def turned(head: Tensor, turns: Turns) -> Tensor:
    """Queries or keys (B, heads, T, 36), rotated by their positions."""
    cosine, sine = turns
    first, rest = head.split((TURNED, WIDTH // HEADS - TURNED), 3)
    return torch.cat((first * cosine + first.index_select(3, _PARTNERS) * _SIGNS * sine, rest), 3)


def load(file: Path) -> Encoder:
    """The encoder with the weights of ``encoder_model.ort``."""
    encoder = Encoder()
    encoder.load_state_dict({_arranged(name): torch.from_numpy(value.copy()) for name, value in _weights(file).items()})
    return encoder


def load_exported(lower: Path) -> Encoder:
    """The encoder with the weights of what encoder.py exported; its matrices were rounded to 8 bits."""
    encoder = Encoder()
    encoder.lower.load_state_dict(_lower_weights(lower))
    encoder.upper.load_state_dict(stored_weights(lower.with_name(UPPER_FILE)))
    return encoder


def _lower_weights(file: Path) -> dict[str, Tensor]:
    """Those of the common layers, with the group norm, which PyTorch exports as products without names."""
    graph = onnx.load(file).graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    norm = {
        f"groupnorm.{'weight' if node.op_type == 'Mul' else 'bias'}": torch.tensor(stored[node.input[1]].ravel())
        for node in graph.node
        if node.name.startswith("/groupnorm/") and node.op_type in ("Mul", "Add")
    }
    return stored_weights(file) | norm


def _arranged(name: str) -> str:
    """Where a published weight is in ``Encoder``: ``layers.4.mlp`` is ``upper.layers.1.mlp``."""
    if name.startswith("layer_norm"):
        return f"upper.{name}"
    part = re.match(r"layers\.(\d)\.(.+)", name)
    if part is None or int(part[1]) < LOWER:
        return f"lower.{name}"
    return f"upper.layers.{int(part[1]) - LOWER}.{part[2]}"


def _weights(file: Path) -> dict[str, NDArray[Any]]:
    tensors, nodes = contents(file)
    plain = {name.removesuffix("_add_tensor"): value for name, value in tensors.items()}
    found = {name: value for name, value in plain.items() if _KEPT.match(name)}
    for node in nodes:
        matrix = node.matrix(tensors)
        if matrix is not None and (product := _PRODUCT.match(node.output)):
            layer, part, name = product.groups()
            found[f"layers.{layer}.{part}.{name}.weight"] = matrix.T
        if node.output.startswith("/groupnorm/") and node.kind in ("Mul", "Add"):
            found["groupnorm.weight" if node.kind == "Mul" else "groupnorm.bias"] = tensors[node.inputs[1]].ravel()
    return found
