"""Embedded clips as windows of 16 embeddings, with what was said and how long ago it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WINDOW = 16
HOP = 0.08
"""Seconds between windows."""


@dataclass(frozen=True)
class Windows:
    """All windows of some units. ``embeddings`` is (n, 96); the others have an entry per window."""

    embeddings: NDArray[np.float16]
    row: NDArray[np.int64]
    """Start of the window in ``embeddings``."""
    after: NDArray[np.float32]
    """Seconds from the end of the speech to the end of the window."""
    clip: NDArray[np.int64]
    """Index into the lists below."""
    groups: NDArray[np.str_]
    texts: NDArray[np.str_]
    units: NDArray[np.str_]
    copies: NDArray[np.str_]

    def batch(self, index: NDArray[np.int64]) -> NDArray[np.float32]:
        """(len(index), 16, 96)."""
        rows = self.row[index][:, None] + np.arange(WINDOW)
        return self.embeddings[rows].astype(np.float32)


def load_windows(files: Sequence[Path]) -> Windows:
    """All windows of these units, in order."""
    embeddings, rows, afters, clips = [], [], [], []
    groups, texts, units, copies = [], [], [], []
    base = 0
    for file in files:
        _, unit, copy = file.stem.split("-")
        with np.load(file) as data:
            for first, count, end in zip(data["first"], data["count"], data["end"], strict=True):
                number = max(0, count - WINDOW + 1)
                rows.append(base + first + np.arange(number))
                afters.append(end + HOP * np.arange(number))
                clips.append(np.full(number, len(clips)))
            embeddings.append(data["embeddings"])
            groups.append(data["group"])
            texts.append(data["text"])
        units += [unit] * len(groups[-1])
        copies += [copy] * len(groups[-1])
        base += len(embeddings[-1])
    return Windows(
        np.concatenate(embeddings),
        np.concatenate(rows),
        np.concatenate(afters).astype(np.float32),
        np.concatenate(clips),
        np.concatenate(groups),
        np.concatenate(texts),
        np.array(units),
        np.array(copies),
    )
