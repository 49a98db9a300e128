"""Evaluate a trained classifier on the validation split. Prints the figures, and one JSON object last.

Alarms are counted as the runtime would: a score at the threshold or above for ``patience`` windows in a row (80 ms from
one to the next), once in 2 s.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from nightvoice.system.onnx import open_session
from scripts.train.dataset import CONDITIONS
from scripts.train.farm import HIBARI_FROM
from scripts.train.windows import HOP, Windows, load_windows

Scores = NDArray[np.float32]
ALLOWED: Final = 0.5
"""False alarms per hour at which the threshold is chosen."""
_REFRACTORY: Final = 25
_THRESHOLDS: Final = np.round(np.concatenate([np.arange(0.1, 0.9, 0.02), np.arange(0.9, 1, 0.005)]), 3)


def scores(file: Path, windows: Windows) -> Scores:
    """(windows, K)."""
    session = open_session(file)
    name = session.get_inputs()[0].name
    index = np.arange(len(windows.row))
    return np.concatenate([session.run(None, {name: windows.batch(index[i : i + 1])})[0] for i in index])


def patient(scored: Scores, clip: NDArray[np.int64], patience: int) -> Scores:
    """The lowest score of each window and the ``patience - 1`` before it in the same clip; 0 where there are fewer."""
    lowest = scored.copy()
    for back in range(1, patience):
        lowest[back:] = np.where(clip[back:] == clip[:-back], np.minimum(lowest[back:], scored[:-back]), 0)
        lowest[:back] = 0
    return lowest


def alarms(lowest: Scores, clip: NDArray[np.int64], threshold: float) -> int:
    """Number of detections; those within 2 s of each other count once."""
    count, last, last_clip = 0, -_REFRACTORY, -1
    for at in np.flatnonzero(lowest >= threshold):
        if clip[at] != last_clip or at - last >= _REFRACTORY:
            count += 1
            last, last_clip = at, clip[at]
    return count


def best_of_clips(lowest: Scores, windows: Windows, chosen: NDArray[np.bool_]) -> Scores:
    """The best score in each of the chosen clips."""
    best = np.zeros(len(windows.groups), dtype=np.float32)
    np.maximum.at(best, windows.clip, lowest)
    return best[chosen]


def cramp(file: Path, windows: Windows) -> dict[str, Any]:
    """The wake model: for each patience the lowest threshold with at most ALLOWED alarms an hour, and its misses."""
    scored = scores(file, windows)[:, 0]
    recorded = np.isin(windows.groups[windows.clip], ("human", "noise"))
    hours = recorded.sum() * HOP / 3600
    unit = np.array([int(u) if u.isdigit() else -1 for u in windows.units])
    voices = {"kokoro": (unit >= 0) & (unit < HIBARI_FROM), "hibari": unit >= HIBARI_FROM}
    figures: dict[str, Any] = {"hours of people and noise": round(float(hours), 2)}
    for patience in (1, 2, 3):
        lowest = patient(scored, windows.clip, patience)
        rates = [alarms(lowest[recorded], windows.clip[recorded], t) / hours for t in _THRESHOLDS]
        found: dict[str, Any] = {}
        for allowed in (ALLOWED, 2.0):
            fitting = [float(t) for t, rate in zip(_THRESHOLDS, rates, strict=True) if rate <= allowed]
            threshold = min(fitting, default=1.0)
            rows: dict[str, float] = {}
            for group in ("cramp", "ouch", "near", "speech"):
                for condition in CONDITIONS:
                    for voice, of_voice in voices.items():
                        chosen = (windows.groups == group) & (windows.copies == condition) & of_voice
                        if chosen.any():
                            rows[f"{group} {condition} {voice}"] = round(
                                float((best_of_clips(lowest, windows, chosen) >= threshold).mean()), 3
                            )
            found[f"at {allowed} alarms an hour"] = {"threshold": threshold, "accepted": rows}
        figures[f"patience {patience}"] = found | {
            "alarms an hour": {str(t): round(rates[list(_THRESHOLDS).index(t)], 2) for t in (0.5, 0.7, 0.9)}
        }
    return figures


def commands(file: Path, windows: Windows, names: list[str]) -> dict[str, Any]:
    """Commands: acceptance at each threshold by condition, and false accepts."""
    scored = scores(file, windows)
    classes = names[:-1]
    best = np.zeros((len(windows.groups), len(classes)), dtype=np.float32)
    for number in range(len(classes)):
        np.maximum.at(best[:, number], windows.clip, patient(scored[:, number], windows.clip, 2))
    recorded = np.isin(windows.groups[windows.clip], ("human", "noise"))
    hours = recorded.sum() * HOP / 3600
    highest = patient(scored[:, :-1].max(axis=1), windows.clip, 2)
    figures: dict[str, Any] = {}
    for threshold in (0.5, 0.7, 0.8, 0.9, 0.95):
        rows: dict[str, float] = {
            "false commands an hour, people and noise": round(
                alarms(highest[recorded], windows.clip[recorded], threshold) / hours, 2
            )
        }
        for condition in CONDITIONS:
            said = np.isin(windows.groups, classes) & (windows.copies == condition)
            right = np.array([classes.index(g) for g in windows.groups[said]])
            accepted = best[said].max(axis=1) >= threshold
            rows[f"{condition}: right"] = round(float((accepted & (best[said].argmax(axis=1) == right)).mean()), 3)
            rows[f"{condition}: wrong"] = round(float((accepted & (best[said].argmax(axis=1) != right)).mean()), 3)
            other = np.isin(windows.groups, ("near", "speech")) & (windows.copies == condition)
            rows[f"{condition}: no command, accepted"] = round(float((best[other].max(axis=1) >= threshold).mean()), 3)
        figures[str(threshold)] = rows
    plain = (windows.copies == "clean") | (windows.copies == "snr20")
    figures["right by command, clean and 20 dB, threshold 0.7"] = {
        name: round(float(((best[chosen].max(axis=1) >= 0.7) & (best[chosen].argmax(axis=1) == n)).mean()), 2)
        for n, name in enumerate(classes)
        if (chosen := (windows.groups == name) & plain).any()
    }
    return figures


def show(title: str, figures: Mapping[str, Any], console: Console) -> None:
    """Print nested figures as tables."""
    plain = {k: v for k, v in figures.items() if not isinstance(v, Mapping)}
    if plain:
        table = Table("figure", "value", title=title)
        for name, value in plain.items():
            table.add_row(name, str(value))
        console.print(table)
    for name, value in figures.items():
        if isinstance(value, Mapping):
            show(f"{title}: {name}", value, console)


def main(
    folder: Annotated[Path, typer.Argument(help="The embeddings that dataset.py made.")],
    model: Annotated[Path, typer.Argument(help="models/cramp.onnx or models/commands.onnx.")],
) -> None:
    """Measure one classifier on the validation split."""
    windows = load_windows(sorted(folder.glob("validation-*.npz")))
    if model.stem == "cramp":
        figures = cramp(model, windows)
    else:
        names = open_session(model).get_modelmeta().custom_metadata_map["classes"].split(",")
        figures = commands(model, windows, names)
    show(model.stem, figures, Console())
    print(json.dumps(figures))


if __name__ == "__main__":
    typer.run(main)
