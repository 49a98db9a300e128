"""Is what was not heard at once heard when it is said again?

    python -m scripts.bench.two_tries [--split validation|test] [--step 1] [--workers 2]

Every voice of the split says each cramp in a bedroom with noise at 20 and 10 dB, aloud and whispered; each command in
noise that runs on (noisy_commands.py); and words that sound near "cramp" (near_words.py), which should not be heard.
Four seconds later it says the same again, neither louder nor clearer, so that only the noise differs: a person would
do better. Choose on the validation split. Prints one JSON object last: per cent heard at the first and within two
tries, and heard or asked about within two; by condition.
"""

import argparse
import json
import os
import random
from concurrent.futures import ProcessPoolExecutor
from itertools import product as combinations
from multiprocessing import get_context
from typing import Final, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import RATE
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Verdict
from scripts.bench.ears import CRAMP
from scripts.bench.listeners import Product, percent
from scripts.bench.near_words import SPOKEN
from scripts.bench.noisy_commands import BEFORE_S, NOISES, PHRASES, SNRS, noise, within
from scripts.bench.voices import in_bedroom, room_noise, voices, whispered, with_noise

PAUSE_S: Final = 4.0
"""Seconds until it is said again."""
CRAMP_SNRS: Final = (20, 10)
COMMAND_STEP: Final = 7
"""Of all commands in noise, every seventh is enough."""
_stderr = Console(stderr=True)


class Trial(NamedTuple):
    """What somebody says twice; ``number`` chooses room and noise."""

    kind: str
    voice: str
    words: str
    snr: int
    number: int
    noise: str = ""

    @property
    def condition(self) -> str:
        return f"{self.kind}, {self.snr} dB"


class Outcome(NamedTuple):
    """What was heard of a trial at each try, and whether it was asked about at either."""

    condition: str
    first: bool
    second: bool
    asked: bool


def trials(split: str) -> list[Trial]:
    """Return all trials, in an order in which every n-th is a fair sample."""
    every = list(voices(split))
    cramps = combinations(CRAMP, every, CRAMP_SNRS, ("cramp", "whispered cramp"))
    found = [Trial(kind, voice, words, snr, at) for at, (words, voice, snr, kind) in enumerate(cramps)]
    found += [Trial("near word", voice, word, 20, at) for at, (word, voice) in enumerate(combinations(SPOKEN, every))]
    commands = list(enumerate(combinations(PHRASES, every, NOISES, SNRS)))[::COMMAND_STEP]
    found += [Trial("command", voice, words, snr, at, kind) for at, (words, voice, kind, snr) in commands]
    random.Random(0).shuffle(found)
    return found


class Bedroom:
    """Plays trials to the product."""

    def __init__(self, split: str) -> None:
        self._split, self._voices, self._hum = split, voices(split), room_noise(split)
        self._noises = {kind: noise(kind, split) for kind in NOISES}
        self._listener, self._understanding = Product("auto"), build_recognizer(Config())

    def outcome(self, trial: Trial) -> Outcome:
        words = self._voices[trial.voice](trial.words)
        words = in_bedroom(whispered(words) if "whispered" in trial.kind else words, self._split, trial.number)
        rng, is_command = np.random.default_rng(trial.number), trial.kind == "command"
        twice = np.concatenate([words, np.zeros(round(PAUSE_S * RATE)), words])
        if is_command:
            sound = within(twice, self._noises[trial.noise], trial.snr, rng)
        else:
            sound = with_noise(twice, self._hum, trial.snr, rng)
        again = (BEFORE_S if is_command else 1.0) + len(words) / RATE + PAUSE_S
        results = list(self._listener.timed(sound, "guiding" if is_command else "idle"))
        intent = self._meaning(trial.words) if is_command else "cramp"
        heard = [at for at, each in results if each.verdict is Verdict.HEARD and each.intent == intent]
        asked = any(each.verdict is Verdict.DOUBTFUL for _, each in results)
        return Outcome(trial.condition, any(at < again for at in heard), any(at >= again for at in heard), asked)

    def _meaning(self, command: str) -> str:
        meaning = self._understanding.recognize(command.lower(), "guiding")
        assert meaning is not None, f'"{command}" is not understood while guiding'
        return meaning.intent


def outcomes(split: str, step: int, turn: int, turns: int) -> list[Outcome]:
    bedroom = Bedroom(split)
    return [bedroom.outcome(trial) for trial in trials(split)[::step][turn::turns]]


def summary(found: list[Outcome]) -> dict[str, dict[str, float]]:
    """Return the figures by condition, and of all commands."""
    figures = {}
    for condition in [*sorted({each.condition for each in found}), "command"]:
        here = [each for each in found if each.condition.startswith(condition)]
        figures[condition] = {
            "trials": len(here),
            "heard at once (%)": percent([each.first for each in here]),
            "within two tries (%)": percent([each.first or each.second for each in here]),
            "or asked about (%)": percent([each.first or each.second or each.asked for each in here]),
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--step", type=int, default=1, help="every nth trial")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (one for each core)")
    options = parser.parse_args()
    turns = 4 * options.workers
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        jobs = [pool.submit(outcomes, options.split, options.step, turn, turns) for turn in range(turns)]
        found = [each for job in track(jobs, "tries", console=_stderr) for each in job.result()]
    print(json.dumps({"benchmark": "two tries", "split": options.split, **summary(found)}, indent=1))


if __name__ == "__main__":
    main()
