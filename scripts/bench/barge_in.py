"""Barge-in: the assistant's own voice must trigger nothing, and commands spoken over it must be heard.

    python scripts/bench/barge_in.py [--split test|validation] [--trials 105] [--every 1]
        [--cancellers kalman,webrtc,none] [--clocks PPM] [--pause SECONDS] [--prompts 2] [--louder DB] [--moved]
        [--rooms FIRST]

A loudspeaker beside the microphone speaks the pack's prompts into simulated bedrooms, through a driver that distorts a
little; a test voice says a command in the middle of it, from the bed, just as loud at the microphone unless told
otherwise. Everything goes through the real ears and their decision, with each canceller of echo and without. Needs the
extra `bench`. Prints one JSON object last. barge_in_live.py tries the installed program.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import soxr
from rich.console import Console
from rich.progress import track

from nightvoice.assembly import build_pipeline, build_prompt_cache, build_recognizer
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE
from nightvoice.config.schema import Config
from nightvoice.content.loader import load_pack
from nightvoice.content.prompts import prompts
from nightvoice.listening.decision import Verdict
from nightvoice.listening.pipeline import SpeechPipeline
from scripts.bench.cancellers import Cleaned, cancellers, cleaned, reduction
from scripts.bench.echoing_room import Devices, EchoingRoom, Scene
from scripts.bench.voices import Sound, voices

COMMANDS = [
    "next", "stop", "it's gone", "worse", "help", "wait", "slower", "louder", "go back", "continue", "repeat", "yes",
    "no", "it's better", "quieter",
]  # fmt: skip
STATE = "guiding"
ROOMS = 6
LONG_S = 2.5
"""Minimum length in seconds of a prompt that is spoken over, so that there is time for a word."""
LEAD_S = 1.0
"""Seconds before the last prompt at which listening starts."""
_stderr = Console(stderr=True)


def heard(ears: SpeechPipeline, scene: Scene, left: Cleaned, since: float) -> Iterator[tuple[float, str]]:
    """(time, intent) of everything acted on from ``since`` on, with the pipeline driven as the assistant drives it."""
    silence = np.random.default_rng(1).normal(0, 6, RATE).astype(np.int16)
    sound, speaking = np.concatenate([left.sound, silence]), None
    first = int(since / FRAME_S) * FRAME_SAMPLES
    ears.forget()  # the last trial may have been the same command
    for start in range(first, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        now = start / RATE
        before, speaking = speaking, next((text for one, two, text in scene.spoken if one <= now < two), None)
        if before is not None and speaking != before:
            ears.on_playback_end()
        frame = start // FRAME_SAMPLES
        if frame < len(left.is_echo) and left.is_echo[frame]:
            ears.on_own_voice()
        perception = ears.hear(sound[start : start + FRAME_SAMPLES], STATE, speaking)
        if perception is not None and perception.verdict is Verdict.HEARD:
            yield now + FRAME_S, perception.intent


def self_triggers(names: list[str], every: int, devices: Devices, first_room: int) -> dict[str, float]:
    """False commands over all prompts, eight a night."""
    speech, ears, known = _speech(), build_pipeline(Config()), cancellers()
    texts = _prompts()[::every]
    found: dict[str, float] = {"prompts": len(texts)}
    for name in names:
        count, less, starts, used, seconds = 0, [], [], 0.0, 0.0
        nights = [texts[i : i + 8] for i in range(0, len(texts), 8)]
        for number, night in enumerate(track(nights, f"own voice, {name}", console=_stderr)):
            room = EchoingRoom(first_room + number % ROOMS)
            scene = room.scene(night, speech, None, 0, _either_way(devices, number))
            left = cleaned(scene, known[name]())
            used, seconds = used + left.share * len(left.sound), seconds + len(left.sound)
            for at, intent in heard(ears, scene, left, 0):
                count += 1
                print(f"  {name}: took its own voice for {intent}, {at:.1f} s into {night}", file=sys.stderr)
            first, then = reduction(scene, left.sound, 0, 2), reduction(scene, left.sound, 6, 60)
            less.append((first, then))
            starts += [reduction(scene, left.sound, start, start + 1) for start, _, _ in scene.spoken[1:]]
        found |= {
            f"{name}: self-triggers": count,
            f"{name}: echo return loss enhancement, first 2 s (dB)": float(np.median([f for f, _ in less])),
            f"{name}: the same from 6 s on": float(np.median([t for _, t in less])),
            f"{name}: the same in a later prompt's first second": float(np.median(starts)),
            f"{name}: the same, of a tenth of them less than": float(np.percentile(starts, 10)),
            f"{name}: share of one core while speaking": used / seconds,
        }
    return found


def barge_in(
    split: str, names: list[str], trials: int, devices: Devices, count: int, first_room: int
) -> dict[str, float]:
    """Recognised commands, spoken over the last of several prompts of an episode."""
    speech, ears, understanding, known = _speech(), build_pipeline(Config()), build_recognizer(Config()), cancellers()
    rng, said_by = np.random.default_rng(5), voices(split)
    texts = [text for text in _prompts() if len(speech(text)) > LONG_S * RATE]
    right: dict[str, list[bool]] = {}
    wrong: dict[str, list[bool]] = {}
    after: dict[str, list[float]] = {}
    every = [(command, voice) for voice in said_by for command in COMMANDS]
    for number in track(range(trials), "commands", console=_stderr):
        command, voice = every[number * len(every) // trials]
        said, bedroom, at = said_by[voice](command), EchoingRoom(first_room + number % ROOMS), rng.uniform(0.2, 0.6)
        scene = bedroom.scene([*rng.choice(texts, count)], speech, said, at, _either_way(devices, number))
        start = scene.spoken[-1][0] + at * (scene.spoken[-1][1] - scene.spoken[-1][0])
        meaning = understanding.recognize(command, STATE)
        assert meaning is not None, f'"{command}" is not understood while {STATE}'
        for name in ["without echo", *names]:
            if name == "without echo":
                alone = bedroom.alone(said)
                found = list(heard(ears, Scene(np.zeros(0), alone, []), Cleaned(alone, []), 0))
            else:
                left = cleaned(scene, known[name]())
                found = [f for f in heard(ears, scene, left, max(0.0, scene.spoken[-1][0] - LEAD_S)) if f[0] > start]
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


def _either_way(devices: Devices, number: int) -> Devices:
    """Let the slower clock be the microphone's in one trial, the loudspeaker's in the next."""
    return replace(devices, ppm=devices.ppm * (1 if number % 2 else -1))


def _prompts() -> list[str]:
    return prompts(load_pack("en"), Config().safety.help_numbers)


def _speech() -> Callable[[str], Sound]:
    cache = build_prompt_cache(Config())

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
    options.add_argument("--pause", type=float, default=1, help="seconds between two prompts")
    options.add_argument("--prompts", type=int, default=2, help="how many; commands are said over the last")
    options.add_argument(
        "--louder", type=float, default=0, help="by how much the echo is louder than the person, in dB"
    )
    options.add_argument("--moved", action="store_true", help="the loudspeaker is moved in the middle of each prompt")
    options.add_argument("--rooms", type=int, help="the first of six rooms: 0 for the test split, 6 for validation")
    chosen = options.parse_args()
    known = cancellers()
    names = [name for name in chosen.cancellers.replace(", ", "; ").split(",") if name.replace("; ", ", ") in known]
    names = [name.replace("; ", ", ") for name in names]
    devices = Devices(chosen.clocks, chosen.pause, chosen.louder, chosen.moved)
    of_split = ROOMS if chosen.split == "validation" else 0
    first_room = of_split if chosen.rooms is None else chosen.rooms
    figures = barge_in(chosen.split, names, chosen.trials, devices, chosen.prompts, first_room)
    figures |= self_triggers(names, chosen.every, devices, first_room)
    for name, value in figures.items():
        print(f"{value:9.3f}  {name}")
    print(json.dumps({"benchmark": "barge_in", **figures}))


if __name__ == "__main__":
    main()
