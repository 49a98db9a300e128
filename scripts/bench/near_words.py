"""Are real people's near-sounding words ("crab", "can't", "come") taken for a cramp while idle?

    python -m scripts.bench.near_words [--split validation|test|train] [--workers 2] [--most 6] [--spoken]

The words (cuttings.py) are played alone, as cut and in a bedroom with noise at 20 dB, and so are the sentences that
they were cut from, in the room. ``--spoken``: the test voices say words that the recordings lack ("crab", "tramp"),
and "cramp" itself, which is counted by itself. The rival hears the same sounds: Whisper base, which takes one for a
cramp if its first reading means one. Choose on the validation split. Prints what was taken, then one JSON object: per
cent taken, and taken or asked about; by condition, and for the nearest words (two sounds or fewer from "cramp").
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import Samples
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.listening.decision import Verdict
from nightvoice.listening.transcribers.whisper_base import WhisperBase
from scripts.bench.alignment import distance
from scripts.bench.cuttings import MOST_OF_EACH, NEAR, Cutting, cuttings
from scripts.bench.listeners import Product, percent
from scripts.bench.voices import AUDIO, Sound, in_bedroom, room_noise, voices, with_noise

SNR: Final = 20
NEAREST: Final = 2.0
"""Distance from "cramp" of the words that are also counted by themselves."""
SPOKEN: Final = (
    *("crab", "crank", "cram", "cramped", "crimp", "tramp", "crown", "clamp", "camp", "ramp"),
    *("stamp", "crumb", "grab", "gram", "cream", "crap", "crack", "frank", "trump"),
)
"""What the voices say: words that differ from "cramp" in a sound or two."""


class Trial(NamedTuple):
    """What product and rival made of one sound."""

    condition: str
    word: str
    verdict: str
    """Of the product about a cramp: ``heard``, ``asked`` or empty."""
    rival: bool
    text: str
    """The words that the product found."""
    reading: str
    """The rival's reading."""


def trials(split: str, turn: int, turns: int, most: int, is_spoken: bool) -> list[Trial]:
    """Play every ``turns``-th of the words."""
    listener, rival, understanding = Product("auto"), WhisperBase(), build_recognizer(Config())
    found = []
    words = _spoken(split) if is_spoken else ((each.word, each.sound, each) for each in cuttings(split, NEAR, most))
    for number, (word, alone, cutting) in enumerate(words):
        if number % turns != turn:
            continue
        for condition, sound in _played(alone, cutting, split, number):
            results = [each for each in listener.hear(sound, "idle") if each.intent == "cramp"]
            verdicts = {each.verdict for each in results}
            verdict = "heard" if Verdict.HEARD in verdicts else "asked" if Verdict.DOUBTFUL in verdicts else ""
            readings = rival.read(sound)
            reading = readings[0].text if readings else ""
            meaning = understanding.recognize(reading, "idle")
            taken = meaning is not None and meaning.intent == "cramp"
            text = " / ".join(each.text for each in results)
            found.append(Trial(condition, word, verdict, taken, text, reading))
    return found


def _spoken(split: str) -> Iterator[tuple[str, Sound, None]]:
    """Yield each word by each test voice, and "cramp"."""
    for word in (*SPOKEN, "cramp"):
        for say in voices(split).values():
            yield word, say(word), None


def _played(word: Sound, cutting: Cutting | None, split: str, number: int) -> list[tuple[str, Samples]]:
    noise, rng = room_noise(split), np.random.default_rng(number)

    def in_room(words: Sound) -> Samples:
        return with_noise(in_bedroom(words, split, number), noise, SNR, rng)

    room = f"room {SNR} dB"
    sounds = [("alone, clean", with_noise(word, None, 0, rng)), (f"alone, {room}", in_room(word))]
    return sounds if cutting is None else [*sounds, (f"in a sentence, {room}", in_room(cutting.sentence))]


def summary(found: list[Trial]) -> dict[str, dict[str, float]]:
    """Return the shares by condition."""
    result = {}
    for condition in dict.fromkeys(each.condition for each in found):
        here = [each for each in found if each.condition == condition]
        near = [each for each in here if distance(each.word) <= NEAR]
        groups = {
            condition: near,
            f"{condition}, the nearest": [each for each in near if distance(each.word) <= NEAREST],
            f"{condition}, cramp itself": [each for each in here if each.word == "cramp"],
        }
        for title, chosen in groups.items():
            if chosen:
                result[title] = {
                    "sounds": len(chosen),
                    "taken": percent([each.verdict == "heard" for each in chosen]),
                    "taken or asked about": percent([bool(each.verdict) for each in chosen]),
                    "Whisper base": percent([each.rival for each in chosen]),
                }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--split", choices=("validation", "test", "train"), default="validation")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (one for each core)")
    parser.add_argument("--spoken", action="store_true", help="words of the test voices instead of recorded ones")
    parser.add_argument("--most", type=int, default=MOST_OF_EACH, help="cuttings of each word")
    options = parser.parse_args()
    if not AUDIO.is_dir():
        sys.exit(f"{AUDIO} is not there: the recordings are needed for measuring")
    try:
        if not options.spoken:
            list(cuttings(options.split, NEAR, options.most))  # cut once, before several processes want it
    except NightvoiceError as error:
        sys.exit(str(error))
    turns = 4 * options.workers
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        jobs = [pool.submit(trials, options.split, turn, turns, options.most, options.spoken) for turn in range(turns)]
        parts = [job.result() for job in track(jobs, "words", console=Console(stderr=True))]
    found = [each for part in parts for each in part]
    for each in found:
        if each.verdict or each.rival:
            print(f"{each.condition}: {each.word} {each.verdict or 'not taken'}, {each.text!r}; rival {each.reading!r}")
    print(json.dumps({"benchmark": "near words", "split": options.split, **summary(found)}))


if __name__ == "__main__":
    main()
