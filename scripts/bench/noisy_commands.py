"""Are commands understood while noise runs on? In a kitchen, in brown noise, and among people who talk.

    python -m scripts.bench.noisy_commands [--split validation|test] [--step 1] [--workers 2] [--pack]

Every command is said by every voice of the split in a bedroom; the noise begins ten seconds before it and runs on for
three seconds after it, so that nothing but the voice tells where the words end. Choose on the validation split. The
kitchen is of the training split (dishes, a running tap): no other has one. ``--pack``: instead of the usual phrases,
those of the language pack, drawn from 80 of its templates. Prints one JSON object last: per cent
understood by noise, by level and by phrase, and taken for another command; and the commands an hour that are heard in
the noise alone (``--alone``: minutes of each).
"""

import argparse
import json
import os
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product as combinations
from multiprocessing import get_context
from typing import Final, NamedTuple

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track
from scipy.signal import lfilter

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Verdict
from scripts.bench.ears import COMMANDS
from scripts.bench.listeners import Product, percent
from scripts.bench.voices import AUDIO, LEVEL, Sound, in_bedroom, levelled, rows_of, to_int16, voices
from scripts.train.phrases import load_lines

SNRS: Final = (24, 18, 12, 6)
NOISES: Final = ("kitchen", "household", "brown", "babble")
PHRASES: Final = (
    *COMMANDS, "hold on", "again", "speak up", "next step", "whisper", "keep it down", "she's asleep", "he is sleeping",
    "like always", "it isn't",
)  # fmt: skip
DRAWN: Final = 80
"""Number of the pack's phrases that `--pack` says."""
_NO_COMMANDS: Final = frozenset({"cramp", "ouch", "site", "side", "flag", "near", "speech", "asked", "commands"})
"""Groups of the pack's phrases that are no command, or the list of commands."""
_KITCHEN: Final = ("dishes", "tap")
_TALKERS: Final = 5
BEFORE_S: Final = 10.0
_AFTER_S: Final = 3.0
_NOISE_S: Final = 90
_PIECE_S: Final = 30
_stderr = Console(stderr=True)


class Trial(NamedTuple):
    """What was heard of one command."""

    noise: str
    snr: int
    phrase: str
    right: bool
    another: bool
    """Whether it was taken for another command."""


class Outcomes(NamedTuple):
    trials: list[Trial]
    alone: list[str]
    """The noises that a command was heard in while nobody spoke."""


def pack_phrases() -> tuple[str, ...]:
    """Return phrases of the language pack, each drawn from another template."""
    understanding, chance = build_recognizer(Config()), random.Random(4)
    drawn: dict[str, list[str]] = {}
    for group, sentences in load_lines():
        meanings = ((each, understanding.recognize(each, "guiding")) for each in sentences)
        understood = [each for each, meaning in meanings if meaning is not None and meaning.intent == group]
        if understood and group not in _NO_COMMANDS:
            drawn.setdefault(group, []).append(chance.choice(understood))
    every = [phrase for phrases in drawn.values() for phrase in phrases]
    chance.shuffle(every)
    return tuple(every[:DRAWN])


def noise(kind: str, split: str) -> Sound:
    """Return a minute and a half of a noise, at the level of the words."""
    rng, length = np.random.default_rng(6), _NOISE_S * RATE
    if kind == "brown":
        return _at_level(lfilter([1], [1, -0.99], rng.normal(size=length)))
    if kind == "kitchen":
        rows = [r for r in rows_of("train", ("noise_b",)) if any(name in r["file"] for name in _KITCHEN)]
        return _at_level(np.concatenate([soundfile.read(AUDIO / row["file"])[0] for row in rows]))
    if kind == "household":
        rows = rows_of(split, ("noise_esc",))
        events = [_at_level(soundfile.read(AUDIO / rows[at]["file"])[0]) for at in rng.permutation(len(rows))]
        return np.concatenate(events)[:length]
    files = [AUDIO / row["file"] for row in rows_of(split, ("neg_libri",))]
    total = np.zeros(length)
    for _ in range(_TALKERS):
        talk: list[Sound] = []
        while sum(map(len, talk)) < length:
            talk.append(levelled(soundfile.read(files[rng.integers(len(files))])[0]))
        total += np.concatenate(talk)[:length]
    return _at_level(total)


def _at_level(sound: Sound) -> Sound:
    return sound * LEVEL / np.sqrt(np.mean(sound**2))


def within(words: Sound, noise_: Sound, snr: float, rng: np.random.Generator) -> Samples:
    """Return the words in noise that runs on."""
    sound = np.pad(words, (round(BEFORE_S * RATE), round(_AFTER_S * RATE)))
    start = rng.integers(len(noise_) - len(sound))
    piece = noise_[start : start + len(sound)]
    return to_int16(sound + piece * 10 ** (-snr / 20) + rng.normal(0, 3, len(sound)))


def _outcomes(split: str, phrases: Sequence[str], turn: int, turns: int, step: int, alone_s: float) -> Outcomes:
    listener, every, understanding = Product("auto"), voices(split), build_recognizer(Config())
    noises = {kind: noise(kind, split) for kind in NOISES}
    found = Outcomes([], [])
    for number, (phrase, voice, kind, snr) in list(enumerate(combinations(phrases, every, NOISES, SNRS)))[::step][
        turn::turns
    ]:
        meaning = understanding.recognize(phrase.lower(), "guiding")
        assert meaning is not None, f'"{phrase}" is not understood while guiding'
        sound = within(
            in_bedroom(every[voice](phrase), split, number), noises[kind], snr, np.random.default_rng(number)
        )
        heard = [each.intent for each in listener.hear(sound, "guiding") if each.verdict is Verdict.HEARD]
        others = set(heard) - {meaning.intent}
        found.trials.append(Trial(kind, snr, phrase, meaning.intent in heard, bool(others)))
        if others or not heard:
            _stderr.print(f"{voice}, {phrase}, {kind} {snr} dB: {', '.join(heard) or 'nothing'}")
    for number, kind in list(combinations(range(round(alone_s / _PIECE_S)), NOISES))[turn::turns]:
        start = number * _PIECE_S % (_NOISE_S - _PIECE_S) * RATE
        piece = noises[kind][start : start + _PIECE_S * RATE] / 10 ** (SNRS[number % len(SNRS)] / 20)
        heard = [each.intent for each in listener.hear(to_int16(piece), "guiding") if each.verdict is Verdict.HEARD]
        found.alone.extend(f"{kind}: {intent}" for intent in heard)
    return found


def summary(parts: list[Outcomes], alone_minutes: float) -> dict[str, object]:
    """Return the figures by group."""
    trials = [each for part in parts for each in part.trials]
    groups = [f"{each.noise}" for each in trials], [f"{each.snr} dB" for each in trials]
    named = [*zip(groups[0], trials, strict=True), *zip(groups[1], trials, strict=True)]
    named += [(f'"{each.phrase}"', each) for each in trials] + [("all", each) for each in trials]
    figures: dict[str, object] = {}
    for group in dict.fromkeys(name for name, _ in named):
        figures[group] = percent([each.right for name, each in named if name == group])
    figures["commands"] = len(trials)
    figures["taken for another"] = percent([each.another for each in trials])
    figures[f"in the noise alone, {alone_minutes:g} minutes of each"] = [each for part in parts for each in part.alone]
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--step", type=int, default=1, help="every nth command")
    parser.add_argument("--alone", type=float, default=2, help="minutes of each noise alone")
    parser.add_argument("--pack", action="store_true", help="phrases drawn from the language pack")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (one for each core)")
    options = parser.parse_args()
    phrases = pack_phrases() if options.pack else PHRASES
    turns = 2 * options.workers
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        jobs = [
            pool.submit(_outcomes, options.split, phrases, turn, turns, options.step, 60 * options.alone)
            for turn in range(turns)
        ]
        parts = [job.result() for job in track(jobs, "commands", console=_stderr)]
    print(json.dumps({"benchmark": "noisy commands", "split": options.split, **summary(parts, options.alone)}))


if __name__ == "__main__":
    main()
