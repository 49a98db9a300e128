"""Speaks one text aloud and waits for its end, for ``summary --speak``."""

import time
from typing import Final

from nightvoice.audio.devices.speaker import PLAYING_RATE, PlaybackStream
from nightvoice.audio.player import PlaybackQueue
from nightvoice.config.reader import load_config
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.speaking.registry import choose_voice
from nightvoice.speaking.voice import VoiceError

SAMPLE: Final = "I'm here. Gently pull your toes up."
"""What is said to try a loudspeaker."""


def say_aloud(text: str, config: Config | None = None) -> None:
    """Speak ``text`` with the voice, loudspeaker and night volume of ``config``, by default the configured ones.

    Raises NightvoiceError if the voice or the loudspeaker fails.
    """
    config = config or load_config()
    try:
        speech = choose_voice(config.voice.engine, config.voice.rate_wpm).render(text)
    except VoiceError as error:
        raise NightvoiceError(str(error)) from error
    queue = PlaybackQueue(PLAYING_RATE)
    loudspeaker = PlaybackStream(queue, config.audio.output_device)
    try:
        device = loudspeaker.wait()
        queue.play(speech.samples, speech.rate, config.audio.night_volume)
        while queue.busy:
            time.sleep(0.05)
            if loudspeaker.is_dead():
                raise NightvoiceError(f"loudspeaker {device.name!r} has stopped; run: nightvoice doctor")
        time.sleep(loudspeaker.latency)
    finally:
        loudspeaker.close()
