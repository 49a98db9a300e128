"""An open loudspeaker: it plays what the player gives, else silence, and stays open, so that no first sound is late."""

import threading
import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.devices import PATIENCE_S, START_S, Device, close, portaudio, settings
from nightvoice.audio.player import Player
from nightvoice.errors import NightvoiceError

PREFERRED_RATE: Final = 48_000
_BLOCK_S: Final = 0.01


class Loudspeaker:
    """Plays from ``player`` on ``device`` until closed. Raises NightvoiceError where it cannot be opened."""

    def __init__(self, device: Device, player: Player) -> None:
        self.device = device
        self._pulled_at = 0.0
        self._player = player
        self._started = threading.Event()
        _, channels = settings(device, "output", rates=(player.rate,))
        sd = portaudio()
        try:
            self._stream = sd.OutputStream(
                device=device.index,
                samplerate=player.rate,
                channels=channels,
                dtype="float32",
                blocksize=round(_BLOCK_S * player.rate),
                latency="low",
                callback=self._fill,
            )
            self._stream.start()
        except sd.PortAudioError as error:
            raise NightvoiceError(
                f"loudspeaker {device.name!r} cannot be opened ({error}): is it plugged in and free? "
                "Run: nightvoice doctor"
            ) from error
        if not self._started.wait(START_S):
            self.close()
            raise NightvoiceError(
                f"loudspeaker {device.name!r} takes no sound: is it plugged in? Run: nightvoice doctor"
            )

    @property
    def latency(self) -> float:
        """Seconds from the player to the air, as the device tells."""
        return float(self._stream.latency)

    def is_dead(self) -> bool:
        """Whether the device has asked for no sound for PATIENCE_S."""
        return time.monotonic() - self._pulled_at > PATIENCE_S

    def close(self) -> None:
        close(self._stream)

    def _fill(self, out: NDArray[np.float32], n: int, _time: Any, _status: Any) -> None:
        """Called by PortAudio in its own thread; ``out`` has shape (n, channels)."""
        self._pulled_at = time.monotonic()
        self._started.set()
        out[:] = self._player.pull(n)[:, None]


def playing_rate(device: Device) -> int:
    """The rate at which to play on ``device``."""
    rate, _ = settings(device, "output", rates=(PREFERRED_RATE,))
    return rate
