"""Checks that make sound: echo of the loudspeaker, and recognition of a person in bed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nightvoice.cli.doctor.check import CheckFailedError, HealthCheck
from nightvoice.cli.doctor.hearing import prompt_text
from nightvoice.cli.doctor.sound import record, waiting

if TYPE_CHECKING:
    from nightvoice.audio.frames import Samples
    from nightvoice.config.schema import Config
    from nightvoice.speaking.voice import Speech

ANSWER_S = 10.0
"""Seconds to wait for the phrase."""
ECHO_TAIL_S = 1.0
"""Seconds to keep recording after playback."""
MIN_CORRELATION = 0.2
"""Lowest correlation at which the recorded sound counts as the played one."""


def health_checks() -> list[HealthCheck]:
    """Return the checks that make a sound or ask for one."""
    return [
        HealthCheck("echo", echo, "turn the loudspeaker on and up, or move the microphone nearer"),
        HealthCheck("your voice", your_voice, "speak nearer to the microphone, and run: nightvoice calibrate"),
    ]


def echo(config: Config) -> str:
    """Measure delay and level of the assistant's voice in the microphone."""
    import numpy as np
    import soxr

    from nightvoice.assembly import build_prompt_cache
    from nightvoice.audio.frames import RATE

    speech = build_prompt_cache(config).get(prompt_text(config))
    heard = _recorded(config, speech).astype(np.float64)
    played = soxr.resample(speech.samples, speech.rate, RATE).astype(np.float64) * config.audio.night_volume
    size = 1 << (len(heard) + len(played)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size)), size)[: len(heard)]
    delay = int(np.argmax(np.abs(likeness)))
    part = heard[delay : delay + len(played)]
    alike = abs(likeness[delay]) / max(float(np.linalg.norm(part) * np.linalg.norm(played)), 1.0)
    if alike < MIN_CORRELATION:
        raise CheckFailedError("the microphone does not hear the loudspeaker; is it on?", vital=False)
    strength = 20 * np.log10(abs(likeness[delay]) / float(played @ played))
    return f"the voice arrives after {1000 * delay / RATE:.0f} ms, {strength:+.0f} dB"


def your_voice(config: Config) -> str:
    """Ask for the phrase aloud and report how well it was recognised."""
    from contextlib import closing

    from nightvoice import assembly
    from nightvoice.audio.live import LiveAudio
    from nightvoice.cli.calibrate import listen_for_cramp, speaker
    from nightvoice.night.bedside import sole_listener

    ears = assembly.build_pipeline(config, cramps_only=True)
    with (
        sole_listener("nightvoice doctor --aloud"),
        closing(LiveAudio(config.audio.input_device, config.audio.output_device)) as room,
    ):
        frames = room.frames()
        speaker(room, config)(prompt_text(config), ears, frames)
        margin = max(listen_for_cramp(ears, frames, ANSWER_S, until_one=True), default=None)
    if margin is None:
        raise CheckFailedError("nobody was heard saying: I have a cramp", vital=False)
    if margin < 0:
        raise CheckFailedError(f"nearly heard, {-margin:.2f} below the bar", vital=False)
    return f"heard, {margin:.2f} above the bar"


def _recorded(config: Config, speech: Speech) -> Samples:
    """Record the microphone while ``speech`` is played, starting when playback is requested."""
    from nightvoice.audio.devices.microphone import CaptureStream
    from nightvoice.audio.devices.speaker import PLAYING_RATE, PlaybackStream
    from nightvoice.audio.player import PlaybackQueue

    player = PlaybackQueue(PLAYING_RATE)
    loudspeaker, microphone = (
        PlaybackStream(player, config.audio.output_device),
        CaptureStream(config.audio.input_device),
    )
    try:
        loudspeaker.wait()
        microphone.wait()
        waiting(microphone)
        player.play(speech.samples, speech.rate, config.audio.night_volume)
        return record(microphone, speech.seconds + ECHO_TAIL_S)
    finally:
        loudspeaker.close()
        microphone.close()
