"""Whether every processor hears the same: log odds of the same clips on this one, and with features of it hidden.

    python -m scripts.bench.processors [--clips 12] [--sentences 100] [--night]    # needs gcc, espeak-ng and flite
    python -m scripts.bench.processors --clips 0 --emulate                         # needs qemu-user

Each clip is a phrase of the sample night, spoken by a test voice among faint noise. Judged are the words (how much
likelier the best phrase of the grammar is than free words), the classifier over the words' sound states, the wake-word
classifiers, and the second ear's readings. The sentence classifier judges the phrases and sentences that it was trained
on. ``--night`` also plays the sample night on each. Prints the greatest difference of each from this processor, and one
JSON object last.

Hiding features runs at full speed (processor_mask.c): each library then takes the code it has for such a processor. Not
every processor can hide features; ``--emulate`` emulates others instead, a hundred times slower.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nightvoice.assembly import build_recognizer, sample_night
from nightvoice.audio.frames import RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.streaming_classifier import StreamingClassifier
from nightvoice.listening.transcribers.whisper_base import WhisperBase
from nightvoice.models.store import shipped
from nightvoice.understanding.sentence_classifier import SentenceClassifier
from scripts.train.sayings import load_sentences

HIDDEN: Final = {
    "AVX-512 and VNNI, no AMX": "AMX",
    "AVX-512, no VNNI": "AMX,VNNI",
    "AVX2": "AMX,VNNI,AVX512",
    "SSE4": "AMX,VNNI,AVX512,AVX2",
}
"""Kinds of processor, each with the features that are hidden from programs here."""
EMULATED: Final = {"AVX2": "Haswell", "SSE4": "Nehalem"}
"""Kinds of processor, each with its name in QEMU, which knows no AVX-512."""
PHRASES: Final = (
    *(
        "i have a cramp",
        "left calf",
        "yes",
        "no",
        "next",
        "wait",
        "it's better",
        "it's gone",
        "i have a cramp in my foot",
    ),
    *("stop", "how long", "good morning"),
)
VOICES: Final = (["flite", "-voice", "slt", "-f", "/dev/stdin", "-o"], ["espeak-ng", "-v", "en-gb", "-w"])
SNR: Final = 20.0
LARGEST: Final = 0.1
"""Greatest difference allowed, in natural log."""
EDGE: Final = 1e-6
UNLIKELY: Final = 0.01
"""Probability below which a difference has no effect."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=12, help="number of clips")
    parser.add_argument("--sentences", type=int, default=100, help="number of training sentences")
    parser.add_argument("--emulate", action="store_true", help="emulate the processors instead of hiding features")
    parser.add_argument("--night", action="store_true", help="also play the sample night on each")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.judge:
        print(json.dumps(judge_all(options.judge)))
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "clips.npz", *(spoken(number) for number in range(options.clips)))
        chosen = random.Random(0).sample([each.text for each in load_sentences()], options.sentences)
        (folder / "sentences.json").write_text(json.dumps([*PHRASES, *chosen]))
        here = judged([], folder)
        apart, nights = {}, {"this one": played([])} if options.night else {}
        for kind, machine in track(machines(options.emulate, folder).items(), "processors"):
            apart[kind] = differences(here, judged(machine, folder))
            if options.night:
                nights[kind] = played(machine)
    show(apart)
    largest = max(max(found.values()) for found in apart.values())
    same = len(set(nights.values())) <= 1
    result = {
        "clips": options.clips,
        "sentences": len(PHRASES) + options.sentences,
        "largest_difference": round(largest, 4),
        "allowed": LARGEST,
    }
    print(json.dumps(result | ({"nights": len(nights), "same_nights": same} if nights else {})))


def machines(emulate: bool, folder: Path) -> dict[str, list[str]]:
    """What to write before a command, so that it runs on each kind of processor."""
    if emulate:
        return {kind: ["qemu-x86_64", "-cpu", name] for kind, name in EMULATED.items()}
    mask = built_mask(folder)
    return {kind: ["env", f"LD_PRELOAD={mask}", f"HIDDEN_FEATURES={hidden}"] for kind, hidden in HIDDEN.items()}


def built_mask(folder: Path) -> Path:
    """Compile processor_mask.c. Raises SystemExit if that fails."""
    library = folder / "processor_mask.so"
    source = Path(__file__).with_name("processor_mask.c")
    try:
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit("a C compiler for x86-64 Linux is needed: apt-get install gcc libc6-dev") from error
    return library


def spoken(number: int) -> Samples:
    """A phrase by a test voice at 16 kHz, among noise."""
    import soundfile  # noqa: PLC0415
    import soxr  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        file = Path(folder) / "spoken.wav"
        command = [*VOICES[number % len(VOICES)], str(file)]
        subprocess.run(command, input=PHRASES[number % len(PHRASES)], text=True, check=True, capture_output=True)
        sound, rate = soundfile.read(file)
    words = np.pad(soxr.resample(sound, rate, RATE), RATE // 2)
    noise = np.random.default_rng(number).normal(size=len(words)) * np.sqrt(np.mean(words**2)) * 10 ** (-SNR / 20)
    return np.asarray(np.clip((words + noise) * 8000, -32768, 32767), np.int16)


def program(machine: Sequence[str], *module: str) -> str:
    """Run a Python module on a kind of processor; return what it prints."""
    return subprocess.run(
        [*machine, sys.executable, "-m", *module], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def judged(machine: Sequence[str], folder: Path) -> list[dict[str, float]]:
    """What a processor makes of each clip and sentence."""
    found: list[dict[str, float]] = json.loads(
        program(machine, "scripts.bench.processors", "--judge", str(folder)).splitlines()[-1]
    )
    return found


def played(machine: Sequence[str]) -> str:
    """The sample night's events on a processor, without their times and confidence."""
    lines = program(machine, "nightvoice", "rehearse", str(sample_night()), "--json").splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    exact = ("confidence", "at", "t", "time", "latency_ms")
    return json.dumps([{name: value for name, value in event.items() if name not in exact} for event in events])


def judge_all(folder: Path) -> list[dict[str, float]]:
    return [*judge_clips(folder / "clips.npz"), *judge_sentences(folder / "sentences.json")]


def judge_clips(file: Path) -> list[dict[str, float]]:
    """Log odds of everything that is heard in each clip."""
    with np.load(file) as stored:
        clips = list(stored.values())
    if not clips:
        return []
    options = EngineOptions("en", None)
    engine = engine_spec("moonshine", options).make(options)
    engine.start(build_recognizer(Config()).grammar("guiding"))
    second = WhisperBase()
    return [judge(sound, engine, second) for sound in clips]


def judge_sentences(file: Path) -> list[dict[str, float]]:
    """Log odds of everything that is meant in each sentence."""
    classifier = SentenceClassifier(shipped("sentences.onnx"))
    meanings = map(classifier.meaning, json.loads(file.read_text()))
    return [
        {f"sentences {name}": log_odds(score) for name, score in (each.labels | each.requests).items()}
        for each in meanings
    ]


def judge(sound: Samples, engine: Any, second: WhisperBase) -> dict[str, float]:
    """Log odds of everything that is found in a clip."""
    engine.accept(sound)
    final = engine.final()
    found = {f"words {each.text}": log_odds(each.score) for each in final.alternatives[:1]}
    found |= {f"intents {name}": log_odds(score) for name, score in (final.intents or {}).items()}
    classifiers = StreamingClassifier.shipped()
    classifiers.start()
    for at in range(0, len(sound) - 511, 512):
        classifiers.push(sound[at : at + 512])
    found |= {f"wake {name}": log_odds(peak.score) for name, peak in classifiers.best.items()}
    return found | {f"second {each.text}": each.log_odds for each in second.read(sound)[:1]}


def log_odds(probability: float) -> float:
    inside = min(1 - EDGE, max(EDGE, probability))
    return log(inside / (1 - inside))


def differences(one: list[dict[str, float]], other: list[dict[str, float]]) -> dict[str, float]:
    """The greatest difference of each kind; infinite where other words were found."""
    found: dict[str, float] = {}
    for clip, again in zip(one, other, strict=True):
        for name in clip.keys() | again.keys():
            kind = name.split()[0]
            apart = abs(clip[name] - again[name]) if name in clip and name in again else float("inf")
            if kind in ("intents", "sentences") and max(clip[name], again[name]) < log_odds(UNLIKELY):
                continue
            found[kind] = max(found.get(kind, 0.0), apart)
    return found


def show(apart: dict[str, dict[str, float]]) -> None:
    kinds = sorted({kind for found in apart.values() for kind in found})
    table = Table("processor", *kinds)
    for name, found in apart.items():
        table.add_row(name, *(f"{found.get(kind, 0):.4f}" for kind in kinds))
    Console().print(table)


if __name__ == "__main__":
    main()
