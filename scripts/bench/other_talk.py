"""What does an episode make of talk that is not meant for it: a television, a partner on the telephone, an audio book?

    python -m scripts.bench.other_talk [--split validation|test] [--recordings 200] [--wrong]

First as words: the newest ``talk_*.tsv`` of tests/understanding/unseen, whose README.md says how it was made. Then
through both ears: recordings of other people, each after a silence. (beside_television.py has a television that goes
on.) Prints one JSON object last: per cent of sentences and recordings that raise an alarm, make the guide ask about a
danger, are taken for a request or command, or for an answer.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import RATE
from nightvoice.config.schema import Config
from nightvoice.listening.decision import ANSWERS, Verdict
from nightvoice.listening.listener import RecognitionResult
from scripts.bench.bedroom_nights import TALK
from scripts.bench.listeners import Product
from scripts.bench.understanding import UNSEEN
from scripts.bench.voices import AUDIO, rows_of, to_int16

STATE: Final = "guiding"
SILENCE_S: Final = 2.0
LONGEST_S: Final = 20
OUTCOMES: Final = ("alarm", "question", "request", "answer")
_stderr = Console(stderr=True)


def outcome(intent: str) -> str:
    """Return what the guide does with an intent, one of ``OUTCOMES``."""
    if intent == "flag":
        return "alarm"
    if intent in ("suspicion", "help"):
        return "question"
    return "answer" if intent in ANSWERS else "request"


def sentences(show: bool) -> dict[str, object]:
    """Return what is made of the sentences of the newest round, as words."""
    file = max(UNSEEN.glob("talk_*.tsv"), key=lambda each: int(each.stem.split("_")[-1]))
    recognizer, found = build_recognizer(Config()), list[str]()
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    for source, text in rows:
        result = recognizer.recognize(text, STATE, "")
        if result is not None:
            found.append(outcome(result.intent))
            if show:
                _stderr.print(f"{source}, {result.intent} {dict(result.slots)}: {text}")
    return {"file": file.stem, "sentences": len(rows), **shares(found, len(rows) / 100)}


def recordings(split: str, number: int, show: bool) -> dict[str, object]:
    """Return what is made of recordings of other people, each after a silence."""
    rows, rng = rows_of(split, TALK), np.random.default_rng(5)
    random.Random(5).shuffle(rows)
    ears, found = Product("auto"), list[str]()
    for row in track(rows[:number], "recordings", console=_stderr):
        sound = soundfile.read(AUDIO / row["file"])[0][: LONGEST_S * RATE] * 32768
        sound = np.pad(sound, round(SILENCE_S * RATE))
        heard = _acted_on(ears.hear(to_int16(sound + rng.normal(0, 4, len(sound))), STATE))
        found += {outcome(each.intent) for each in heard}
        if show and heard:
            taken = ", ".join(f"{each.intent} ({each.text})" for each in heard)
            _stderr.print(f"{row['text'] or row['file']}: {taken}")
    counted = min(number, len(rows))
    return {"recordings": counted, **shares(found, counted / 100)}


def _acted_on(results: Iterable[RecognitionResult]) -> list[RecognitionResult]:
    return [each for each in results if each.verdict is Verdict.HEARD]


def shares(found: list[str], of: float) -> dict[str, float]:
    """Return how often each outcome was found, for each one of ``of``."""
    counted = Counter(found)
    return {name: round(counted[name] / max(of, 1e-9), 1) for name in OUTCOMES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--recordings", type=int, default=200, help="recordings of other people")
    parser.add_argument("--wrong", action="store_true", help="show what was acted on")
    options = parser.parse_args()
    figures: dict[str, object] = {"sentences (%)": sentences(options.wrong)}
    if options.recordings:
        figures["recordings (%)"] = recordings(options.split, options.recordings, options.wrong)
    print(json.dumps({"benchmark": "other talk", "split": options.split, **figures}))


if __name__ == "__main__":
    main()
