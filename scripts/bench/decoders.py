"""Compares the decoder with another one, on the validation recordings of people who talk.

    python scripts/train/decoder.py WHOLE/decoder.onnx --whole
    python -m scripts.bench.decoders WHOLE [--trials 240]

WHOLE has a decoder.onnx and its tokens.txt. Prints one JSON object last: of how many recordings both read the same free
words, and the same phrases of a grammar; by how much the evidence of the likeliest phrase differs (natural log; median,
nine of ten, most); the processor time of the search, and the memory of encoder and decoder.
"""

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_recognizer
from nightvoice.audio.frames import RATE
from nightvoice.config.schema import Config
from nightvoice.listening.engines.moonshine.model import Moonshine, States
from nightvoice.listening.engines.moonshine.search import SearchResult, TokenGraph, search
from nightvoice.models.store import shipped
from nightvoice.system.malloc_trim import release_free_memory, resident_mb
from nightvoice.system.onnx import open_session
from scripts.bench.voices import AUDIO, rows_of

GRAMMARS = ("idle", "guiding")
LONGEST_S = 4
_stderr = Console(stderr=True)


class Reader:
    """A model with this decoder; counts the processor time of its searches."""

    def __init__(self, folder: Path) -> None:
        """``folder``: of the decoder and its tokens."""
        before = _held_mb()
        files = folder / "tokens.txt", shipped("encoder.onnx"), shipped("words.onnx"), folder / "decoder.onnx"
        self.model = Moonshine(*files)
        self.memory_mb = round(_held_mb() - before)
        recognizer = build_recognizer(Config())
        self._graphs = [TokenGraph(recognizer.grammar(name), self.model) for name in GRAMMARS]
        self.seconds = 0.0

    def read(self, states: States, number: int) -> SearchResult:
        """Search the words of recording ``number`` in one of the grammars."""
        began = time.thread_time()
        found = search(self.model, states, self._graphs[number % len(GRAMMARS)])
        self.seconds += time.thread_time() - began
        return found

    def costs(self) -> dict[str, float]:
        return {"memory_mb": self.memory_mb, "search_s": round(self.seconds, 1)}


class Compared(NamedTuple):
    """How two readings of one recording differ."""

    words: bool
    phrases: bool
    evidence: float

    @classmethod
    def of(cls, one: SearchResult, two: SearchResult) -> "Compared":
        likeliest = [each.phrases[0].log_probability - each.free.log_probability for each in (one, two) if each.phrases]
        return cls(
            one.free.text != two.free.text,
            [each.text for each in one.phrases] != [each.text for each in two.phrases],
            abs(likeliest[0] - likeliest[1]) if len(likeliest) == len((one, two)) else 0.0,
        )


def _held_mb() -> float:
    release_free_memory()
    return resident_mb()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("whole", type=Path)
    parser.add_argument("--trials", type=int, default=240)
    args = parser.parse_args()
    open_session(shipped("cramp.onnx"))  # so that neither counts the memory of the libraries
    ours, other = Reader(shipped("decoder.onnx").parent), Reader(args.whole)
    rows = rows_of("validation", ("neg_", "cmd_"))
    random.Random(3).shuffle(rows)
    found = list[Compared]()
    for number, row in enumerate(track(rows[: args.trials], description="reading", console=_stderr)):
        sound = soundfile.read(AUDIO / row["file"], dtype="int16")[0][: LONGEST_S * RATE]
        states = ours.model.encode_words(ours.model.encode(sound))
        found.append(Compared.of(ours.read(states, number), other.read(states, number)))
    differs = np.percentile([each.evidence for each in found], [50, 90, 100]).round(3).tolist()
    result: dict[str, Any] = {
        "recordings": len(found),
        "other_words": sum(each.words for each in found),
        "other_phrases": sum(each.phrases for each in found),
        "evidence_differs": differs,
        "ours": ours.costs(),
        "other": other.costs(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
