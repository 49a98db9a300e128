"""The intent network in torch: upper layers over the encoder's shared ones, and classifiers over them. Exports to ONNX.

In: states of the shared layers (1, states, 288), of an utterance of at most 4 s. Out: probabilities of the intents, the
sites and the sides.
"""

from pathlib import Path
from typing import Final

import onnx
import torch
from torch import Tensor, nn

from scripts.train.eight_bits import round_matrices, stored_weights
from scripts.train.intent_data import INTENTS, SIDES, SITES
from scripts.train.moonshine_encoder import WIDTH, Upper

CHANNELS: Final = 144
HIDDEN_PARTS: Final = 0.5
"""Share of the training utterances of which a part goes unheard, so that no single sound decides."""
LONGEST_PART: Final = 8
"""States of such a part, fewer than this."""


class Block(nn.Module):
    """Dilated convolutions, (B, C, T) to the same shape."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(CHANNELS)
        self.convolution = nn.Conv1d(CHANNELS, CHANNELS, 5, padding=2 * dilation, dilation=dilation)
        self.drop = nn.Dropout(0.15)

    def forward(self, sound: Tensor, there: Tensor) -> Tensor:
        normal = self.norm(sound.transpose(1, 2)).transpose(1, 2) * there
        return sound + self.drop(nn.functional.gelu(self.convolution(normal))) * there


class Head(nn.Module):
    """(B, T, 288) states to logits of intents, sites and sides."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("deviation", torch.ones(WIDTH))
        self.enter = nn.Conv1d(WIDTH, CHANNELS, 4, stride=2, padding=1)
        self.blocks = nn.ModuleList(Block(dilation) for dilation in (1, 2, 4))
        self.attention = nn.Conv1d(CHANNELS, 6, 1)
        self.leave = nn.Sequential(
            nn.LayerNorm(6 * CHANNELS), nn.Dropout(0.3), nn.Linear(6 * CHANNELS, 192), nn.GELU(), nn.Dropout(0.3)
        )
        self.outputs = nn.ModuleList(nn.Linear(192, len(names)) for names in (INTENTS, SITES, SIDES))

    def forward(self, states: Tensor, there: Tensor) -> list[Tensor]:
        scaled = (states - self.mean) / self.deviation
        if self.training:
            scaled = scaled + 0.2 * torch.randn_like(scaled)
        mask = there.unsqueeze(1).float()
        sound = self.enter((scaled * there.unsqueeze(2)).transpose(1, 2))
        mask = mask[:, :, : 2 * sound.shape[2] : 2]
        sound = sound * mask
        for block in self.blocks:
            sound = block(sound, mask)
        weights = torch.softmax(self.attention(sound) + (mask - 1) * 1e4, dim=2)
        pooled = torch.einsum("bqt,bct->bqc", weights, sound).flatten(1)
        hidden = self.leave(pooled)
        return [output(hidden) for output in self.outputs]


class IntentNetwork(nn.Module):
    """Shared states (B, T, 288) to log probabilities of intents, sites and sides: the mean of what its heads say."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.upper = Upper()
        self.heads = nn.ModuleList(Head() for _ in range(heads))

    def forward(self, shared: Tensor, there: Tensor) -> list[Tensor]:
        """``there`` (B, T): which states are there."""
        every = [[torch.log_softmax(each, dim=1) for each in said] for said in self.each(shared, there)]
        return [torch.stack(same).mean(dim=0) for same in zip(*every, strict=True)]

    def each(self, shared: Tensor, there: Tensor) -> list[list[Tensor]]:
        """The logits of each head."""
        states = self.upper(shared, there[:, None, None])
        if self.training:
            states = self._partly_hidden(states)
        return [head(states, there) for head in self.heads]

    def _partly_hidden(self, states: Tensor) -> Tensor:
        """The states, of which in some utterances a part is replaced by the mean of all."""
        rows, length = states.shape[:2]
        begin = torch.randint(length, (rows, 1))
        end = begin + torch.randint(1, LONGEST_PART, (rows, 1))
        at = torch.arange(length)[None]
        hidden = (at >= begin) & (at < end) & (torch.rand(rows, 1) < HIDDEN_PARTS)
        return torch.where(hidden[:, :, None], self.heads[0].mean, states)


class _Scored(nn.Module):
    """For use: one utterance, probabilities."""

    def __init__(self, network: IntentNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, shared: Tensor) -> tuple[Tensor, ...]:
        there = torch.ones_like(shared[:, :, 0], dtype=torch.bool)
        return tuple(torch.softmax(each, dim=1) for each in self.network(shared, there))


def export(network: IntentNetwork, file: Path) -> None:
    """Write the model as ONNX, with its classes in the metadata."""
    outputs = ("intents", "sites", "sides")
    torch.onnx.export(
        _Scored(network).eval(),
        (torch.zeros(1, 80, WIDTH),),
        str(file),
        input_names=["states"],
        output_names=list(outputs),
        dynamic_axes={"states": {1: "time"}},
        dynamo=False,
        opset_version=17,
    )
    written = onnx.load(file)
    round_matrices(written)
    names = dict(zip(outputs, (INTENTS, SITES, SIDES), strict=True))
    onnx.helper.set_model_props(written, {output: ",".join(classes) for output, classes in names.items()})
    onnx.save(written, file)


def load(file: Path) -> IntentNetwork:
    """The network of what this exported; its matrices were rounded to 8 bits."""
    stored = stored_weights(file, "network.")
    network = IntentNetwork(sum(name.endswith(".mean") for name in stored))
    network.load_state_dict(stored)
    return network


def blended(begun: IntentNetwork, trained: IntentNetwork, share: float) -> IntentNetwork:
    """``trained`` with weights that are ``share`` of the first's and the rest its own.

    It errs less on voices that are like none it heard (https://arxiv.org/abs/2109.01903).
    """
    ended = trained.state_dict()
    trained.load_state_dict(
        {name: share * value + (1 - share) * ended[name] for name, value in begun.state_dict().items()}
    )
    return trained
