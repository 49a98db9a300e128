"""Checks of microphone and loudspeaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nightvoice.cli.doctor.check import CheckFailedError

if TYPE_CHECKING:
    from nightvoice.audio.devices.microphone import CaptureStream
    from nightvoice.audio.frames import Samples
    from nightvoice.audio.levels import SoundLevels
    from nightvoice.config.schema import Config

LISTEN_S = 2.0
"""Seconds over which the level is measured."""
MAX_NOISE_DBFS = -35.0
"""Highest noise floor; louder noise masks a sleepy voice."""
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


def speaker(config: Config) -> str:
    from nightvoice.audio.devices.speaker import PLAYING_RATE, PlaybackStream
    from nightvoice.audio.player import PlaybackQueue

    loudspeaker = PlaybackStream(PlaybackQueue(PLAYING_RATE), config.audio.output_device)
    try:
        return loudspeaker.wait().name
    finally:
        loudspeaker.close()


def _measure(config: Config) -> SoundLevels:
    from nightvoice.audio.devices.microphone import CaptureStream
    from nightvoice.audio.levels import measure

    microphone = CaptureStream(config.audio.input_device)
    try:
        microphone.wait()
        heard = record(microphone, LISTEN_S)
    finally:
        microphone.close()
    # Skip the start: many devices begin with silence.
    return measure(heard[len(heard) // 4 :])


def record(microphone: CaptureStream, seconds: float) -> Samples:
    """Record ``seconds`` from ``microphone``. Raises CheckFailedError if it delivers no sound."""
    import numpy as np

    from nightvoice.audio.frames import FRAME_S

    frames = [frame for _ in range(round(seconds / FRAME_S)) if (frame := microphone.take(0.5)) is not None]
    if not frames:
        raise CheckFailedError("the microphone gives no sound")
    return np.concatenate(frames)
