"""The echo cancellers to compare: ours, WebRTC's (extra `bench`), and none."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nightvoice.audio.aec.canceller import EchoCanceller
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Frame, Samples
from scripts.bench.echoing_room import Scene
from scripts.bench.voices import Sound

Clean = Callable[[Frame, Sound], tuple[Frame, bool]]
"""A canceller maps the microphone's frame and the frame played at that time to the cleaned frame, and to whether that
is echo all the same."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a canceller made of a scene."""

    sound: Samples
    is_echo: list[bool]
    """Of each frame, whether the canceller says that it is echo."""
    share: float = 0.0
    """Share of one core that the canceller took."""


def cancellers() -> dict[str, Callable[[], Clean]]:
    """Factories by name; each night gets a new canceller."""
    found: dict[str, Callable[[], Clean]] = {"kalman": _kalman, "none": lambda: lambda heard, played: (heard, False)}
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

    def clean(heard: Frame, played: Sound) -> tuple[Frame, bool]:
        canceller.push_far_end((played / 32768).astype(np.float32))
        return canceller.process(heard), canceller.leaves_echo

    return clean


def _webrtc(module: Any) -> Clean:
    from livekit.rtc import AudioFrame  # noqa: PLC0415

    waiting, out = [np.zeros(0, np.int16), np.zeros(0, np.int16)], np.zeros(128, np.int16)

    def clean(heard: Frame, played: Sound) -> tuple[Frame, bool]:
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
        return found, False

    return clean


def cleaned(scene: Scene, clean: Clean) -> Cleaned:
    begun = time.process_time()
    frames, echo = [], []
    for start in range(0, len(scene.heard) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        first, last = (round(at * scene.pace) for at in (start, start + FRAME_SAMPLES))
        frame, is_echo = clean(scene.heard[start : start + FRAME_SAMPLES], scene.played[first:last])
        frames.append(frame)
        echo.append(is_echo)
    return Cleaned(np.concatenate(frames), echo, (time.process_time() - begun) / (len(scene.heard) / RATE))


def reduction(scene: Scene, left: Samples, start: float, end: float) -> float:
    """Reduction in dB of ``left`` relative to the microphone's signal, where that is not silent."""
    part = slice(round(start * RATE), min(len(left), round(end * RATE)))
    before, after = (np.mean(s[part].astype(float) ** 2) for s in (scene.heard, left))
    return float(10 * np.log10(before / max(after, 1e-3)))
