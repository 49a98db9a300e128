"""Train the intent network: upper layers and classifiers, over the shared states that utterances.py made.

Every hundred steps its weights are kept beside the target (``.pt``), and training goes on from there.
"""

import time
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor, nn

from scripts.train.eight_bits import stored_weights
from scripts.train.intent_data import INTENTS, SOURCES, Utterances, draws
from scripts.train.intent_network import IntentNetwork, blended, export, load

AVERAGED: Final = 0.15
"""Share of the steps that the running average of the weights spans."""
PARTS: Final = 4
"""Parts in which the utterances of a step are calculated, the short apart from the long: that saves padding."""
KEPT_EVERY: Final = 100
_PLACED: Final = torch.tensor([INTENTS.index(name) for name in ("cramp", "site", "side")])


class Plan(NamedTuple):
    """How to train."""

    steps: int
    batch: int
    rate: float
    upper_rate: float
    seed: int


def fit(network: IntentNetwork, utterances: Utterances, tried: Utterances, target: Path, plan: Plan) -> IntentNetwork:
    """Train ``network``; returns the running average of its weights."""
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    kept = torch.optim.swa_utils.get_ema_multi_avg_fn(1 - 1 / max(2, AVERAGED * plan.steps))
    average = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=kept, use_buffers=True)
    groups = [
        {"params": network.upper.parameters(), "lr": plan.upper_rate, "weight_decay": 0.01},
        {"params": network.heads.parameters(), "lr": plan.rate, "weight_decay": 0.05},
    ]
    optimizer = torch.optim.AdamW(groups)
    rates = [plan.upper_rate, plan.rate]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=plan.steps, pct_start=0.1)
    drawn = draws(utterances, plan.batch, rng)
    checkpoint, first = target.with_suffix(".pt"), 0
    if checkpoint.exists():
        parts = (network, average, optimizer, schedule)
        *states, first = torch.load(checkpoint)
        for part, state in zip(parts, states, strict=True):
            part.load_state_dict(state)
    losses: list[float] = []
    for step in track(range(first, plan.steps), description="training"):
        network.train()
        optimizer.zero_grad()
        index = next(drawn)
        index = index[np.argsort(utterances.count[index], kind="stable")]
        total = 0.0
        for part in np.array_split(index, PARTS):
            share = loss(network, utterances, part) * (len(part) / len(index))
            share.backward()
            total += share.item()
        losses.append(total)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        if step % KEPT_EVERY == KEPT_EVERY - 1:
            report(average.module, tried, f"step {step + 1}, loss {np.mean(losses[-KEPT_EVERY:]):.3f}")
            torch.save([each.state_dict() for each in (network, average, optimizer, schedule)] + [step + 1], checkpoint)
    return average.module.eval()


def loss(network: IntentNetwork, utterances: Utterances, index: NDArray[np.int64]) -> Tensor:
    """Cross entropy of intents, and of the sites and sides of what has one; the mean of all heads."""
    intents, *places = (torch.from_numpy(each[index]) for each in (utterances.intent, utterances.site, utterances.side))
    placed = torch.isin(intents, _PLACED)
    every = []
    for said in network.each(*utterances.batch(index)):
        one = nn.functional.cross_entropy(said[0], intents, label_smoothing=0.03)
        if placed.any():
            for logits, wanted in zip(said[1:], places, strict=True):
                one = one + 0.3 * nn.functional.cross_entropy(logits[placed], wanted[placed], label_smoothing=0.02)
        every.append(one)
    return torch.stack(every).mean()


def probabilities(network: IntentNetwork, utterances: Utterances) -> list[NDArray[np.float32]]:
    """(n, classes) for intents, sites and sides."""
    order = np.argsort(utterances.count, kind="stable")
    parts = np.array_split(order, len(order) // 128 + 1)
    network.eval()
    with torch.no_grad():
        said = [[each.exp().numpy() for each in network(*utterances.batch(index))] for index in parts]
    back = np.argsort(order, kind="stable")
    return [np.concatenate(each)[back] for each in zip(*said, strict=True)]


def report(network: IntentNetwork, tried: Utterances, title: str) -> None:
    """Print, by condition: cramps and commands taken for what they are, and what else was taken for one of them."""
    intents, sites, sides = probabilities(network, tried)
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


def main(
    folder: Annotated[Path, typer.Argument(help="The utterances that utterances.py made.")],
    target: Annotated[Path, typer.Argument(help="models/intents.onnx")],
    start: Annotated[Path | None, typer.Option(help="What this made, to go on from.")] = None,
    words: Annotated[Path, typer.Option(help="Without --start: where the upper layers begin.")] = Path(
        "models/words.onnx"
    ),
    heads: Annotated[int, typer.Option(help="Without --start: classifiers, of which the mean is used.")] = 2,
    anchor: Annotated[Path | None, typer.Option(help="What this made, of which what is written keeps a share.")] = None,
    keep: Annotated[float, typer.Option(help="Share of the weights of --anchor, 0..1.")] = 0.3,
    other: Annotated[float, typer.Option(help="Log odds by which 'other' is less likely in what is written.")] = 0.0,
    steps: Annotated[int, typer.Option(help="Training steps.")] = 1400,
    batch: Annotated[int, typer.Option(help="Utterances of a step.")] = 426,
    rate: Annotated[float, typer.Option(help="Learning rate of the classifiers at its highest.")] = 1.5e-3,
    upper_rate: Annotated[float, typer.Option(help="The same of the upper layers.")] = 3e-4,
    seed: Annotated[int, typer.Option(help="Of the first weights and draws.")] = 1,
    threads: Annotated[int, typer.Option(help="Processor cores to train with.")] = 2,
) -> None:
    """Train the network; print how it does on the validation speakers and recordings."""
    began = time.perf_counter()
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    tried = Utterances(sorted(folder.glob("validation-*.npz")))
    utterances = Utterances(sorted(folder.glob("train-*.npz")))
    print(f"{len(utterances.count)} utterances, {len(tried.count)} to be tried on", flush=True)
    network = load(start) if start else begun(words, heads, utterances)
    report(network, tried, "before")
    trained = fit(network, utterances, tried, target, Plan(steps, batch, rate, upper_rate, seed))
    trained = blended(load(anchor), trained, keep) if anchor else trained
    for head in trained.heads:
        head.outputs[0].bias.data[INTENTS.index("other")] -= other
    export(trained, target)
    report(trained, tried, "at the end")
    print(f"{time.perf_counter() - began:.0f} s, {target} {target.stat().st_size} bytes")


def begun(words: Path, heads: int, utterances: Utterances) -> IntentNetwork:
    """An untrained network over the upper layers for words."""
    network = IntentNetwork(heads)
    network.upper.load_state_dict(stored_weights(words))
    sample = torch.from_numpy(utterances.states[:50_000].astype(np.float32))
    with torch.no_grad():
        states = torch.cat([network.upper(part[None])[0] for part in sample.split(100)])
    for head in network.heads:
        head.mean.copy_(states.mean(dim=0))
        head.deviation.copy_(states.std(dim=0) + 1e-3)
    return network


if __name__ == "__main__":
    typer.run(main)
