"""Microphone and loudspeaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nightvoice.cli.doctor.check import NotGoodError

if TYPE_CHECKING:
    from nightvoice.audio.devices.microphone import CaptureStream
    from nightvoice.audio.frames import Samples
    from nightvoice.audio.levels import SoundLevels
    from nightvoice.config.schema import Config

LISTEN_S = 2.0
"""Seconds of the room that the level is measured over."""
LOUD_ROOM_DBFS = -35.0
"""A noise floor above this drowns a sleepy voice."""
CLIPPED = 0.001
"""A larger share of samples at full scale is no accident."""


def microphone(config: Config) -> str:
    from nightvoice.audio.devices import listing

    return listing.find_device(config.audio.input_device, "input").name


def level(config: Config) -> str:
    levels = _measure(config)
    measured = f"noise floor {levels.noise_floor:.0f} dBFS, loudest {levels.peak:.0f} dBFS"
    if levels.peak <= -90:
        raise NotGoodError("nothing but silence comes from the microphone: it is muted or off")
    if levels.clipped > CLIPPED:
        raise NotGoodError(f"too loud, {levels.clipped:.1%} of it is clipped: {measured}", vital=False)
    if levels.noise_floor > LOUD_ROOM_DBFS:
        raise NotGoodError(f"the room or the microphone is noisy: {measured}", vital=False)
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
    # The first moments of an opened device are often silence.
    return measure(heard[len(heard) // 4 :])


def record(microphone: CaptureStream, seconds: float) -> Samples:
    """What it hears in that time. Raises NotGoodError where that is nothing."""
    import numpy as np

    from nightvoice.audio.frames import FRAME_S

    frames = [frame for _ in range(round(seconds / FRAME_S)) if (frame := microphone.take(0.5)) is not None]
    if not frames:
        raise NotGoodError("the microphone gives no sound at all")
    return np.concatenate(frames)
