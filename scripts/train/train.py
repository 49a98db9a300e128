"""Train the classifiers over the speech embedding, to ONNX in openWakeWord's format.

``cramp`` gives one score, ``commands`` a softmax over the commands, the cramp and everything else. Windows at which a
phrase has just ended are its class; windows of everything else are negatives, drawn at random and, more and more, where
the network of the moment is most wrong.
"""

import copy
import time
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import onnx
import torch
import typer
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor, nn

from scripts.train.windows import WINDOW, Windows, load_windows

_GUIDING: Final = ("next", "back", "repeat", "pause", "continue", "stop", "slower", "louder", "quieter")
_ANSWERS: Final = ("gone", "better", "worse", "help", "yes", "no")
COMMANDS: Final = (*_GUIDING, *_ANSWERS)
CLASSES: Final = (*COMMANDS, "cramp", "other")
LATEST: Final = 0.5
"""A window ending within this many seconds after a phrase has the phrase's class."""
_BATCH: Final = 128
"""Windows drawn from each source of negatives for a step; as many of a cramp, three times as many of all commands."""
_MINE_EVERY: Final = 250


def _network(outputs: int, channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(96, channels, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Conv1d(channels, channels, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(channels * WINDOW // 2, channels),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(channels, outputs),
    )


class Classifier(nn.Module):
    """(B, 16, 96) embeddings to (members, B, K) logits: an ensemble of small networks."""

    def __init__(self, outputs: int, members: int, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))
        self.members = nn.ModuleList(_network(outputs, 64 if members == 1 else 44) for _ in range(members))

    def forward(self, embeddings: Tensor) -> Tensor:
        scaled = ((embeddings - self.mean) / self.deviation).transpose(1, 2)
        if self.training:
            scaled = scaled + 0.15 * torch.randn_like(scaled)
        return torch.stack([member(scaled) for member in self.members])


class Scored(nn.Module):
    """The classifier for inference: probabilities instead of logits."""

    def __init__(self, classifier: Classifier, single: bool) -> None:
        super().__init__()
        self.classifier = classifier
        self.single = single

    def forward(self, embeddings: Tensor) -> Tensor:
        logits = self.classifier(embeddings).mean(dim=0)
        return torch.sigmoid(logits) if self.single else torch.softmax(logits, dim=1)


def targets(windows: Windows, single: bool) -> NDArray[np.int64]:
    """The class of each window; -1 if it is neither a class nor a negative. Single: 1 for a cramp, 0 otherwise."""
    groups, texts = windows.groups[windows.clip], windows.texts[windows.clip]
    at_end = (windows.after >= 0) & (windows.after <= LATEST)
    cramp = np.isin(groups, ("cramp", "ouch"))
    classes = np.zeros(len(groups), dtype=np.int64) if single else np.full(len(groups), CLASSES.index("other"))
    if single:
        classes[np.char.find(texts, "cramp") >= 0] = -1
    else:
        for number, name in enumerate(COMMANDS):
            of_command = groups == name
            classes[of_command] = np.where(at_end[of_command], number, -1)
    classes[cramp] = np.where(at_end[cramp], 1 if single else CLASSES.index("cramp"), -1)
    return classes


def scores(model: nn.Module, windows: Windows, index: NDArray[np.int64]) -> NDArray[np.float32]:
    """The model's output for these windows, (n, K)."""
    model.eval()
    with torch.no_grad():
        parts = [
            model(torch.from_numpy(windows.batch(part))).mean(dim=0).numpy()
            for part in np.array_split(index, len(index) // 4096 + 1)
        ]
    return np.concatenate(parts)


def fit(windows: Windows, single: bool, members: int, steps: int, negative_weight: float, seed: int) -> Classifier:
    """Train; returns the running average of the weights."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    classes = targets(windows, single)
    groups = windows.groups[windows.clip]
    negative = 0 if single else CLASSES.index("other")
    wanted = [
        np.flatnonzero((classes == number) & (classes != negative)) for number in range(2 if single else len(CLASSES))
    ]
    wanted = [found for found in wanted if len(found)]
    recorded = np.flatnonzero((classes == negative) & np.isin(groups, ("human", "noise")))
    synthetic = np.flatnonzero((classes == negative) & ~np.isin(groups, ("human", "noise")))
    sample = windows.embeddings[rng.integers(len(windows.embeddings), size=50_000)].astype(np.float32)
    model = Classifier(1 if single else len(CLASSES), members, sample.mean(axis=0), sample.std(axis=0) + 1e-3)
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    hard = np.concatenate([recorded, synthetic])
    for step in track(range(steps), description="training"):
        if step and step % _MINE_EVERY == 0:
            pool = rng.permutation(np.concatenate([recorded, synthetic]))[:100_000]
            found = scores(model, windows, pool)
            wrong = found[:, 0] if single else -torch.log_softmax(torch.from_numpy(found), 1)[:, negative].numpy()
            hard = pool[np.argsort(wrong)[-5000:]]
        each = _BATCH if single else 3 * _BATCH // len(wanted)
        drawn = [rng.choice(found, each) for found in wanted]
        index = np.concatenate([*drawn, *(rng.choice(found, _BATCH) for found in (recorded, synthetic, hard))])
        given = torch.from_numpy(windows.batch(index))
        asked = torch.from_numpy(classes[index])
        model.train()
        logits = model(given).flatten(0, 1)
        asked = asked.repeat(members)
        weight = torch.where(asked == negative, 1 + (negative_weight - 1) * step / steps, 1.0)
        if single:
            smooth = asked.float() * 0.98 + 0.005
            loss = nn.functional.binary_cross_entropy_with_logits(logits[:, 0], smooth, reduction="none")
        else:
            loss = nn.functional.cross_entropy(logits, asked, reduction="none", label_smoothing=0.02)
        optimizer.zero_grad()
        ((loss * weight).sum() / weight.sum()).backward()
        optimizer.step()
        schedule.step()
        keep = min(0.995, step / (step + 10))
        with torch.no_grad():
            for mean, now in zip(average.parameters(), model.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)
    return average.eval()


def export(model: Classifier, file: Path, single: bool) -> None:
    """Write the model as ONNX, with its classes in the metadata."""
    torch.onnx.export(
        Scored(model, single).eval(),
        (torch.zeros(1, WINDOW, 96),),
        str(file),
        input_names=["embeddings"],
        output_names=["scores"],
        dynamo=False,
    )
    written = onnx.load(file)
    onnx.helper.set_model_props(written, {"classes": file.stem if single else ",".join(CLASSES)})
    onnx.save(written, file)


def main(
    folder: Annotated[Path, typer.Argument(help="The embeddings that dataset.py made.")],
    target: Annotated[Path, typer.Argument(help="models/cramp.onnx or models/commands.onnx: the name says which.")],
    members: Annotated[int, typer.Option(help="How many small networks the model is the mean of.")] = 3,
    steps: Annotated[int, typer.Option(help="Training steps.")] = 1000,
    negative_weight: Annotated[float, typer.Option(help="What a false alarm counts at the end, beside a miss.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the weights and the draws.")] = 1,
    without: Annotated[
        str, typer.Option(help="Leave out speakers whose number divides by this, to be tested on them.")
    ] = "",
) -> None:
    """Train one classifier."""
    torch.set_num_threads(1)
    single = target.stem == "cramp"
    files = sorted(folder.glob("train-*.npz"))
    if without:
        files = [
            f for f in files if not (f.stem.split("-")[1].isdigit() and int(f.stem.split("-")[1]) % int(without) == 0)
        ]
    windows = load_windows(files)
    began = time.perf_counter()
    export(fit(windows, single, members, steps, negative_weight, seed), target, single)
    print(f"{len(windows.row)} windows, {time.perf_counter() - began:.0f} s, {target} {target.stat().st_size} bytes")


if __name__ == "__main__":
    typer.run(main)
