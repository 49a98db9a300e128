"""A simulated bedroom in which the assistant speaks and the microphone picks up its echo."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import fftconvolve

from nightvoice.audio.frames import RATE, Samples
from scripts.bench.voices import LEVEL, Sound, bedroom

MOVED_M = (0.12, 0.12, 0.04)
"""How far the loudspeaker is moved at most, in metres."""


@dataclass(frozen=True, slots=True)
class Devices:
    """What makes the echo of a loudspeaker hard to cancel."""

    ppm: float = 0.0
    """How much slower the microphone's clock is than the loudspeaker's."""
    pause: float = 1.0
    """Seconds between two texts."""
    louder: float = 0.0
    """By how much the echo is louder than the person, in decibels."""
    moved: bool = False
    """Whether somebody pushes the loudspeaker to another place, or back, in the middle of each text."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Loudspeaker signal, microphone signal, and each prompt as (start, end, text)."""

    played: Sound
    heard: Samples
    spoken: list[tuple[float, float, str]]
    pace: float = 1.0
    """Clock skew: samples that the loudspeaker plays per sample of the microphone."""


class EchoingRoom:
    """Somebody in bed, a microphone beside it, a loudspeaker 10 to 60 cm from the microphone."""

    def __init__(self, number: int) -> None:
        rng = np.random.default_rng(100 + number)
        room, microphone = bedroom(rng)
        loudspeaker = microphone + rng.uniform([0.05, 0.05, 0], [0.4, 0.4, 0.2])
        room.add_source(loudspeaker)
        room.add_source(loudspeaker + np.random.default_rng(900 + number).uniform(-1, 1, 3) * MOVED_M)
        room.compute_rir()
        self._from_bed, self._from_loudspeaker, self._from_where_it_was_moved = room.rir[0]
        self._delay = int(rng.uniform(0.03, 0.2) * RATE)
        """Latency of the devices."""

    def scene(
        self,
        texts: list[str],
        speech: Callable[[str], Sound],
        said: Sound | None,
        at: float,
        devices: Devices,
    ) -> Scene:
        """``texts`` one after the other; ``said`` at the share ``at`` of the last."""
        parts, times, now = [], [], 0.0
        for text in texts:
            parts += [speech(text), np.zeros(round(devices.pause * RATE))]
            times.append((now, now + len(parts[-2]) / RATE, text))
            now += (len(parts[-2]) + len(parts[-1])) / RATE
        played = np.concatenate(parts)
        strongest = np.abs(played).max()
        driven = np.tanh(played / strongest) * strongest + 0.02 * np.abs(played) * played / strongest
        echo = self._echo(driven, self._from_loudspeaker)
        if devices.moved:
            there = _where(len(played), times)
            echo += there * (self._echo(driven, self._from_where_it_was_moved) - echo)
        echo *= 10 ** (devices.louder / 20)
        if devices.ppm:
            echo = np.interp(np.arange(len(echo)) * (1 + devices.ppm * 1e-6), np.arange(len(echo)), echo)
        heard = echo + np.random.default_rng(0).normal(0, 6, len(echo))
        if said is not None:
            words = _loud(fftconvolve(said, self._from_bed))
            start = int((times[-1][0] + at * (times[-1][1] - times[-1][0])) * RATE)
            words = words[: len(heard) - start]
            heard[start : start + len(words)] += words
        return Scene(played, np.clip(np.round(heard), -32767, 32767).astype(np.int16), times, 1 + devices.ppm * 1e-6)

    def _echo(self, driven: Sound, path: Sound) -> Sound:
        echo = fftconvolve(driven, path)[: len(driven)]
        return np.concatenate([np.zeros(self._delay), _loud(echo)])[: len(driven)]

    def alone(self, said: Sound) -> Samples:
        """A second of a quiet room, ``said`` from the bed, another second."""
        words = np.pad(_loud(fftconvolve(said, self._from_bed)), RATE)
        return np.round(words + np.random.default_rng(0).normal(0, 6, len(words))).astype(np.int16)

    def end_of(self, said: Sound, scene: Scene, at: float) -> float:
        """Time at which the last word of ``said`` has reached the microphone."""
        start, end, _ = scene.spoken[-1]
        direct = int(np.argmax(np.abs(self._from_bed)))
        return start + at * (end - start) + (len(said) + direct) / RATE


def _where(samples: int, spoken: list[tuple[float, float, str]]) -> Sound:
    """Where the loudspeaker is, from 0, its place, to 1, shape (samples,): it moves in 0.1 s, in each spoken text."""
    rng, place = np.random.default_rng(samples), np.zeros(samples)
    for number, (start, end, _) in enumerate(spoken, start=1):
        place[round((start + rng.uniform(0.2, 0.7) * (end - start)) * RATE) :] = number % 2
    return np.convolve(place, np.ones(RATE // 10) / (RATE // 10), "same")


def _loud(sound: Sound) -> Sound:
    """Scale to ``LEVEL`` where there is speech."""
    power = np.convolve(sound**2, np.ones(320) / 320, "same")
    loudness: Sound = sound * LEVEL / np.sqrt(power[power > power.max() / 1000].mean())
    return loudness
