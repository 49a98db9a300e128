"""Choose the decision's thresholds on the validation split, as listening/decision.py has them.

    python scripts/bench/thresholds.py EVIDENCE.pkl [--engine moonshine] [--hours 1] [--workers 2]

The ears hear cramps, commands, danger signs and people's words by the validation voices, and hours of other sounds,
once; what both of their parts have of it (the evidence) is kept in EVIDENCE.pkl and used again if that is there. Then
one threshold after the other is moved as long as the score rises. Prints the figures with the present thresholds and
with those found. Report on the test split with ears.py.
"""

import argparse
import json
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from itertools import product as combinations
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Decision, Verdict
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.thresholds import Thresholds
from scripts.bench.ears import COMMANDS, CRAMP, DANGER, SAID_BY_PEOPLE, in_condition
from scripts.bench.ears_curve import CONDITIONS
from scripts.bench.listeners import Product
from scripts.bench.replay import Utterance, overheard
from scripts.bench.voices import KINDS, in_bedroom, negatives, room_noise, voices, with_noise, words_of_people

STEP = 0.5
ALARM = 0.05
"""Cost of one false alarm per hour; a kind of phrase that is always heard adds 1 to the score."""
ASKED = 0.6
"""Value of a soft question relative to a full alarm, for a true cramp and as a cost for a false one."""
WRONG = 2.0
"""Cost of a confusion, relative to the gain of a correct recognition."""
TAKEN = 5.0
"""Cost of each sentence of other people that is taken for a command."""
_stderr = Console(stderr=True)


Meaning = tuple[str, dict[str, str]] | None


class Sound(NamedTuple):
    """A test sound; ``meaning`` (intent and slots) is None if nothing should be recognised."""

    state: str
    meaning: Meaning
    samples: Samples


Gathered = tuple[list[tuple[Meaning, list[Utterance]]], float]
"""For each sound its meaning and its utterances, and the total hours."""


def sounds(kind: str, hours: float) -> Iterator[Sound]:
    """All sounds of a kind in the validation split."""
    understanding, noise, rng = build_recognizer(Config()), room_noise("validation"), np.random.default_rng(7)
    if kind in KINDS:
        for sound in negatives("validation", hours, kind):
            yield Sound("idle", None, sound)
    elif kind == "others' sentences":
        for sound in negatives("validation", hours / 2, "speech"):
            yield Sound("guiding", None, sound)
    elif kind == "people":
        every = [pair for pair in words_of_people("validation") if pair[0] in SAID_BY_PEOPLE]
        for number, (word, said) in enumerate(every[::3]):
            state = SAID_BY_PEOPLE[word]
            meaning = understanding.recognize(word, state)
            assert meaning is not None
            played = with_noise(in_bedroom(said, "validation", number) if number % 2 else said, noise, 20, rng)
            yield Sound(state, (meaning.intent, dict(meaning.slots)), played)
    else:
        phrases, state = {"cramp": (CRAMP, "idle"), "command": (COMMANDS, "guiding"), "flag": (DANGER, "guiding")}[kind]
        for number, (voice, phrase, condition) in enumerate(
            combinations(voices("validation").values(), phrases, CONDITIONS)
        ):
            meaning = understanding.recognize(phrase.lower(), "guiding")
            assert meaning is not None
            played = in_condition(voice(phrase), condition, "validation", number, noise, rng)
            yield Sound(state, (meaning.intent, dict(meaning.slots)), played)


def gathered(engine: str, kind: str, hours: float) -> Gathered:
    """Evidence for all sounds of a kind."""
    listener, found, length = Product(engine), [], 0
    for sound in sounds(kind, hours):
        found.append((sound.meaning, overheard(listener, sound.samples, sound.state)))
        length += len(sound.samples)
    return found, length / RATE / 3600


def figures(found: dict[str, Gathered], thresholds: Thresholds) -> dict[str, float]:
    """Shares of phrases heard, asked about and taken for something else; alarms, questions an hour; sentences taken."""
    result: dict[str, float] = {}
    for kind, (sounds_, hours) in found.items():
        outcomes = [[each.outcome(thresholds) for each in utterances] for _, utterances in sounds_]
        heard = [[d for d in each if d.verdict is Verdict.HEARD] for each in outcomes]
        asked = [[d for d in each if d.verdict is Verdict.DOUBTFUL] for each in outcomes]
        if kind in KINDS:
            result[f"{kind}: alarms an hour"] = sum(map(len, heard)) / hours
            result[f"{kind}: of them cramps"] = sum(d.intent == "cramp" for each in heard for d in each) / hours
            result[f"{kind}: questions an hour"] = sum(map(len, asked)) / hours
        elif kind == "others' sentences":
            result[kind] = sum(map(len, heard)) / sum(map(len, outcomes))
        else:
            right, wrong = [], []
            for (meaning, _), each in zip(sounds_, heard, strict=True):
                matches = [_matches(d, meaning, kind) for d in each]
                right.append(any(matches))
                wrong.append(not all(matches))
            result[f"{kind}: heard"] = float(np.mean(right))
            result[f"{kind}: taken for something else"] = float(np.mean(wrong))
            if kind == "cramp":
                result["cramp: asked about"] = float(np.mean([bool(each) for each in asked]))
    return result


def _matches(decision: Decision, meaning: Meaning, kind: str) -> bool:
    if meaning is None or decision.candidate is None or decision.intent != meaning[0]:
        return False
    return kind != "people" or dict(decision.candidate.slots) == meaning[1]


def score(result: dict[str, float]) -> float:
    """The objective to maximise."""
    kinds = ("cramp", "command", "flag", "people")
    good = sum(result[f"{kind}: heard"] - WRONG * result[f"{kind}: taken for something else"] for kind in kinds)
    good += ASKED * result["cramp: asked about"]
    alarms = sum(
        share * (result[f"{kind}: alarms an hour"] + ASKED * result[f"{kind}: questions an hour"])
        for kind, share in KINDS.items()
    )
    return good - ALARM * alarms - TAKEN * result["others' sentences"]


def best(found: dict[str, Gathered], start: Thresholds) -> Thresholds:
    """Coordinate ascent from ``start``, in steps of STEP (a fifth of it for the weights of the words)."""
    now, reached = start, score(figures(found, start))
    moved = True
    while moved:
        moved = False
        for name, sign in combinations(asdict(start), (1, -1)):
            step = sign * (STEP / 5 if name.endswith("weight") else STEP)
            tried = replace(now, **{name: round(getattr(now, name) + step, 2)})
            result = score(figures(found, tried))
            if result > reached + 1e-9:
                now, reached, moved = tried, result, True
                _stderr.print(f"{name} {getattr(now, name)}: {reached:.3f}")
    return now


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("evidence", type=Path, help="is made where it is not there")
    options.add_argument("--engine", default="moonshine")
    options.add_argument("--hours", type=float, default=1, help="of other sounds")
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    if not chosen.evidence.exists():
        kinds = [*KINDS, "others' sentences", "command", "cramp", "flag", "people"]
        with ProcessPoolExecutor(chosen.workers, get_context("spawn")) as pool:
            jobs = {kind: pool.submit(gathered, chosen.engine, kind, chosen.hours) for kind in kinds}
            done = {kind: job.result() for kind, job in track(jobs.items(), "hearing", console=_stderr)}
        chosen.evidence.write_bytes(pickle.dumps(done))
    found = pickle.loads(chosen.evidence.read_bytes())
    start = engine_spec(chosen.engine, EngineOptions()).thresholds
    for title, thresholds in (("now", start), ("found", best(found, start))):
        print(title, json.dumps(asdict(thresholds)), json.dumps(figures(found, thresholds)), sep="\n")


if __name__ == "__main__":
    main()
