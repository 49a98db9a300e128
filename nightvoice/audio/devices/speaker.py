"""An open loudspeaker: it plays what the player gives, else silence, and stays open, so that no first sound is late."""

import json
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np
import soxr

from nightvoice.audio.devices.listing import STALL_S, START_S
from nightvoice.audio.devices.spec import Device, DeviceSpec
from nightvoice.audio.devices.worker import BLOCK_S, OPENED, RATES
from nightvoice.audio.devices.worker_client import WorkerClient
from nightvoice.audio.player import Block, PlaybackQueue
from nightvoice.errors import NightvoiceError

PLAYING_RATE: Final = RATES["output"]
"""Samples a second of the player behind a loudspeaker; a device with another rate is converted to."""
_BLOCK: Final = round(BLOCK_S["output"] * PLAYING_RATE)


class PlaybackStream:
    """Opens the device and plays on it from ``player`` (of PLAYING_RATE) until closed; returns at once."""

    def __init__(
        self, player: PlaybackQueue, wanted: DeviceSpec = None, played: Callable[[Block], None] | None = None
    ) -> None:
        """``played``: told of all that is played, in a thread of the loudspeaker's own."""
        self.device: Device | None = None
        """What was opened, as soon as that is known."""
        self.latency = 0.0
        """Seconds from the player to the air, as the device tells."""
        self.failure: NightvoiceError | None = None
        """Why it plays no more."""
        self._player, self._played = player, played
        self._link = WorkerClient("output", wanted)
        self._known = threading.Event()
        """It plays, or has failed."""
        self._patient_until = time.monotonic() + START_S
        self._thread = threading.Thread(target=self._serve, name="loudspeaker", daemon=True)
        self._thread.start()

    def wait(self) -> Device:
        """Wait until it plays. Raises NightvoiceError where it does not."""
        if not self._known.wait(START_S) or self.failure is not None:
            self.close()
            raise self.failure or NightvoiceError("the loudspeaker takes no sound: is it plugged in?")
        assert self.device is not None
        return self.device

    def is_dead(self) -> bool:
        """Whether it has to be opened again."""
        return self.failure is not None or time.monotonic() > self._patient_until

    def close(self) -> None:
        self._link.kill()
        self._thread.join(1)
        if not self._thread.is_alive():
            self._link.close()

    def plays(self) -> bool:
        """Whether it takes what the player gives."""
        return self._known.is_set() and not self.is_dead()

    def _serve(self) -> None:
        try:
            self._play()
        except NightvoiceError as error:
            self.failure = error
            self._known.set()

    def _play(self) -> None:
        opened: dict[str, int] = {}
        resampler = None
        while (message := self._link.receive(None)) is not None:
            if message.startswith(OPENED):
                opened = json.loads(message[1:])
                self.device, self.latency = Device(**json.loads(message[1:])["device"]), opened["latency"]
                if opened["rate"] != PLAYING_RATE:
                    resampler = soxr.ResampleStream(PLAYING_RATE, opened["rate"], 1, dtype="float32")
                continue
            self._patient_until = time.monotonic() + STALL_S
            self._known.set()
            block = self._player.pull(_BLOCK)
            if self._played is not None:
                self._played(block)
            if resampler is not None:
                block = resampler.resample_chunk(block)
            self._link.send(np.repeat(block, opened["channels"]).tobytes())
