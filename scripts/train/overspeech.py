"""Speech over the assistant's voice, after the echo canceller. All at 16 kHz."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import soxr
from scipy.signal import fftconvolve

from nightvoice.assembly import build_prompt_cache
from nightvoice.audio.aec.canceller import EchoCanceller
from nightvoice.audio.frames import FRAME_SAMPLES
from nightvoice.config.schema import Config
from nightvoice.content.loader import load_pack
from nightvoice.content.prompts import prompts
from scripts.train.augment import RATE, Night, Sound, loudness, piece, shoebox
from scripts.train.dataset import Clip, as_in, chain

ALONE = 0.12
"""Share of the prompts over which nobody speaks."""
PAUSE = RATE // 2
"""Samples between two prompts."""
SHORTEST = 2 * RATE
"""Samples of a prompt that is spoken over."""


@cache
def _texts() -> Sequence[str]:
    return prompts(load_pack("en"), Config().safety.help_numbers)


_voice = cache(lambda: build_prompt_cache(Config()))


def _prompt(rng: np.random.Generator) -> Sound:
    """A random prompt that is long enough to speak a word over."""
    while True:
        speech = _voice().get(_texts()[int(rng.integers(len(_texts())))])
        sound = np.asarray(soxr.resample(speech.samples.astype(np.float32), speech.rate, RATE), dtype=np.float32)
        if sound.size >= SHORTEST:
            return sound / np.abs(sound).max()


class Bedside:
    """A person in bed, a microphone beside it, a loudspeaker close by, and an echo canceller."""

    def __init__(self, rng: np.random.Generator) -> None:
        size = rng.uniform([2.8, 2.8, 2.3], [5, 4.5, 2.8])
        room = shoebox(size, rng.uniform(0.22, 0.55))
        head = rng.uniform([0.4, 0.4, 0.5], [size[0] - 1.6, size[1] - 1.6, 0.9])
        microphone = head + rng.uniform([0.3, 0.2, -0.2], [1.2, 1.1, 0.3])
        room.add_source(head)
        room.add_source(np.minimum(microphone + rng.uniform([0.05, 0.05, -0.1], [0.4, 0.4, 0.2]), size - 0.05))
        room.add_microphone(microphone)
        room.compute_rir()
        self._from_bed, self._from_loudspeaker = room.rir[0]
        self._delay = int(rng.uniform(0.02, 0.25) * RATE)
        """Latency of the devices."""
        self._level = 10 ** (rng.uniform(-38, -14) / 20)
        """Of the echo."""
        self._drive = rng.uniform(0.3, 1.2)
        """Drive level of the loudspeaker, which distorts."""
        self._canceller = EchoCanceller(RATE)

    def left_of(self, played: Sound, said: Sound, start: int, noise: Sound) -> Sound:
        """``played``, with ``said`` (as loud as is wanted beside an echo of loudness 1) from ``start`` on; the same
        length is left."""
        driven = np.tanh(self._drive * played) / self._drive + 0.02 * np.abs(played) * played
        echo = np.pad(fftconvolve(driven, self._from_loudspeaker), (self._delay, 0))[: played.size]
        heard = echo / max(loudness(echo), 1e-6) + noise
        if said.size:
            words = fftconvolve(said, self._from_bed)[: played.size - start]
            heard[start : start + words.size] += words * loudness(said) / max(loudness(words), 1e-6)
        frames = np.clip(heard * self._level * 32768, -32767, 32767).astype(np.int16)
        left = []
        for at in range(0, played.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
            self._canceller.push_far_end(played[at : at + FRAME_SAMPLES])
            left.append(self._canceller.process(frames[at : at + FRAME_SAMPLES]))
        return np.concatenate(left).astype(np.float32) / 32768


def overspoken(clips: Sequence[Clip], night: Night, rng: np.random.Generator) -> Iterator[tuple[Clip, Sound]]:
    """Each clip over a prompt of its own, in one bedroom after another; sometimes a prompt alone (noise)."""
    for number, clip in enumerate(clips):
        if number % 20 == 0:
            bedside = Bedside(rng)
            bedside.left_of(_prompt(rng), np.zeros(0, np.float32), 0, np.float32(0.0))  # the echo is learnt
        sound, _ = as_in("echo", night, chain(clip.files, rng), clip.group, rng)
        alone = rng.uniform() < ALONE
        said = np.zeros(0, np.float32) if alone else sound * (10 ** (rng.uniform(-5, 8) / 20) / loudness(sound))
        prompt = _prompt(rng)
        start = int(rng.uniform(0.1, 0.9) * prompt.size)
        played = np.pad(prompt, (0, max(PAUSE, start + sound.size + PAUSE - prompt.size)))
        noise = piece(night.noises, played.size, rng)
        noise = noise * (10 ** (-rng.uniform(5, 45) / 20) / max(loudness(noise), 1e-6))
        left = bedside.left_of(played, said, start, noise)
        first = max(0, start - int(rng.uniform(0.05, 0.8) * RATE))
        last = start + sound.size + int(rng.uniform(0.05, 0.4) * RATE)
        yield Clip((), "noise", "prompt") if alone else clip, left[first:last]
