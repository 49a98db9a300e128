"""Where the words of a text lie in a sound, and how near they sound to "cramp"; by PocketSphinx and its dictionary."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from nightvoice.audio.frames import RATE, Samples

CRAMP: Final = ("K", "R", "AE", "M", "P")
ALIKE: Final = ({"K", "G", "T"}, {"R", "L", "W"}, {"AE", "EH", "AH", "AA", "AY"}, {"M", "N", "NG"}, {"P", "B", "T"})
"""Sounds of which one stands for another at half the cost."""
EDGE_S: Final = 0.03
"""Sound kept on either side of a word, faded in and out."""
_TARGETS: Final = {"cramp", "cramps", "cramping"}


class Span(NamedTuple):
    """Where a word lies in its recording, in seconds."""

    word: str
    start: float
    end: float


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower().replace("_", " "))


@cache
def distance(word: str) -> float:
    """Return the distance of a word's sounds from those of "cramp"; infinite if unknown, or if it is one."""
    if word in _TARGETS:
        return np.inf
    return min((_edits(sounds) for sounds in _pronunciations().get(word, [])), default=np.inf)


def cut(sentence: NDArray[np.float64], span: Span) -> NDArray[np.float64]:
    """Return the word alone."""
    start, end = max(0, round((span.start - EDGE_S) * RATE)), round((span.end + EDGE_S) * RATE)
    word = sentence[start:end].copy()
    fade = np.linspace(0, 1, min(len(word) // 2, round(EDGE_S * RATE)))
    word[: len(fade)] *= fade
    word[len(word) - len(fade) :] *= fade[::-1]
    return word


def aligned(sound: Samples, text: str) -> list[Span]:
    """Return where the words of ``text`` lie in ``sound``; none if a word is unknown or they do not fit."""
    words = words_of(text)
    if not all(word in _pronunciations() for word in words):
        return []
    decoder = _aligner()
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(sound.tobytes(), full_utt=True)
    decoder.end_utt()
    per_second = decoder.config["frate"]
    return [
        Span(re.sub(r"\(\d+\)", "", each.word), each.start_frame / per_second, (each.end_frame + 1) / per_second)
        for each in decoder.seg() or []
        if not each.word.startswith(("<", "["))
    ]


@cache
def _aligner() -> Any:
    return pocketsphinx.Decoder(lm=None, samprate=RATE, loglevel="FATAL")


@cache
def _pronunciations() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")).read_text().splitlines():
        word, *sounds = line.split()
        found.setdefault(re.sub(r"\(\d+\)", "", word), []).append(tuple(sounds))
    return found


def _edits(sounds: tuple[str, ...]) -> float:
    costs = [float(number) for number in range(len(CRAMP) + 1)]
    for number, sound in enumerate(sounds, start=1):
        row = [float(number)]
        for at, other in enumerate(CRAMP, start=1):
            row.append(min(costs[at] + 1, row[-1] + 1, costs[at - 1] + _cost(sound, other)))
        costs = row
    return costs[-1]


def _cost(sound: str, other: str) -> float:
    alike = any(sound in group and other in group for group in ALIKE)
    return 0.0 if sound == other else 0.5 if alike else 1.0
