"""Misses against false alarms: the points of the curve, and its picture."""

from pathlib import Path
from typing import Final

import numpy as np

from scripts.bench.replay import LOOSEST, STRICTEST

CONDITIONS: Final = ["clean", "room 20 dB", "room 10 dB", "whispered 20 dB", "whispered 10 dB"]
GOAL: Final = 0.1
"""False alarms per hour."""
Margins = dict[str, list[float]]
"""For each condition, the margin of each phrase: the strictest shift at which it is still heard (replay.py)."""
Curve = list[tuple[float, ...]]


def curve(positive: Margins, negative: list[float], hours: float) -> Curve:
    """Rows of (shift of the threshold, false alarms/h, share missed in each condition)."""
    return [
        (shift, sum(m >= shift for m in negative) / hours, *(missed(positive[c], shift) for c in CONDITIONS))
        for shift in np.linspace(LOOSEST, STRICTEST, 53).tolist()
    ]


def missed(margins: list[float], shift: float = 0.0) -> float:
    return float(np.mean([margin < shift for margin in margins]))


def draw(file: Path, title: str, curves: dict[str, Curve], rivals: dict[str, tuple[float, dict[str, float]]]) -> None:
    """Draw misses against false alarms. ``title`` says what was heard."""
    from matplotlib import pyplot  # noqa: PLC0415 - only for a picture

    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.5), sharey=True)
    for axis, condition in zip(axes, ("room 10 dB", "whispered 20 dB"), strict=True):
        column = 2 + CONDITIONS.index(condition)
        for name, rows in curves.items():
            axis.plot([max(r[1], 0.02) for r in rows], [100 * r[column] for r in rows], label=f"nightvoice, {name}")
            now = min(rows, key=lambda row: abs(row[0]))
            axis.plot(max(now[1], 0.02), 100 * now[column], "k*", markersize=11)
        for name, (alarms, misses) in rivals.items():
            axis.plot(max(alarms, 0.02), 100 * misses[condition], "x", label=name)
        axis.axvline(GOAL, color="grey", linewidth=0.5)
        axis.set(xscale="log", title=condition, xlabel="false alarms an hour (0.02: none)")
        axis.grid(alpha=0.3)
    figure.suptitle(title, fontsize=9)
    axes[0].set_ylabel("cramps missed, %")
    axes[1].legend(fontsize=7)
    figure.tight_layout()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
