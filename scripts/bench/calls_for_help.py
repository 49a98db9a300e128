"""Are calls for help and danger signs heard while idle, and what is taken for one in other people's talk?

    python scripts/bench/calls_for_help.py [--split validation|test] [--talk 500] [--step 1]

Every voice of the split says each of 30 sentences in a bedroom with noise at 20 dB, after a minute of silence: heard by
the first ear, or a second later by both. Then come ``--talk`` recordings of other people and of night sounds, each
after a silence, as no television has them, and with no limit of an hour. Prints one JSON object last.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import FRAME_SAMPLES, RATE
from nightvoice.config.schema import Config
from nightvoice.listening.calls_for_help import REST_FRAMES
from nightvoice.listening.decision import Verdict
from scripts.bench.listeners import Product
from scripts.bench.voices import AUDIO, in_bedroom, room_noise, rows_of, to_int16, voices, with_noise

CALLS: Final = (
    "help", "help me", "please help me", "I need help", "I need some help here", "somebody help me",
    "call an ambulance", "I need an ambulance", "call nine one one", "call a doctor", "it's an emergency",
    "I'm having a heart attack", "my chest hurts", "I have chest pain", "I can't breathe", "I can't get any air",
    "I think I'm having a stroke", "my face feels numb on one side", "I can't feel my arm",
    "I think I'm going to faint", "I feel faint", "I'm going to pass out", "I've fallen and I can't get up",
    "I fell out of bed", "I hit my head", "I can't move my leg", "my leg is cold and numb",
    "my leg is swollen and hot", "I'm choking", "the room is on fire",
)  # fmt: skip
SNR: Final = 20
MEANT: Final = ("flag", "suspicion", "help")
SILENCE_S: Final = 2.0
"""Seconds without speech before each call and each recording of talk, and after it, so that there is time to answer."""
_stderr = Console(stderr=True)


def calls(split: str, step: int) -> Iterator[tuple[str, str, str]]:
    """Yield each voice, sentence, and which ear heard or asked about it; empty if neither did."""
    product, noise, rng = Product("auto"), room_noise(split), np.random.default_rng(4)
    said = [(name, voice, text) for name, voice in voices(split).items() for text in CALLS[::step]]
    for number, (name, voice, text) in enumerate(track(said, "calls", console=_stderr)):
        words = np.pad(in_bedroom(voice(text), split, number), round(SILENCE_S * RATE))
        product.hear(to_int16(rng.normal(0, 6, REST_FRAMES * FRAME_SAMPLES)), "idle")
        results = product.hear(with_noise(words, noise, SNR, rng), "idle")
        ears = [each.engine for each in results if each.verdict is Verdict.HEARD and each.intent in MEANT]
        found = "" if not ears else "first" if product.name in ears else "second"
        asked = "asked" if any(each.verdict is Verdict.DOUBTFUL for each in results) else ""
        yield name, text, found or asked


def taken(split: str, most: int) -> dict[str, object]:
    """Play people's talk and night sounds while idle, each after a silence; return what was taken for a call."""
    product, rng = Product("auto"), np.random.default_rng(5)
    rows = rows_of(split, ("neg_", "cmd_", "noise_"))
    random.Random(5).shuffle(rows)
    seconds, false = 0.0, []
    for row in track(rows[:most], "talk", console=_stderr):
        sound = soundfile.read(AUDIO / row["file"])[0] * 32768
        seconds += len(sound) / RATE
        padded = np.pad(sound, round(SILENCE_S * RATE))
        for result in product.hear(to_int16(padded + rng.normal(0, 4, len(padded))), "idle"):
            if result.verdict is Verdict.HEARD and result.intent in MEANT:
                false.append(f"{result.engine}: {result.intent} {dict(result.slots)} {result.text} ({row['text']})")
                _stderr.print(row["file"], false[-1])
    return {"recordings": len(rows[:most]), "hours of talk": round(seconds / 3600, 2), "taken for a call": false}


def written(split: str) -> dict[str, int]:
    """Read the written words of the talk: how many sentences name a call."""
    recognizer = build_recognizer(Config())
    texts = sorted({row["text"].lower() for row in rows_of(split, ("neg_", "cmd_")) if row["text"]})
    found = [text for text in track(texts, "texts", console=_stderr) if recognizer.call_for_help(text)]
    idle = [recognizer.recognize(text, "idle") for text in texts]
    _stderr.print(found)
    meant = sum(each is not None and each.intent in MEANT for each in idle)
    return {"sentences": len(texts), "named": len(found), "meant by rules or classifier": meant}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--split", choices=("validation", "test", "train"), default="validation")
    parser.add_argument("--talk", type=int, default=500, help="recordings of other people and of night sounds")
    parser.add_argument("--step", type=int, default=1, help="every nth call; 0: none")
    options = parser.parse_args()
    if not Path(AUDIO).is_dir():
        sys.exit(f"{AUDIO} is not there: the recordings are needed for measuring")
    found: dict[str, object] = {}
    if options.step:
        outcomes = list(calls(options.split, options.step))
        for name, text, ear in outcomes:
            _stderr.print(f"{name}: {text}: {ear or 'missed'}")
        for name in ("all", *dict.fromkeys(name for name, _, _ in outcomes)):
            count = Counter(ear or "missed" for voice, _, ear in outcomes if name in (voice, "all"))
            found[name] = dict(count)
    if options.talk:
        found |= {"written": written(options.split), **taken(options.split, options.talk)}
    print(json.dumps({"benchmark": "calls for help", "split": options.split, **found}, indent=1))


if __name__ == "__main__":
    main()
