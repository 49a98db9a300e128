"""Keeps the garbage collector from searching what a command has just loaded, which takes a tenth of its start."""

import gc
from typing import Final

LOADED: Final = 200_000
"""Number of containers after which the collector first runs: about a third more than the largest command loads."""


def collect_after_loading() -> None:
    """Let the collector first run after ``LOADED`` containers, then as often as usual, without those that are left."""
    usual = gc.get_threshold()

    def loaded(phase: str, _: object) -> None:
        if phase == "stop":
            gc.callbacks.remove(loaded)
            gc.freeze()
            gc.set_threshold(*usual)

    gc.callbacks.append(loaded)
    gc.set_threshold(LOADED, *usual[1:])
