"""Whether every processor hears the same: log odds of the same clips on this one, and on older ones that QEMU plays.

    python scripts/bench/processors.py [--clips 6]        # needs qemu-user, espeak-ng and flite

Each clip is a phrase of the sample night, spoken by a test voice among faint noise. Judged are the words (how much
likelier the best phrase of the grammar is than free words), the classifier over the words' sound states, and the
wake-word classifiers. Prints the greatest difference of each from this processor, and one JSON object last.
"""

import argparse
import json
import shutil
import subprocess
import sys
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.engines.registry import EngineOptions, engine_spec
from nightvoice.listening.streaming_classifier import StreamingClassifier

PROCESSORS: Final = {
    "SSE4 (Nehalem)": ["qemu-x86_64", "-cpu", "Nehalem"],
    "AVX2 without VNNI (Haswell)": ["qemu-x86_64", "-cpu", "Haswell"],
}
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=6, help="number of clips")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.judge:
        with np.load(options.judge) as clips:
            print(json.dumps([judge(clips[name]) for name in clips]))
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "clips.npz"
        np.savez(file, *(spoken(number) for number in range(options.clips)))
        here, apart = judged([], file), {}
        for name, emulator in track(PROCESSORS.items(), "processors"):
            if shutil.which(emulator[0]) is None:
                raise SystemExit(f"{emulator[0]} is missing: apt-get install qemu-user")
            apart[name] = differences(here, judged(emulator, file))
    for name, found in apart.items():
        Console().print(name, {what: round(value, 4) for what, value in found.items()})
    largest = max(max(found.values()) for found in apart.values())
    print(json.dumps({"clips": options.clips, "largest_difference": round(largest, 4), "allowed": LARGEST}))


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


def judged(emulator: list[str], file: Path) -> list[dict[str, float]]:
    """What a processor makes of each clip."""
    command = [*emulator, sys.executable, "-m", "scripts.bench.processors", "--judge", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def judge(sound: Samples) -> dict[str, float]:
    """Log odds of everything that is found in a clip."""
    engine = engine_spec("moonshine", EngineOptions("en", None)).make(EngineOptions("en", None))
    engine.start(build_recognizer(Config()).grammar("guiding"))
    engine.accept(sound)
    final = engine.final()
    found = {f"words {each.text}": log_odds(each.score) for each in final.alternatives[:1]}
    found |= {f"intents {name}": log_odds(score) for name, score in (final.intents or {}).items() if score > 0.01}
    classifiers = StreamingClassifier.shipped()
    classifiers.start()
    for at in range(0, len(sound) - 511, 512):
        classifiers.push(sound[at : at + 512])
    return found | {f"wake {name}": log_odds(peak.score) for name, peak in classifiers.best.items()}


def log_odds(probability: float) -> float:
    inside = min(1 - EDGE, max(EDGE, probability))
    return log(inside / (1 - inside))


def differences(one: list[dict[str, float]], other: list[dict[str, float]]) -> dict[str, float]:
    """The greatest difference of each kind; infinite where another phrase was found."""
    found: dict[str, float] = {}
    for clip, again in zip(one, other, strict=True):
        for name in clip.keys() | again.keys():
            kind = name.split()[0]
            apart = abs(clip[name] - again[name]) if name in clip and name in again else float("inf")
            if kind == "intents" and apart == float("inf"):
                continue  # about 0.01: on one side of it here, on the other there
            found[kind] = max(found.get(kind, 0.0), apart)
    return found


if __name__ == "__main__":
    main()
