"""How well the ears tell commands from the rest: misses of synthetic voices, false alarms on real recordings.

    python scripts/bench/wake.py [--quick] [--split test|validation] [--hours 0.3]

Voices of the test split: flite and espeak-ng; of validation: hibari. Nothing was tuned on the former. Positives are
mixed with noise of the split at 20 and 10 dB. Needs ../shared/audio. Prints a table, and one JSON object last.
"""

import argparse
import csv
import io
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
import yaml
from hibari import Hibari
from pocketsphinx import Decoder

from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.listening.grammar import Understanding
from nightvoice.listening.pocketsphinx_engine import PocketSphinxEngine
from nightvoice.listening.vad import SpeechGate

ROOT = Path(__file__).parents[2]
AUDIO = ROOT.parent / "shared" / "audio"
CRAMP = ["I have a cramp", "I've got a cramp", "leg cramp", "my calf is cramping", "I have a leg cramp"]
COMMANDS = ["next", "stop", "it's gone", "worse", "help", "yes", "no"]
FLITE = ["slt", "rms", "kal16", "awb"]
ESPEAK = ["en-us+f3", "en-gb+m3"]
KEYPHRASE_THRESHOLDS = [1e-5, 1e-10, 1e-20]
CONDITIONS: list[float | None] = [None, 20.0, 10.0]


def voices(split: str) -> dict[str, Callable[[str], tuple[np.ndarray, int]]]:
    if split == "validation":
        hibari = Hibari()
        return {f"hibari {s}": lambda t, s=s: (hibari(t, speed=s, seed=1), 24_000) for s in (0.85, 1.0, 1.15)}

    def spoken(command: list[str]) -> tuple[np.ndarray, int]:
        return soundfile.read(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout))

    found = {f"flite {v}": lambda t, v=v: spoken(["flite", "-voice", v, "-t", t, "-o", "/dev/stdout"]) for v in FLITE}
    found |= {f"espeak {v}": lambda t, v=v: spoken(["espeak-ng", "-v", v, "--stdout", t]) for v in ESPEAK}
    return found


def recordings(split: str, prefix: str, seconds: float) -> Iterator[Samples]:
    with (AUDIO / "MANIFEST.tsv").open() as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t") if r["split"] == split and r["set"].startswith(prefix)]
    by_set: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_set.setdefault(row["set"], []).append(row)
    for chosen in by_set.values():
        random.Random(0).shuffle(chosen)
        left = seconds / len(by_set)
        while chosen and left > 0:
            row = chosen.pop()
            left -= float(row["seconds"])
            yield soundfile.read(AUDIO / row["file"], dtype="int16")[0]


def in_room(words: np.ndarray, rate: int, noise: np.ndarray, snr: float | None, at: int) -> Samples:
    speech = soxr.resample(words.astype(float), rate, RATE)
    speech *= 1000 / np.sqrt(np.mean(speech**2))
    sound = np.concatenate([np.zeros(RATE), speech, np.zeros(RATE)])
    if snr is None:
        sound += np.random.default_rng(at).normal(0, 6, len(sound))
    else:
        piece = noise[at * 7919 % (len(noise) - len(sound)) :][: len(sound)]
        sound += piece * (1000 / 10 ** (snr / 20) / max(1.0, np.sqrt(np.mean(piece**2))))
    return np.clip(sound, -32767, 32767).astype(np.int16)


def utterances(sound: Samples, gate: SpeechGate) -> Iterator[Samples]:
    pieces: list[Samples] = []
    padded = np.concatenate([sound, np.zeros(RATE // 2, dtype=np.int16)])
    for i in range(0, len(padded) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        out = gate.push(padded[i : i + FRAME_SAMPLES])
        if len(out.samples):
            pieces.append(out.samples)
        if out.closed:
            yield np.concatenate(pieces)
            pieces = []


class Deciders:
    """The decisions that are compared, on one utterance."""

    def __init__(self, threshold: float) -> None:
        self.understanding = Understanding(
            yaml.safe_load((ROOT / "nightvoice" / "content" / "en" / "intents.yaml").read_text())
        )
        self.engine = PocketSphinxEngine()
        self.keyphrase = Decoder(keyphrase="cramp", kws_threshold=threshold, samprate=RATE, loglevel="FATAL")
        self.finish_ms: list[float] = []

    def grammar(self, sound: Samples, state: str) -> tuple[str, str]:
        """Intent by the grammar alone, and by grammar and evidence; empty: none."""
        self.engine.start(self.understanding.grammar(state))
        self.engine.accept(sound)
        begun = time.perf_counter()
        hypothesis = self.engine.finish()
        self.finish_ms.append(1000 * (time.perf_counter() - begun))
        meaning = self.understanding.understand(hypothesis.text, state)
        intent = meaning.intent if meaning else ""
        return intent, intent if hypothesis.score >= 0.5 else ""

    def spotted(self, sound: Samples) -> bool:
        self.keyphrase.start_utt()
        self.keyphrase.process_raw(sound.tobytes(), full_utt=True)
        self.keyphrase.end_utt()
        return self.keyphrase.hyp() is not None


def measure(split: str, threshold: float, hours: float, quick: bool) -> dict[str, float]:
    deciders = Deciders(threshold)
    noise = np.concatenate(list(recordings(split, "noise_b", 300))).astype(float)
    count: dict[str, int] = {}
    total: dict[str, int] = {}

    def note(name: str, hit: bool) -> None:
        total[name] = total.get(name, 0) + 1
        count[name] = count.get(name, 0) + hit

    at = 0
    for state, phrases in (("idle", CRAMP), ("guiding", COMMANDS)):
        for voice in list(voices(split).values())[: 2 if quick else None]:
            for phrase in phrases:
                words, rate = voice(phrase)
                wanted = deciders.understanding.understand(phrase.lower(), state)
                assert wanted is not None, f"{phrase} is not in the grammar of {state}"
                for snr in CONDITIONS[: 2 if quick else None]:
                    at += 1
                    heard = list(utterances(in_room(words, rate, noise, snr, at), SpeechGate()))
                    where = f"{state} {'clean' if snr is None else f'{snr:.0f} dB'}"
                    got = [deciders.grammar(u, state) for u in heard]
                    note(f"miss, grammar only, {where}", all(g[0] != wanted.intent for g in got))
                    note(f"miss, chosen, {where}", all(g[1] != wanted.intent for g in got))
                    if state == "idle":
                        note(f"miss, keyphrase, {where}", not any(deciders.spotted(u) for u in heard))
    figures = {name: count[name] / total[name] for name in count}
    seconds, alarms, gate, spoken = 0.0, dict.fromkeys(("grammar only", "chosen", "keyphrase"), 0), SpeechGate(), 0
    accepted = {"grammar only": 0, "chosen": 0}
    for sound in [*recordings(split, "neg_", hours * 2700), *recordings(split, "noise_", hours * 900)]:
        seconds += len(sound) / RATE
        for utterance in utterances(sound, gate):
            plain, chosen = deciders.grammar(utterance, "idle")
            alarms["grammar only"] += plain == "cramp"
            alarms["chosen"] += chosen == "cramp"
            alarms["keyphrase"] += deciders.spotted(utterance)
            spoken += 1
            plain, chosen = deciders.grammar(utterance, "guiding")
            accepted["grammar only"] += plain != ""
            accepted["chosen"] += chosen != ""
    figures |= {f"false cramps per hour of speech and noise, {k}": 3600 * n / seconds for k, n in alarms.items()}
    figures |= {f"other speech taken for a command while guiding, {k}": n / spoken for k, n in accepted.items()}
    figures |= {"negative hours": seconds / 3600, "decision ms p95": float(np.percentile(deciders.finish_ms, 95))}
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--quick", action="store_true", help="a subset of voices, conditions and negatives")
    options.add_argument("--split", choices=["test", "validation"], default="test")
    options.add_argument("--hours", type=float, default=0.3, help="hours of negatives")
    options.add_argument("--keyphrase-threshold", type=float, help="else chosen on validation")
    chosen = options.parse_args()
    if not AUDIO.is_dir():
        sys.exit(f"{AUDIO} is not there: the recordings are needed for measuring")
    threshold = chosen.keyphrase_threshold
    if threshold is None:
        cost = {}
        for candidate in KEYPHRASE_THRESHOLDS:
            tried = measure("validation", candidate, 0.02, quick=True)
            misses = [v for k, v in tried.items() if k.startswith("miss, keyphrase")]
            cost[candidate] = (
                sum(misses) / len(misses) + tried["false cramps per hour of speech and noise, keyphrase"] / 60
            )
        threshold = min(cost, key=lambda candidate: cost[candidate])
    figures = measure(chosen.split, threshold, 0.05 if chosen.quick else chosen.hours, chosen.quick)
    for name, value in figures.items():
        print(f"{value:9.3f}  {name}")
    print(json.dumps({"benchmark": "wake", "split": chosen.split, "keyphrase_threshold": threshold, **figures}))


if __name__ == "__main__":
    main()
