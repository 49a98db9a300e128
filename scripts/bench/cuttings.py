"""Words of people that sound like "cramp", cut out of the read speech in ../shared/audio by alignment.

    python -m scripts.bench.cuttings [--split train|validation|test]

PocketSphinx finds where each word lies. Recordings without a text are first read by Whisper base. Both are slow, and
kept in the user's cache folder. Prints the words of each split, the nearest first.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track

from nightvoice.audio.frames import RATE
from nightvoice.listening.transcribers.whisper_base import CONTEXT_S, WhisperBase
from nightvoice.system import paths
from scripts.bench.alignment import Span, aligned, cut, distance, words_of
from scripts.bench.voices import AUDIO, Sound, levelled, rows_of, to_int16

READ: Final = ("neg_speechocean", "neg_libri", "neg_ljspeech", "neg_gsc_words", "cmd_s2p_en")
NEAR: Final = 2.5
"""Greatest distance from "cramp" of a near word: two sounds and a similar one replaced, left out or added."""
MOST_OF_EACH: Final = 6
"""Cuttings of one word per split: "can" and "from" are common, "crab" is not."""
_stderr = Console(stderr=True)


class Cutting(NamedTuple):
    """A word that was cut out, and the sentence it was cut from."""

    word: str
    sound: Sound
    text: str
    sentence: Sound
    speaker: str


def near_words(split: str) -> Iterator[tuple[str, Sound]]:
    """Yield each near word of the split and its sound."""
    for cutting in cuttings(split):
        yield cutting.word, cutting.sound


def cuttings(split: str, nearest: float = NEAR, most: int = MOST_OF_EACH) -> Iterator[Cutting]:
    """Yield the words of a split that are at most ``nearest`` from "cramp", at most ``most`` of each."""
    notes, found = _Notes.load(), Counter[str]()
    for row in track(rows_of(split, READ), f"cutting, {split}", console=_stderr):
        if row["text"] and not any(distance(word) <= nearest for word in words_of(row["text"])):
            continue
        whole = soundfile.read(AUDIO / row["file"])[0] * 32768
        for number, sentence in enumerate([whole] if row["text"] else pieces(whole)):
            name = f"{row['file']} {number}"
            text = row["text"] or notes.reading(name, sentence)
            near = [word for word in words_of(text) if distance(word) <= nearest and found[word] < most]
            for span in notes.spans(name, text, sentence) if near else []:
                if span.word in near and found[span.word] < most:
                    found[span.word] += 1
                    yield Cutting(
                        span.word, levelled(cut(sentence, span)), text.lower(), levelled(sentence), row["speaker"]
                    )


def pieces(sound: Sound) -> Iterator[Sound]:
    """Yield the sound in pieces that Whisper sees whole, cut where it is quietest."""
    while len(sound) > CONTEXT_S * RATE:
        half = CONTEXT_S * RATE // 2
        power = np.convolve(sound[half : 2 * half] ** 2, np.ones(RATE // 10), "valid")
        at = half + int(np.argmin(power)) + RATE // 20
        yield sound[:at]
        sound = sound[at:]
    yield sound


class _Notes:
    """The readings and alignments of pieces of recordings, in a file of the user's cache."""

    def __init__(self, file: Path, kept: dict[str, Any]) -> None:
        self._file, self._readings, self._spans = file, kept.get("readings", {}), kept.get("spans", {})

    @classmethod
    def load(cls) -> "_Notes":
        file = paths.cache_dir() / "bench" / "cuttings.json"
        return cls(file, json.loads(file.read_text()) if file.exists() else {})

    def reading(self, name: str, sound: Sound) -> str:
        if name not in self._readings:
            readings = _whisper().read(to_int16(sound))
            self._readings[name] = readings[0].text if readings else ""
            self._save()
        return str(self._readings[name])

    def spans(self, name: str, text: str, sound: Sound) -> list[Span]:
        if name not in self._spans:
            self._spans[name] = aligned(to_int16(sound), text)
            self._save()
        return [Span(*each) for each in self._spans[name]]

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        aside = self._file.with_suffix(".new")
        aside.write_text(json.dumps({"readings": self._readings, "spans": self._spans}))
        aside.replace(self._file)


@cache
def _whisper() -> WhisperBase:
    return WhisperBase()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--split", choices=("train", "validation", "test"), action="append")
    options = parser.parse_args()
    for split in options.split or ("validation", "test", "train"):
        found = Counter(word for word, _ in near_words(split))
        nearest = sorted(found, key=distance)
        print(f"{split}, {found.total()}: " + ", ".join(f"{word} {found[word]}" for word in nearest))


if __name__ == "__main__":
    main()
