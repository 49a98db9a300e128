"""An open loudspeaker, kept running between sounds, so that no sound starts late or loses its beginning.

Bluetooth and HDMI loudspeakers fall asleep in digital silence and swallow what wakes them. So every block carries
noise that is too faint to hear, and a sound waits until a newly opened loudspeaker is awake.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np
import soxr

from nightvoice.audio.devices.spec import Device, DeviceSpec
from nightvoice.audio.devices.timeouts import STALL_S, START_S
from nightvoice.audio.devices.worker import BLOCK_S, OPENED, RATES
from nightvoice.audio.devices.worker_client import WorkerClient
from nightvoice.audio.player import Block, PlaybackQueue
from nightvoice.errors import NightvoiceError

PLAYING_RATE: Final = RATES["output"]
"""Sample rate of the queue behind a loudspeaker, in Hz; devices with another rate get resampled sound."""
_BLOCK: Final = round(BLOCK_S["output"] * PLAYING_RATE)
WAKE_S: Final = 0.5
"""Seconds of sound that a sleeping loudspeaker may swallow before it plays."""
FAINT: Final = 4 / 32768
"""Peak of the noise that keeps it awake: -78 dBFS, four steps of 16 bits."""


class PlaybackStream:
    """Plays a queue (of PLAYING_RATE) on a device until closed.

    The constructor returns at once; ``wait`` checks that the device works.
    """

    def __init__(
        self, queue: PlaybackQueue, spec: DeviceSpec = None, on_played: Callable[[Block], None] | None = None
    ) -> None:
        """``on_played`` is called with every block played, in the loudspeaker's thread."""
        self.device: Device | None = None
        """The device, once it has been opened."""
        self.latency = 0.0
        """Output latency in seconds, as the device reports it."""
        self.failure: NightvoiceError | None = None
        """Why the stream has ended."""
        self._queue, self._on_played = queue, on_played
        self._worker = WorkerClient("output", spec)
        self._started = threading.Event()
        """Set once the device plays or has failed."""
        self._awake = threading.Event()
        """Set once the device has played for WAKE_S or has failed."""
        self._dead_at = time.monotonic() + START_S
        """Deadline for the device's next request."""
        self._thread = threading.Thread(target=self._run, name="loudspeaker", daemon=True)
        self._thread.start()

    def wait(self) -> Device:
        """Wait until the device plays and is awake. Raises NightvoiceError if it does not play."""
        if not (self._started.wait(START_S) and self._awake.wait(STALL_S)) or self.failure is not None:
            self.close()
            raise self.failure or NightvoiceError("the loudspeaker takes no sound: is it plugged in?")
        assert self.device is not None
        return self.device

    def is_dead(self) -> bool:
        """Whether the device must be reopened."""
        return self.failure is not None or time.monotonic() > self._dead_at

    def close(self) -> None:
        self._worker.kill()
        self._thread.join(1)
        if not self._thread.is_alive():
            self._worker.close()

    def is_playing(self) -> bool:
        """Whether the device is taking samples from the queue."""
        return self._started.is_set() and not self.is_dead()

    def _run(self) -> None:
        try:
            self._play()
        except NightvoiceError as error:
            self.failure = error
            self._started.set()
            self._awake.set()

    def _play(self) -> None:
        opened: dict[str, int] = {}
        resampler, played = None, 0.0
        random = np.random.default_rng()
        while (message := self._worker.receive(None)) is not None:
            if message.startswith(OPENED):
                opened = json.loads(message[1:])
                self.device, self.latency = Device(**json.loads(message[1:])["device"]), opened["latency"]
                if opened["rate"] != PLAYING_RATE:
                    resampler = soxr.ResampleStream(PLAYING_RATE, opened["rate"], 1, dtype="float32")
                continue
            self._dead_at = time.monotonic() + STALL_S
            self._started.set()
            block = self._queue.pull(_BLOCK)
            if self._on_played is not None:
                self._on_played(block)
            played += BLOCK_S["output"]
            if played >= WAKE_S:
                self._awake.set()
            block = block + random.uniform(-FAINT, FAINT, _BLOCK).astype(np.float32)
            if resampler is not None:
                block = resampler.resample_chunk(block)
            self._worker.send(np.repeat(block, opened["channels"]).tobytes())
