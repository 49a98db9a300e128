"""The encoded utterances that the intent network is trained on, with their labels, and how often each is drawn."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor

import nightvoice.content
from nightvoice.listening.engines.moonshine.intent_model import LONGEST
from nightvoice.understanding.recognizer import IntentRecognizer
from scripts.train.moonshine_encoder import WIDTH

_GUIDING: Final = ("next", "back", "repeat", "pause", "continue", "stop", "slower", "louder", "quieter")
_ANSWERS: Final = ("gone", "better", "worse", "help", "yes", "no")
_ASKING: Final = ("where", "how_long", "what_else", "good_morning", "good_evening", "stretch")
INTENTS: Final = ("other", "cramp", *_GUIDING, *_ANSWERS, *_ASKING, "site", "side", "flag")
SITES: Final = ("", "calf", "arch", "toes", "shin", "hamstring", "quadriceps", "thigh", "leg", "front")
SIDES: Final = ("", "left", "right", "both")
SOURCES: Final = {
    "human": 56, "noise": 24, "near": 96, "speech": 28, "asked": 12, "commands": 2, "cramp": 80, "site": 16, "side": 6,
    "flag": 16,
}  # fmt: skip
"""Shares of each in a step; of every command PER_COMMAND."""
PER_COMMAND: Final = 6
BRIEF: Final = 0.5
"""Share of these that are of one or two words: people say "quieter" far more often than any of its 300 sentences."""


class Utterances:
    """All utterances of these files: states of the shared layers (rows, 288), and for each its rows and labels."""

    def __init__(self, files: list[Path]) -> None:
        parts = [np.load(file) for file in files]
        self.states = np.concatenate([part["states"] for part in parts])
        offsets = np.cumsum([0, *(len(part["states"]) for part in parts[:-1])])
        self.first = np.concatenate([part["first"] + at for part, at in zip(parts, offsets, strict=True)])
        self.count = np.concatenate([part["count"] for part in parts])
        self.group = np.concatenate([part["group"] for part in parts])
        self.group[self.group == "ouch"] = "cramp"
        self.text = np.concatenate([part["text"] for part in parts])
        self.file = np.repeat([file.stem for file in files], [len(part["count"]) for part in parts])
        self.intent = np.array([INTENTS.index(g) if g in INTENTS else 0 for g in self.group])
        places = {text: place(text) for text in set(self.text[np.isin(self.group, ("cramp", "site", "side"))])}
        found = [places.get(t, ("", "")) for t in self.text]
        self.site = np.array([SITES.index(site) for site, _ in found])
        self.side = np.array([SIDES.index(side) for _, side in found])

    def batch(self, index: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """States (n, longest, 288), zero-padded, and the mask of valid states (n, longest)."""
        counts = np.minimum(self.count[index], LONGEST)
        states = np.zeros((len(index), counts.max(), WIDTH), np.float32)
        for row, (number, count) in enumerate(zip(index, counts, strict=True)):
            end = self.first[number] + self.count[number]
            states[row, :count] = self.states[end - count : end]
        return torch.from_numpy(states), torch.from_numpy(np.arange(counts.max())[None] < counts[:, None])


_understanding = IntentRecognizer(
    yaml.safe_load((Path(nightvoice.content.__file__).parent / "en" / "intents.yaml").read_text(encoding="utf-8"))
)


def place(text: str) -> tuple[str, str]:
    """Site and side that a sentence names; empty if it names none."""
    meaning = _understanding.recognize(text, "idle") or _understanding.recognize(text, "site")
    return (meaning.slots.get("site", ""), meaning.slots.get("side", "")) if meaning else ("", "")


def draws(utterances: Utterances, batch: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Batches of about ``batch`` in which every source and every command has its share, at least one each."""
    commands = (*_GUIDING, *_ANSWERS, *_ASKING)
    shares: dict[str, float] = {**SOURCES, **dict.fromkeys(commands, PER_COMMAND * (1 - BRIEF))}
    indexes = {name: np.flatnonzero(utterances.group == name) for name in shares}
    short = np.strings.count(utterances.text, " ") < 2
    for name in commands:
        shares[f"{name}, brief"] = PER_COMMAND * BRIEF
        indexes[f"{name}, brief"] = indexes[name][short[indexes[name]]]
    scale = batch / sum(shares.values())
    counts = {name: max(1, round(share * scale)) for name, share in shares.items() if len(indexes[name])}
    while True:
        yield np.concatenate([rng.choice(indexes[name], count) for name, count in counts.items()])
