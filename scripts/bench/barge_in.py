"""Speaking over the assistant: its own voice does nothing, and what somebody says meanwhile is heard.

    python scripts/bench/barge_in.py [--split test|validation] [--trials 105] [--every 1]
        [--cancellers kalman,webrtc,none] [--clocks PPM]

A loudspeaker beside the microphone speaks the pack's prompts into simulated bedrooms, through a driver that distorts a
little; a test voice says a command in the middle of it, from the bed, just as loud at the microphone. Everything goes
through the real ears and their decision, with each canceller of echo and without. `--live N`: N commands to the
installed program in the virtual bedroom, through real PortAudio (PulseAudio and flite are needed). Needs the extra
`bench`. Prints one JSON object last.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyroomacoustics
import soxr
from reply import spoken
from rich.console import Console
from rich.progress import track
from scipy.signal import fftconvolve
from voices import LEVEL, Sound, voices

from nightvoice.audio.echo import EchoCanceller
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, Frame, Samples
from nightvoice.cli.voice import make_cache
from nightvoice.cli.wiring import make_ears, make_understanding
from nightvoice.config import Config
from nightvoice.content import load_pack
from nightvoice.content.prompts import prompts
from nightvoice.listening.decision import Verdict
from nightvoice.listening.ears import Ears

COMMANDS = [
    "next", "stop", "it's gone", "worse", "help", "wait", "slower", "louder", "go back", "continue", "repeat", "yes",
    "no", "it's better", "quieter",
]  # fmt: skip
STATE = "guiding"
ROOMS = 6
PAUSE_S = 1.0
"""Between two prompts."""
LONG_S = 2.5
"""Only prompts so long are spoken over: there is time for a word."""
_stderr = Console(stderr=True)
Clean = Callable[[Frame, Sound], Frame]
"""A canceller: what is heard, what is played meanwhile; what is left."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the loudspeaker plays, what the microphone hears, and which prompt (start, end, text) is spoken when."""

    played: Sound
    heard: Samples
    spoken: list[tuple[float, float, str]]


class Bedroom:
    """Somebody in bed, a microphone beside it, a loudspeaker 10 to 60 cm from the microphone."""

    def __init__(self, number: int) -> None:
        rng = np.random.default_rng(100 + number)
        size = rng.uniform([3, 3, 2.4], [4.5, 4.5, 2.7])
        absorption, order = pyroomacoustics.inverse_sabine(rng.uniform(0.25, 0.5), size)
        room = pyroomacoustics.ShoeBox(
            size, fs=RATE, materials=pyroomacoustics.Material(absorption), max_order=min(order, 12)
        )
        head = rng.uniform([0.5, 0.5, 0.6], [size[0] - 1.5, size[1] - 1.5, 0.8])
        microphone = head + rng.uniform([0.4, 0.3, -0.1], [1.2, 1.0, 0.1])
        room.add_source(head)
        room.add_source(microphone + rng.uniform([0.05, 0.05, 0], [0.4, 0.4, 0.2]))
        room.add_microphone(microphone)
        room.compute_rir()
        self._from_bed, self._from_loudspeaker = room.rir[0]
        self._delay = int(rng.uniform(0.03, 0.2) * RATE)
        """Of the devices."""

    def scene(
        self, texts: list[str], speech: Callable[[str], Sound], said: Sound | None, at: float, ppm: float
    ) -> Scene:
        """``texts`` one after the other; ``said`` at the share ``at`` of the last of them."""
        parts, times, now = [], [], 0.0
        for text in texts:
            parts += [speech(text), np.zeros(round(PAUSE_S * RATE))]
            times.append((now, now + len(parts[-2]) / RATE, text))
            now += (len(parts[-2]) + len(parts[-1])) / RATE
        played = np.concatenate(parts)
        strongest = np.abs(played).max()
        driven = np.tanh(played / strongest) * strongest + 0.02 * np.abs(played) * played / strongest
        echo = fftconvolve(driven, self._from_loudspeaker)[: len(played)]
        echo = np.concatenate([np.zeros(self._delay), _loud(echo)])[: len(played)]
        if ppm:
            echo = np.interp(np.arange(len(echo)) * (1 + ppm * 1e-6), np.arange(len(echo)), echo)
        heard = echo + np.random.default_rng(0).normal(0, 6, len(echo))
        if said is not None:
            words = _loud(fftconvolve(said, self._from_bed))
            start = int((times[-1][0] + at * (times[-1][1] - times[-1][0])) * RATE)
            words = words[: len(heard) - start]
            heard[start : start + len(words)] += words
        return Scene(played, np.clip(np.round(heard), -32767, 32767).astype(np.int16), times)

    def alone(self, said: Sound) -> Samples:
        """A second of a quiet room, ``said`` from the bed, another second."""
        words = np.pad(_loud(fftconvolve(said, self._from_bed)), RATE)
        return np.round(words + np.random.default_rng(0).normal(0, 6, len(words))).astype(np.int16)

    def end_of(self, said: Sound, scene: Scene, at: float) -> float:
        """When the last word of ``said`` has reached the microphone."""
        start, end, _ = scene.spoken[-1]
        direct = int(np.argmax(np.abs(self._from_bed)))
        return start + at * (end - start) + (len(said) + direct) / RATE


def cancellers() -> dict[str, Callable[[], Clean]]:
    """By name, each made anew for each night."""
    found: dict[str, Callable[[], Clean]] = {"kalman": _kalman, "none": lambda: lambda heard, played: heard}
    try:
        from livekit.rtc.apm import AudioProcessingModule  # noqa: PLC0415 - of the extra `bench`
    except ImportError:
        print("webrtc is left out: pip install 'nightvoice[bench]'", file=sys.stderr)
        return found
    more = {"": {}, ", noise": {"noise_suppression": True}, ", gain": {"auto_gain_control": True}}
    for name, options in more.items():
        found[f"webrtc{name}"] = lambda o=options: _webrtc(AudioProcessingModule(echo_cancellation=True, **o))
    return found


def _kalman() -> Clean:
    canceller = EchoCanceller(RATE)

    def clean(heard: Frame, played: Sound) -> Frame:
        canceller.played((played / 32768).astype(np.float32))
        return canceller.clean(heard)

    return clean


def _webrtc(module: Any) -> Clean:
    from livekit.rtc import AudioFrame  # noqa: PLC0415

    waiting, out = [np.zeros(0, np.int16), np.zeros(0, np.int16)], np.zeros(128, np.int16)

    def clean(heard: Frame, played: Sound) -> Frame:
        nonlocal waiting, out
        waiting = [
            np.concatenate([one, two]) for one, two in zip(waiting, (heard, played.astype(np.int16)), strict=True)
        ]
        while len(waiting[0]) >= 160:
            near, far = (AudioFrame(bytearray(w[:160].tobytes()), RATE, 1, 160) for w in waiting)
            module.process_reverse_stream(far)
            module.process_stream(near)
            out = np.concatenate([out, np.frombuffer(near.data, np.int16)])
            waiting = [w[160:] for w in waiting]
        found, out = out[:FRAME_SAMPLES], out[FRAME_SAMPLES:]
        return found

    return clean


def cleaned(scene: Scene, clean: Clean) -> tuple[Samples, float]:
    """What is left, and the share of one core."""
    begun = time.process_time()
    left = [
        clean(scene.heard[i : i + FRAME_SAMPLES], scene.played[i : i + FRAME_SAMPLES])
        for i in range(0, len(scene.heard) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    ]
    return np.concatenate(left), (time.process_time() - begun) / (len(scene.heard) / RATE)


def heard(ears: Ears, scene: Scene, sound: Samples, since: float) -> Iterator[tuple[float, str]]:
    """(time, intent) of all that is acted on from ``since`` on, the ears driven as the assistant drives them."""
    silence = np.random.default_rng(1).normal(0, 6, RATE).astype(np.int16)
    sound, speaking = np.concatenate([sound, silence]), None
    first = int(since / FRAME_S) * FRAME_SAMPLES
    for start in range(first, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        now = start / RATE
        before, speaking = speaking, next((text for one, two, text in scene.spoken if one <= now < two), None)
        if before is not None and speaking != before:
            ears.spoke()
        perception = ears.hear(sound[start : start + FRAME_SAMPLES], STATE, speaking)
        if perception is not None and perception.verdict is Verdict.HEARD:
            yield now + FRAME_S, perception.intent


def self_triggers(names: list[str], every: int) -> dict[str, float]:
    """All prompts, eight a night: what the ears take for a command."""
    speech, ears, known = _speech(), make_ears(Config()), cancellers()
    texts = _prompts()[::every]
    found: dict[str, float] = {"prompts": len(texts)}
    for name in names:
        count, less, used, seconds = 0, [], 0.0, 0.0
        nights = [texts[i : i + 8] for i in range(0, len(texts), 8)]
        for number, night in enumerate(track(nights, f"own voice, {name}", console=_stderr)):
            scene = Bedroom(number % ROOMS).scene(night, speech, None, 0, 0)
            left, share = cleaned(scene, known[name]())
            used, seconds = used + share * len(left), seconds + len(left)
            for at, intent in heard(ears, scene, left, 0):
                count += 1
                print(f"  {name}: took its own voice for {intent}, {at:.1f} s into {night}", file=sys.stderr)
            first, then = _less(scene, left, 0, 2), _less(scene, left, 6, 60)
            less.append((first, then))
        found |= {
            f"{name}: self-triggers": count,
            f"{name}: echo return loss enhancement, first 2 s (dB)": float(np.median([f for f, _ in less])),
            f"{name}: the same from 6 s on": float(np.median([t for _, t in less])),
            f"{name}: share of one core while speaking": used / seconds,
        }
    return found


def barge_in(split: str, names: list[str], trials: int, ppm: float) -> dict[str, float]:
    """Commands over the second prompt of an episode."""
    speech, ears, understanding, known = _speech(), make_ears(Config()), make_understanding(Config()), cancellers()
    rng, said_by = np.random.default_rng(5), voices(split)
    first = ROOMS if split == "validation" else 0  # in other rooms
    texts = [text for text in _prompts() if len(speech(text)) > LONG_S * RATE]
    right: dict[str, list[bool]] = {}
    wrong: dict[str, list[bool]] = {}
    after: dict[str, list[float]] = {}
    every = [(command, voice) for voice in said_by for command in COMMANDS]
    for number in track(range(trials), "commands", console=_stderr):
        command, voice = every[number * len(every) // trials]
        said, bedroom, at = said_by[voice](command), Bedroom(first + number % ROOMS), rng.uniform(0.2, 0.6)
        scene = bedroom.scene([*rng.choice(texts, 2)], speech, said, at, ppm * (1 if number % 2 else -1))
        start = scene.spoken[-1][0] + at * (scene.spoken[-1][1] - scene.spoken[-1][0])
        meaning = understanding.understand(command, STATE)
        assert meaning is not None, f'"{command}" is not understood while {STATE}'
        for name in ["without echo", *names]:
            if name == "without echo":
                found = list(heard(ears, Scene(np.zeros(0), bedroom.alone(said), []), bedroom.alone(said), 0))
            else:
                left, _ = cleaned(scene, known[name]())
                found = [f for f in heard(ears, scene, left, scene.spoken[-1][0] - PAUSE_S) if f[0] > start]
            good = [t for t, intent in found if intent == meaning.intent]
            for group in (name, f"{name}, {voice}", f'{name}, "{command}"'):
                right.setdefault(group, []).append(bool(good))
            wrong.setdefault(name, []).append(any(intent != meaning.intent for _, intent in found))
            if good and name != "without echo":
                after.setdefault(name, []).append(good[0] - bedroom.end_of(said, scene, at))
    figures = {f"heard, {group}": float(np.mean(r)) for group, r in right.items()}
    figures |= {f"taken for another, {name}": float(np.mean(w)) for name, w in wrong.items()}
    for name, times in after.items():
        p50, p95 = np.percentile(times, [50, 95])
        figures |= {f"{name}: seconds from the word's end to the decision, median": p50, f"{name}: the same, p95": p95}
    return figures


def live(trials: int) -> dict[str, float]:
    """The installed program: commands while it asks where the cramp is, the echo as loud as the person."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "bedroom"))
    from program import Program  # noqa: PLC0415
    from virtual_room import VirtualRoom, find  # noqa: PLC0415

    hits: list[bool] = []
    stopped: list[float] = []
    with tempfile.TemporaryDirectory() as folder, VirtualRoom(echo=0.7) as room:
        wav = Path(folder) / "phrase.wav"
        cramp, stop = spoken("I have a cramp in my left calf", wav), spoken("stop", wav)
        with Program(room, Path(folder) / "diary.sqlite") as program:
            program.wait_for("listening")
            for _ in track(range(trials), "live", console=_stderr):
                time.sleep(1)
                room.say(*cramp)
                said = program.wait_for("said", seconds=20)
                while said["end"] - said["start"] < LONG_S:
                    said = program.wait_for("said", seconds=60)
                tape = room.record()
                time.sleep(0.5)
                loudness = np.sqrt(np.mean(tape.peek().room.astype(float) ** 2))
                room.say(
                    (stop[0] * (loudness / np.sqrt(np.mean(stop[0].astype(float) ** 2)))).astype(np.int16), stop[1]
                )
                try:
                    program.wait_for("interrupted", seconds=2)
                except AssertionError:
                    hits.append(False)
                    tape.stop()
                    room.say(*stop)
                else:
                    hits.append(True)
                    time.sleep(0.5)
                    recorded = tape.stop()
                    _, end = find(stop[0], stop[1], recorded.room)
                    loud = np.abs(recorded.speaker[end : end + RATE * 3 * 2].astype(int)) > 100
                    gap = np.convolve(loud, np.ones(4800), "valid") == 0
                    stopped.append(float(np.argmax(gap)) / 48_000)
                program.wait_for("episode_closed", seconds=120)
    figures = {"live: trials": float(len(hits)), "live: stop heard over its own speech": float(np.mean(hits))}
    if stopped:
        p50, p95 = np.percentile(stopped, [50, 95])
        figures |= {"live: seconds from the word's end to silence, median": p50, "live: the same, p95": p95}
    return figures


def _loud(sound: Sound) -> Sound:
    """As loud as ``LEVEL`` where there is speech."""
    power = np.convolve(sound**2, np.ones(320) / 320, "same")
    loudness: Sound = sound * LEVEL / np.sqrt(power[power > power.max() / 1000].mean())
    return loudness


def _less(scene: Scene, left: Samples, start: float, end: float) -> float:
    """Decibels by which ``left`` is weaker than what was heard, where something was heard."""
    part = slice(round(start * RATE), min(len(left), round(end * RATE)))
    before, after = (np.mean(s[part].astype(float) ** 2) for s in (scene.heard, left))
    return float(10 * np.log10(before / max(after, 1e-3)))


def _prompts() -> list[str]:
    return prompts(load_pack("en"), Config().safety.emergency_number)


def _speech() -> Callable[[str], Sound]:
    cache = make_cache(Config())

    def say(text: str) -> Sound:
        speech = cache.get(text)
        return soxr.resample(speech.samples.astype(float), speech.rate, RATE)

    return say


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--trials", type=int, default=105, help="commands over its own speech")
    options.add_argument("--split", choices=["test", "validation"], default="test", help="of the voices, to choose by")
    options.add_argument("--every", type=int, default=1, help="only each so many'th prompt for the self-triggers")
    options.add_argument("--cancellers", default="kalman,webrtc,none", help="also: 'webrtc, noise' and 'webrtc, gain'")
    options.add_argument("--clocks", type=float, default=0, help="difference of the devices' clocks, in ppm")
    options.add_argument("--live", type=int, default=0, help="commands in the virtual bedroom, instead of all else")
    chosen = options.parse_args()
    known = cancellers()
    names = [name for name in chosen.cancellers.replace(", ", "; ").split(",") if name.replace("; ", ", ") in known]
    names = [name.replace("; ", ", ") for name in names]
    if chosen.live:
        figures = live(chosen.live)
    else:
        figures = barge_in(chosen.split, names, chosen.trials, chosen.clocks) | self_triggers(names, chosen.every)
    for name, value in figures.items():
        print(f"{value:9.3f}  {name}")
    print(json.dumps({"benchmark": "barge_in", **figures}))


if __name__ == "__main__":
    main()
