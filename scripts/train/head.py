"""Train the intent classifier on Moonshine's encoder: command, cramp, site and side, or none. Exports to ONNX.

In: (1, states, 288), of an utterance of at most 4 s. Out: probabilities of the intents, the sites and the sides.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import onnx
import torch
import typer
import yaml
from numpy.typing import NDArray
from onnx import numpy_helper
from rich.progress import track
from torch import Tensor, nn

import nightvoice.content
from nightvoice.understanding.recognizer import IntentRecognizer

_GUIDING: Final = ("next", "back", "repeat", "pause", "continue", "stop", "slower", "louder", "quieter")
_ANSWERS: Final = ("gone", "better", "worse", "help", "yes", "no")
_ASKING: Final = ("where", "how_long", "what_else", "good_morning", "good_evening", "stretch")
INTENTS: Final = ("other", "cramp", *_GUIDING, *_ANSWERS, *_ASKING, "site", "side", "flag")
SITES: Final = ("", "calf", "arch", "toes", "shin", "hamstring", "quadriceps", "thigh", "leg", "front")
SIDES: Final = ("", "left", "right", "both")
CHANNELS: Final = 144
LONGEST: Final = 167
"""States of an utterance."""
SOURCES: Final = {
    "human": 56, "noise": 24, "near": 96, "speech": 28, "asked": 12, "commands": 2, "cramp": 44, "site": 16, "side": 6,
    "flag": 16,
}  # fmt: skip
"""Utterances of each in a step; of every command PER_COMMAND."""
PER_COMMAND: Final = 6
AVERAGED: Final = 0.15
"""Share of the steps that the running average of the weights spans."""


class Utterances:
    """All utterances of these files: states (rows, 288), and for each its rows and labels."""

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
        states = np.zeros((len(index), counts.max(), 288), np.float32)
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

    def __init__(self, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))
        self.enter = nn.Conv1d(288, CHANNELS, 4, stride=2, padding=1)
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


class Scored(nn.Module):
    """For use: one utterance, probabilities: the geometric mean of what the ``heads`` say."""

    def __init__(self, heads: Sequence[Head]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(heads)

    def forward(self, states: Tensor) -> tuple[Tensor, ...]:
        there = torch.ones_like(states[:, :, 0], dtype=torch.bool)
        return tuple(torch.softmax(each, dim=1) for each in mean(list(self.heads), states, there))


def mean(heads: Sequence[nn.Module], states: Tensor, there: Tensor) -> list[Tensor]:
    """Logits of intents, sites and sides: the mean of what the heads say (log probabilities)."""
    every = [[torch.log_softmax(each, dim=1) for each in head(states, there)] for head in heads]
    return [torch.stack(same).mean(dim=0) for same in zip(*every, strict=True)]


def draws(utterances: Utterances, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Batches in which every source, every command, and within it every speaker's file, has its share."""
    sources = SOURCES | dict.fromkeys((*_GUIDING, *_ANSWERS, *_ASKING), PER_COMMAND)
    indexes = {name: np.flatnonzero(utterances.group == name) for name in sources}
    while True:
        yield np.concatenate([rng.choice(indexes[n], k) for n, k in sources.items() if len(indexes[n])])


_shared: "tuple[Utterances, Utterances]"
"""Training and validation utterances."""


def _share(utterances: Utterances, tried: Utterances) -> None:
    global _shared  # noqa: PLW0603
    _shared = utterances, tried
    torch.set_num_threads(1)


def fit(job: tuple[int, Head | None], steps: int, rate: float) -> Head:
    """Train on the utterances that this process shares, with a seed, and from a head, if any.

    Returns the running average of the weights.
    """
    seed, head = job
    utterances, tried = _shared
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    if head is None:
        sample = utterances.states[rng.integers(len(utterances.states), size=50_000)].astype(np.float32)
        head = Head(sample.mean(axis=0), sample.std(axis=0) + 1e-3)
    kept = torch.optim.swa_utils.get_ema_multi_avg_fn(1 - 1 / max(2, AVERAGED * steps))
    average = torch.optim.swa_utils.AveragedModel(head, multi_avg_fn=kept)
    optimizer = torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    drawn = draws(utterances, rng)
    for step in track(range(steps), description="training"):
        index = next(drawn)
        head.train()
        states, there = utterances.batch(index)
        # Parts of an utterance go unheard, so that no single sound decides.
        for row in range(len(index)):
            if rng.uniform() < 0.5:
                at = int(rng.integers(there.shape[1]))
                states[row, at : at + int(rng.integers(1, 8))] = head.mean
        logits = head(states, there)
        asked = [torch.from_numpy(labels[index]) for labels in (utterances.intent, utterances.site, utterances.side)]
        loss = nn.functional.cross_entropy(logits[0], asked[0], label_smoothing=0.03)
        placed = torch.isin(asked[0], torch.tensor([INTENTS.index(n) for n in ("cramp", "site", "side")]))
        for each, of in zip(logits[1:], asked[1:], strict=True):
            loss = loss + 0.3 * nn.functional.cross_entropy(each[placed], of[placed], label_smoothing=0.02)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(head)
        if step % 500 == 499:
            report([average.module], tried, f"classifier {seed}, step {step + 1}, loss {loss.item():.3f}")
    return average.module.eval()


def probabilities(heads: Sequence[Head], utterances: Utterances) -> list[NDArray[np.float32]]:
    """(n, classes) for intents, sites and sides, as returned by Scored."""
    found: list[list[NDArray[np.float32]]] = [[], [], []]
    for head in heads:
        head.eval()
    with torch.no_grad():
        for index in np.array_split(np.arange(len(utterances.count)), len(utterances.count) // 256 + 1):
            batch = utterances.batch(index)
            for kept, logits in zip(found, mean(heads, *batch), strict=True):
                kept.append(torch.softmax(logits, dim=1).numpy())
    return [np.concatenate(each) for each in found]


def report(heads: Sequence[Head], tried: Utterances, title: str) -> None:
    """Print, by condition: cramps and commands taken for what they are, and what else was taken for one of them."""
    intents, sites, sides = probabilities(heads, tried)
    taken, sure = intents.argmax(axis=1), intents.max(axis=1)
    condition = np.array([name.rsplit("-", 1)[1] for name in tried.file])
    commands = ~np.isin(tried.group, list(SOURCES))
    lines = [title]
    for name in sorted(set(condition)):
        rows = condition == name
        parts = [name]
        for what, chosen in (
            ("cramp", tried.group == "cramp"),
            ("commands", commands),
            ("place", tried.group == "site"),
        ):
            where = rows & chosen
            if where.any():
                parts.append(f"{what} {(taken[where] == tried.intent[where]).mean():.3f}")
        where = rows & (tried.group == "cramp")
        if where.any():
            parts.append(f"site {(sites[where].argmax(1) == tried.site[where]).mean():.3f}")
            parts.append(f"side {(sides[where].argmax(1) == tried.side[where]).mean():.3f}")
        for group in ("human", "noise", "near", "speech"):
            where = rows & (tried.group == group)
            if where.any():
                false = where & (taken != 0) & (sure > 0.8)
                cramps = where & (intents[:, 1] > 0.8)
                parts.append(
                    f"{group} taken {false.sum() / where.sum():.4f}, for a cramp {cramps.sum() / where.sum():.4f}"
                )
        lines.append("  " + ", ".join(parts))
    print("\n".join(lines), flush=True)


def export(heads: Sequence[Head], file: Path) -> None:
    """Write the model as ONNX, with its classes in the metadata."""
    torch.onnx.export(
        Scored(heads).eval(),
        (torch.zeros(1, 80, 288),),
        str(file),
        input_names=["states"],
        output_names=["intents", "sites", "sides"],
        dynamic_axes={"states": {1: "time"}},
        dynamo=False,
    )
    written = onnx.load(file)
    onnx.helper.set_model_props(
        written, {"intents": ",".join(INTENTS), "sites": ",".join(SITES), "sides": ",".join(SIDES)}
    )
    onnx.save(written, file)


def load(file: Path) -> list[Head]:
    """The classifiers of what this exported."""
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(file).graph.initializer}
    heads = []
    for number in range(sum(name.endswith(".mean") for name in tensors)):
        own = f"heads.{number}."
        found = {name.removeprefix(own): value for name, value in tensors.items() if name.startswith(own)}
        head = Head(found["mean"], found["deviation"])
        head.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in found.items()})
        heads.append(head.eval())
    return heads


def blended(begun: Head, trained: Head, share: float) -> Head:
    """``trained`` with weights that are ``share`` of the first's and the rest its own.

    It errs less on voices that are like none it heard (https://arxiv.org/abs/2109.01903).
    """
    ended = trained.state_dict()
    trained.load_state_dict(
        {name: share * value + (1 - share) * ended[name] for name, value in begun.state_dict().items()}
    )
    return trained


def main(
    folder: Annotated[Path, typer.Argument(help="The utterances that utterances.py made.")],
    target: Annotated[Path, typer.Argument(help="models/intents.onnx")],
    steps: Annotated[int, typer.Option(help="Training steps.")] = 1400,
    heads: Annotated[int, typer.Option(help="Classifiers, of which the mean is used; as many as --start has.")] = 2,
    start: Annotated[Path | None, typer.Option(help="What this made, whose classifiers go on learning.")] = None,
    keep: Annotated[float, typer.Option(help="Share of the weights of --start in what is written, 0..1.")] = 0.0,
    rate: Annotated[float, typer.Option(help="Learning rate at its highest.")] = 1.5e-3,
    seed: Annotated[int, typer.Option(help="Of the first one's weights and draws.")] = 1,
    workers: Annotated[int, typer.Option(help="Classifiers trained at a time, each on one core.")] = 2,
) -> None:
    """Train the classifier; print how it does on the validation speakers and recordings."""
    began = time.perf_counter()
    tried = Utterances(sorted(folder.glob("validation-*.npz")))
    utterances = Utterances(sorted(folder.glob("train-*.npz")))
    print(f"{len(utterances.count)} utterances, {len(tried.count)} to be tried on", flush=True)
    begun: list[Head | None] = [*load(start)] if start else [None] * heads
    # A forked process has what is loaded, without a copy of it.
    with ProcessPoolExecutor(workers, get_context("fork"), _share, (utterances, tried)) as pool:
        trained = list(pool.map(partial(fit, steps=steps, rate=rate), enumerate(begun, seed)))
    trained = [blended(old, new, keep) if old else new for old, new in zip(begun, trained, strict=True)]
    export(trained, target)
    report(trained, tried, "at the end")
    print(f"{time.perf_counter() - began:.0f} s, {target} {target.stat().st_size} bytes")


if __name__ == "__main__":
    typer.run(main)
