"""Checks of microphone and loudspeaker."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from nightvoice.cli.doctor.check import CheckFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nightvoice.audio.devices.microphone import CaptureStream
    from nightvoice.audio.frames import Samples
    from nightvoice.audio.levels import SoundLevels
    from nightvoice.config.schema import Config

T = TypeVar("T")

LISTEN_S = 2.0
"""Seconds over which level and pace are measured."""
MAX_NOISE_DBFS = -35.0
"""Highest noise floor; louder noise masks a sleepy voice."""
MAX_PACE_ERROR = 0.05
"""Largest acceptable difference between the sound that comes in a second and a second."""
USELESS_PACE_ERROR = 0.25
"""Difference from which words cannot be understood."""
MAX_CLIPPED = 0.001
"""Largest acceptable share of samples at full scale."""


def microphone(config: Config) -> str:
    from nightvoice.audio.devices import listing

    return listing.find_device(config.audio.input_device, "input").name


def level(config: Config) -> str:
    levels = _measure(config)
    measured = f"noise floor {levels.noise_floor:.0f} dBFS, loudest {levels.peak:.0f} dBFS"
    if levels.peak <= -90:
        raise CheckFailedError("the microphone gives only silence: it is muted or off")
    if levels.clipped > MAX_CLIPPED:
        raise CheckFailedError(f"too loud, {levels.clipped:.1%} of it is clipped: {measured}", vital=False)
    if levels.noise_floor > MAX_NOISE_DBFS:
        raise CheckFailedError(f"the room or the microphone is noisy: {measured}", vital=False)
    return f"{measured}, nothing clipped"


def pace(config: Config) -> str:
    """Check that sound comes as fast as time passes; the night's clock and its counts need that."""
    share = with_microphone(config, measure_pace)
    if abs(share - 1) > MAX_PACE_ERROR:
        fault = f"{share:.2f} s of sound come in a second, so words get lost"
        raise CheckFailedError(fault, vital=abs(share - 1) > USELESS_PACE_ERROR)
    return "sound comes in real time"


def measure_pace(microphone: CaptureStream) -> float:
    """Return how many seconds of sound come in one, from burst to burst."""
    from time import monotonic

    from nightvoice.audio.frames import FRAME_S

    waiting(microphone)
    began, frames = monotonic(), 0
    while monotonic() - began < LISTEN_S and microphone.take(0.5) is not None:
        frames += 1 + waiting(microphone)
    return frames * FRAME_S / (monotonic() - began)


def waiting(microphone: CaptureStream) -> int:
    """Drop the frames that were not taken yet, and return their number."""
    frames = 0
    while microphone.take(0) is not None:
        frames += 1
    return frames


def speaker(config: Config) -> str:
    from nightvoice.audio.devices.speaker import PLAYING_RATE, PlaybackStream
    from nightvoice.audio.player import PlaybackQueue

    loudspeaker = PlaybackStream(PlaybackQueue(PLAYING_RATE), config.audio.output_device)
    try:
        return loudspeaker.wait().name
    finally:
        loudspeaker.close()


def _measure(config: Config) -> SoundLevels:
    from nightvoice.audio.levels import measure

    heard = with_microphone(config, lambda microphone: record(microphone, LISTEN_S))
    # Skip the start: many devices begin with silence.
    return measure(heard[len(heard) // 4 :])


def with_microphone(config: Config, look: Callable[[CaptureStream], T]) -> T:
    """Return what ``look`` finds with the open microphone."""
    from nightvoice.audio.devices.microphone import CaptureStream

    microphone = CaptureStream(config.audio.input_device)
    try:
        microphone.wait()
        return look(microphone)
    finally:
        microphone.close()


def record(microphone: CaptureStream, seconds: float) -> Samples:
    """Record ``seconds`` from ``microphone``. Raises CheckFailedError if it delivers no sound."""
    import numpy as np

    from nightvoice.audio.frames import FRAME_S

    frames = [frame for _ in range(round(seconds / FRAME_S)) if (frame := microphone.take(0.5)) is not None]
    if not frames:
        raise CheckFailedError("the microphone gives no sound")
    return np.concatenate(frames)
