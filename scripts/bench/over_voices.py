"""Is a cramp heard while a radio runs on? The radio is fainter and stands elsewhere in the room.

    python scripts/bench/over_voices.py [--split validation|test] [--step 1] [--alone 30] [--workers 2]

A reader's recordings (LibriSpeech) run for ten seconds before the words and four after them: without a pause, or with
pauses between the sentences. Choose on the validation split. Prints one JSON object last: per cent heard at once, and
heard or asked about, by level and kind of talk; and what was heard or asked about in half an hour of the radio alone
(``--alone``: minutes).
"""

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product as combinations
from multiprocessing import get_context
from typing import Final, NamedTuple

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track
from scipy.signal import fftconvolve

from nightvoice.audio.frames import RATE, Samples
from nightvoice.listening.decision import Verdict
from scripts.bench.ears import CRAMP
from scripts.bench.listeners import Product
from scripts.bench.voices import (
    AUDIO,
    LEVEL,
    Sound,
    bedroom,
    far_corner,
    levelled,
    responses,
    rows_of,
    to_int16,
    voices,
)  # fmt: skip

FAINTER: Final = (10, 20, 30)
"""Decibels by which the radio is fainter than the words."""
TALK: Final = ("without pauses", "with pauses")
BEFORE_S: Final = 10.0
AFTER_S: Final = 4.0
PAUSE_S: Final = 0.7
_PIECE_S: Final = 90
_stderr = Console(stderr=True)


class Scene:
    """A furnished room with somebody in bed, a radio in a far corner, and a microphone at the bedside."""

    def __init__(self, rng: np.random.Generator) -> None:
        room, microphone = bedroom(rng)
        room.add_source(far_corner(room, microphone))
        self._responses = responses(room)

    def mix(self, words: Sound, radio: Sound, fainter: float) -> Samples:
        """Return the words over the radio, after ``BEFORE_S``."""
        near, far = (
            levelled(fftconvolve(sound, response))
            for sound, response in zip((words, radio), self._responses, strict=True)
        )
        start = round(BEFORE_S * RATE)
        sound = far[: start + len(near) + round(AFTER_S * RATE)] / 10 ** (fainter / 20)
        sound[start : start + len(near)] += near
        return to_int16(sound)


def radio(split: str, talk: str, rng: np.random.Generator, seconds: float) -> Sound:
    """Return sentences of one reader after another."""
    files = [AUDIO / row["file"] for row in rows_of(split, ("neg_libri",))]
    pieces: list[Sound] = []
    while sum(len(piece) for piece in pieces) < seconds * RATE:
        sentence = soundfile.read(files[rng.integers(len(files))])[0] * 32768
        pieces.append(levelled(sentence))
        if talk == "with pauses":
            pieces.append(np.zeros(round(PAUSE_S * RATE)))
    sound = np.concatenate(pieces)
    return sound if talk == "with pauses" else _without_pauses(sound)


def _without_pauses(sound: Sound) -> Sound:
    """Return ``sound`` without what is fainter than a tenth of its level, in pieces of 20 ms."""
    pieces = sound[: len(sound) // 320 * 320].reshape(-1, 320)
    return pieces[np.sqrt((pieces**2).mean(1)) > LEVEL / 10].ravel()


def trials(split: str, step: int) -> list[tuple[str, str, str, int, int]]:
    """Return voice, phrase, kind of talk, decibels and seed of each trial."""
    chosen = list(combinations(voices(split), CRAMP[::step], TALK, FAINTER))
    return [(*each, number) for number, each in enumerate(chosen)]


class Outcomes(NamedTuple):
    """What was heard of the trials, by condition, and what of the radio alone."""

    trials: list[tuple[str, str]]
    false_alarms: list[str]


def _outcomes(split: str, turn: int, turns: int, step: int, alone_s: float) -> Outcomes:
    listener, every, found = Product("moonshine"), voices(split), Outcomes([], [])
    for voice, phrase, talk, fainter, seed in trials(split, step)[turn::turns]:
        rng = np.random.default_rng([seed, split == "test"])
        words = every[voice](phrase)
        sound = Scene(rng).mix(words, radio(split, talk, rng, 2 * BEFORE_S + 6), fainter)
        results = [each for each in listener.hear(sound, "idle") if each.intent == "cramp"]
        condition = f"{fainter} dB fainter, {talk}"
        verdicts = {each.verdict for each in results}
        best = "heard" if Verdict.HEARD in verdicts else "asked" if Verdict.DOUBTFUL in verdicts else ""
        found.trials.append((condition, best))
        _stderr.print(f"{voice}, {phrase}, {condition}: {best or 'missed'}")
    for number in range(turn, round(alone_s / _PIECE_S), turns):
        rng = np.random.default_rng([number, 99])
        alone = to_int16(radio(split, TALK[number % 2], rng, _PIECE_S) * 10 ** rng.uniform(-1.5, 0))
        for each in listener.hear(alone, "idle"):
            if each.verdict is not Verdict.REJECTED:
                found.false_alarms.append(f"{each.verdict} {each.intent}: {each.text}")
    return found


def summary(parts: list[Outcomes], alone: float) -> Iterator[tuple[str, object]]:
    trials = [each for part in parts for each in part.trials]
    for condition in dict.fromkeys(condition for condition, _ in trials):
        outcomes = [outcome for name, outcome in trials if name == condition]
        heard, asked = outcomes.count("heard"), outcomes.count("asked")
        yield condition, [round(100 * heard / len(outcomes), 1), round(100 * (heard + asked) / len(outcomes), 1)]
    yield f"radio alone, {alone:g} minutes", [each for part in parts for each in part.false_alarms]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--step", type=int, default=1, help="every nth phrase")
    parser.add_argument("--alone", type=float, default=30, help="minutes of the radio alone")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    turns = 4 * options.workers
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        jobs = [
            pool.submit(_outcomes, options.split, turn, turns, options.step, 60 * options.alone)
            for turn in range(turns)
        ]
        parts = [job.result() for job in track(jobs, console=_stderr)]
    print(json.dumps(dict(sorted(summary(parts, options.alone))), indent=1))


if __name__ == "__main__":
    main()
