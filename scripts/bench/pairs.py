"""Can the ears tell a cramp from the same sentence with another word in it ("I have a crab")? By voices of a split.

    python scripts/bench/pairs.py [--split validation|test] [--workers 2]

Unlike hours of readings (ears.py), in which a few such sentences come again and again, each is said once or
twice in each condition: minutes are enough to see whether a change helps. Choose on the validation split. Prints one
JSON object last: how often a cramp is surer than such a sentence (0.5 to 1), and the cramps missed at the threshold
that takes 5, 2 and 1 % of these for one.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product as combinations
from multiprocessing import get_context
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import track

from scripts.bench.ears import CRAMP, in_condition
from scripts.bench.listeners import Product
from scripts.bench.replay import NEVER, overheard
from scripts.bench.voices import AUDIO, room_noise, voices

OTHERS: Final = [
    *("I have a crab", "I had a crumpet", "I have a camp", "I have a clamp", "I have a crumb", "I have a ramp"),
    *("I've got a crab", "I've got a clamp", "I've got a tramp", "I've got a stamp", "I've got a foot stamp"),
    *("a crab in my left calf", "my calf is clamping", "my foot is creeping", "I have a leg clamp", "leg camp"),
    *("foot clamp", "cram", "crab", "crumb", "clamp", "camp", "ramp", "crumpet", "I'm camping", "he is cranky"),
    *("the craft is in the garden", "I have a plan", "I have a crack", "I have a grandson", "charley has a horse"),
    "my calf is fine",
]
"""Sentences that differ from a cramp by a word or a sound."""
CONDITIONS: Final = {"clean": 1, "room 20 dB": 2, "room 10 dB": 2, "whispered 20 dB": 2}
"""Repetitions of each sentence per condition, each in another room."""
TAKEN: Final = (5.0, 2.0, 1.0)
"""Percentages of the other sentences that may be taken for a cramp."""
Margin = tuple[bool, str, float]
"""Whether it was a cramp, the condition, and its margin."""


def margins(voice: str, split: str) -> list[Margin]:
    """Margins of everything one voice says."""
    listener, noise, rng = Product("moonshine"), room_noise(split), np.random.default_rng(11)
    say = voices(split)[voice]
    found = []
    for number, (phrase, condition) in enumerate(_said()):
        sound = in_condition(say(phrase), condition, split, number, noise, rng)
        margin = max((each.cramp_margin for each in overheard(listener, sound, "idle")), default=NEVER)
        found.append((phrase in CRAMP, condition, margin))
    return found


def _said() -> Iterator[tuple[str, str]]:
    for phrase, (condition, rooms) in combinations([*CRAMP, *OTHERS], CONDITIONS.items()):
        yield from [(phrase, condition)] * rooms


def figures(found: list[Margin]) -> dict[str, float]:
    cramp, condition, margin = (np.array(column) for column in zip(*found, strict=True))
    surer = np.sign(margin[cramp][:, None] - margin[~cramp][None])
    result = {"a cramp is surer": float((surer + 1).mean() / 2), "others taken": float((margin[~cramp] >= 0).mean())}
    for each in CONDITIONS:
        result[f"missed, {each}"] = float((margin[cramp & (condition == each)] < 0).mean())
    for taken in TAKEN:
        bar = np.percentile(margin[~cramp], 100 - taken)
        for each in CONDITIONS:
            missed = margin[cramp & (condition == each)] <= bar
            result[f"missed where {taken:g} % of the others are taken, {each}"] = float(missed.mean())
    return result


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--split", choices=["test", "validation"], default="validation")
    options.add_argument("--workers", type=int, default=os.cpu_count(), help="voices at a time (one for each core)")
    chosen = options.parse_args()
    if not AUDIO.is_dir():
        sys.exit(f"{AUDIO} is not there: the recordings are needed for measuring")
    with ProcessPoolExecutor(chosen.workers, get_context("spawn")) as pool:
        jobs = [pool.submit(margins, voice, chosen.split) for voice in voices(chosen.split)]
        by_voice = [job.result() for job in track(jobs, "voices", console=Console(stderr=True))]
    result = figures([each for found in by_voice for each in found])
    for name, value in result.items():
        print(f"{value:9.3f}  {name}")
    print(json.dumps({"benchmark": "pairs", "split": chosen.split, **result}))


if __name__ == "__main__":
    main()
