"""Nights as a bedroom has them: how often are we woken for nothing, and is a cramp heard at once, or at the second try?

    python -m scripts.bench.bedroom_nights [--split validation|test] [--nights 4] [--first 0] [--workers 2]

From ten until seven: an hour of television (recordings of people, elsewhere in the room), a partner who talks and
snores, coughs, a dog, rain, and half of the nights a fan. One cramp comes while the television runs, four come later.
Who is not heard says it again after six seconds. Choose on the validation split. Prints one JSON object last: audible
false wakings an hour (the guide starts or asks), what caused them, and per cent of cramps heard at the first and within
two tries.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import get_context
from typing import Final, NamedTuple

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track
from scipy.signal import fftconvolve

from nightvoice.assembly import build_pipeline
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.config.schema import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult
from scripts.bench.ears import CRAMP
from scripts.bench.listeners import frames
from scripts.bench.voices import (
    AUDIO,
    LEVEL,
    Sound,
    bedroom,
    far_corner,
    levelled,
    responses,
    room_noise,
    rows_of,
    snoring,
    to_int16,
    voices,
)  # fmt: skip

HOURS: Final = 9
TELEVISION_HOUR, PARTNER_HOUR, SNORING_HOURS = 0, 1, range(2, 7)
CRAMP_HOURS: Final = (0, 2, 3, 5, 7)
TRIES: Final = 2
WAIT_S: Final = 6.0
"""Seconds after which somebody who was not heard says it again."""
EVENTS_AN_HOUR: Final = 8
EXCHANGES: Final = 5
SNORES: Final = 12
"""Minutes of snoring in each of ``SNORING_HOURS``."""
TALK: Final = ("neg_libri", "neg_ljspeech", "neg_speechocean", "cmd_s2p")
_stderr = Console(stderr=True)


@dataclass(frozen=True)
class Room:
    """A bedroom with three places, each a response: the bed, its other side, and a far corner with the television."""

    bed: Sound
    other_side: Sound
    television: Sound

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Room":
        room, microphone = bedroom(rng)
        across = 2 * room.sources[0].position[:2] - microphone[:2]
        room.add_source([*np.clip(across, 0.3, np.array(room.shoebox_dim)[:2] - 0.3), 0.7])
        room.add_source(far_corner(room, microphone))
        return cls(*responses(room))


class Piece(NamedTuple):
    """A piece of the night."""

    what: str
    sound: Sound
    said: Sound | None = None
    """What the person in bed says at its beginning, to be said again where it is not heard."""


class Night:
    """The sounds of one night, in order; the same number gives the same night."""

    def __init__(self, split: str, number: int) -> None:
        self._split = split
        self._rng = np.random.default_rng([number, split == "test"])
        self._room = Room.drawn(self._rng)
        self._voices = cycle(self._rng.permutation(np.array([*voices(split).items()], dtype=object)))
        self._talk = self._recordings(TALK)
        self._events = self._recordings(("noise_esc", "noise_cough"))
        fan = room_noise(split)
        self._hum = fan / np.sqrt(np.mean(fan**2)) * LEVEL * self._decibels(-35, -18) if number % 2 else None

    def pieces(self) -> Iterator[Piece]:
        for hour in range(HOURS):
            parts = [*self._sounds_of(hour)]
            quiet_s = max(0.0, 3600 - sum(len(part.sound) for part in parts) / RATE)
            parts += [Piece("quiet", np.zeros(60 * RATE)) for _ in range(round(quiet_s / 60))]
            if hour in CRAMP_HOURS:
                parts.append(self._cramp("television" if hour == TELEVISION_HOUR else "later"))
            for at in self._rng.permutation(len(parts)):
                yield parts[at]

    def background(self, length: int) -> Sound:
        """Return the hum of the room, and of the microphone."""
        hum = self._rng.normal(0, 4, length)
        if self._hum is not None:
            start = int(self._rng.integers(max(1, len(self._hum) - length)))
            hum += np.resize(self._hum[start:], length)
        return hum

    def recorded(self, sound: Sound) -> Samples:
        """Return whole frames of ``sound`` and the background, as the microphone records them."""
        padded = np.pad(sound, (0, -len(sound) % FRAME_SAMPLES))
        return to_int16(padded + self.background(len(padded)))

    def television(self, seconds: float) -> Sound:
        """Return talk from the far corner."""
        sound = np.zeros(0)
        while len(sound) < (seconds + 2) * RATE:  # silence at its ends is cut off below
            sound = np.concatenate([sound, next(self._talk), np.zeros(round(self._rng.uniform(0.1, 1.2) * RATE))])
        return self._from(self._room.television, sound, -24, -12)[: round(seconds * RATE)]

    def in_bed(self, words: Sound) -> Sound:
        """Return the words as said in bed."""
        return self._from(self._room.bed, words, -6, 3)

    def _sounds_of(self, hour: int) -> Iterator[Piece]:
        if hour == TELEVISION_HOUR:
            for _ in range(58):
                yield Piece("television", self.television(60))
        if hour == PARTNER_HOUR:
            for _ in range(EXCHANGES * 4):
                talk = np.pad(next(self._talk), round(self._rng.uniform(0.3, 2) * RATE))
                yield Piece("partner", self._from(self._room.other_side, talk, -9, 0))
        if hour in SNORING_HOURS:
            for _ in range(SNORES):
                snore = snoring(self._rng).astype(float)
                yield Piece("snoring", self._from(self._room.other_side, snore, -20, -6))
        if hour != TELEVISION_HOUR:
            for _ in range(EVENTS_AN_HOUR):
                event = np.pad(next(self._events), RATE)
                yield Piece("event", self._from(self._room.other_side, event, -25, 0))

    def _cramp(self, when: str) -> Piece:
        name, voice = next(self._voices)
        words = self.in_bed(voice(str(self._rng.choice(CRAMP))))
        length = len(words) + round(WAIT_S * RATE)
        around = self.television(length / RATE) if when == "television" else np.zeros(length)
        return Piece(f"{when}, {name}", around, words)

    def _from(self, place: Sound, sound: Sound, least: float, most: float) -> Sound:
        return levelled(fftconvolve(sound, place)) * self._decibels(least, most)

    def _decibels(self, least: float, most: float) -> float:
        return float(10 ** (self._rng.uniform(least, most) / 20))

    def _recordings(self, sets: tuple[str, ...]) -> Iterator[Sound]:
        rows = rows_of(self._split, sets)
        while True:
            for at in self._rng.permutation(len(rows)):
                yield levelled(soundfile.read(AUDIO / rows[at]["file"])[0] * 32768)


@dataclass
class Outcomes:
    """What happened in some nights."""

    tries: list[tuple[str, int]] = field(default_factory=list)
    """For each cramp, when and by whom it was said, and the try at which it was heard or asked about; 0: never."""
    false: list[str] = field(default_factory=list)


def _outcomes(split: str, number: int) -> Outcomes:
    ears, found, night = build_pipeline(Config(), "auto"), Outcomes(), Night(split, number)

    def audible(sound: Sound) -> list[RecognitionResult]:
        results = [ears.hear(frame, "idle", None) for frame in frames(night.recorded(sound))]
        return [each for each in results if each is not None and each.verdict is not Verdict.REJECTED]

    for piece in night.pieces():
        if piece.said is None:
            for each in audible(piece.sound):
                found.false.append(f"{piece.what}: {each.verdict} {each.intent} ({each.text})")
                _stderr.print(f"night {number}, {found.false[-1]}")
            continue
        heard = 0
        for attempt in range(1, TRIES + 1):
            mixed = piece.sound.copy()
            mixed[: len(piece.said)] += piece.said
            if any(each.intent == "cramp" for each in audible(mixed)):
                heard = attempt
                break
        found.tries.append((piece.what, heard))
        _stderr.print(f"night {number}, {piece.what}: heard at {heard or 'no'} try")
    return found


def summary(nights: list[Outcomes]) -> dict[str, object]:
    """Return the figures of all nights."""
    false = [each for night in nights for each in night.false]
    tries = [each for night in nights for each in night.tries]
    figures: dict[str, object] = {
        "nights": len(nights),
        "audible false wakings an hour": round(len(false) / HOURS / len(nights), 3),
        "caused by": Counter(each.split(":")[0] for each in false),
        "false wakings": false,
    }
    for group in ("", "television", "later", *sorted({what.split(", ")[1] for what, _ in tries})):
        chosen = [attempt for what, attempt in tries if group in what]
        figures[group or "all"] = {
            "cramps": len(chosen),
            "heard at once (%)": round(100 * sum(attempt == 1 for attempt in chosen) / len(chosen), 1),
            "within two tries (%)": round(100 * sum(attempt > 0 for attempt in chosen) / len(chosen), 1),
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--nights", type=int, default=4, help="nights of nine hours")
    parser.add_argument("--first", type=int, default=0, help="number of the first night")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (one for each core)")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        numbers = range(options.first, options.first + options.nights)
        jobs = [pool.submit(_outcomes, options.split, number) for number in numbers]
        nights = [job.result() for job in track(jobs, "nights", console=_stderr)]
    print(json.dumps({"benchmark": "bedroom nights", "split": options.split, **summary(nights)}, indent=1))


if __name__ == "__main__":
    main()
