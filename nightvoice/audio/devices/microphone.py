"""An open microphone: frames at RATE, whatever the device's own rate and channels are."""

import json
import time
from collections import deque

import numpy as np
import soxr

from nightvoice.audio.devices.listing import STALL_S, START_S
from nightvoice.audio.devices.spec import Device, DeviceSpec
from nightvoice.audio.devices.worker import OPENED
from nightvoice.audio.devices.worker_client import WorkerClient
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Frame, Samples
from nightvoice.errors import NightvoiceError


class CaptureStream:
    """Opens the device and captures from it until closed; returns at once, ``wait`` tells whether it works."""

    def __init__(self, wanted: DeviceSpec = None) -> None:
        self.device: Device | None = None
        """What was opened, as soon as that is known."""
        self.overruns = 0
        """Times that sound was lost: by the device, or because nobody took the frames."""
        self.failure: NightvoiceError | None = None
        """Why it gives no more."""
        self._link = WorkerClient("input", wanted)
        self._frames: deque[Frame] = deque()
        self._rest = np.zeros(0, dtype=np.int16)
        self._channels = 1
        self._resampler: soxr.ResampleStream | None = None
        self._patient_until = time.monotonic() + START_S

    def wait(self) -> Device:
        """Wait for its first sound. Raises NightvoiceError where there is none."""
        while not self._frames:
            if not self._hear(self._patient_until - time.monotonic()):
                self.close()
                raise self.failure or NightvoiceError("the microphone gives no sound: is it plugged in?")
        assert self.device is not None
        return self.device

    def take(self, timeout: float) -> Frame | None:
        """The next frame, or None where none came within ``timeout`` seconds (at once where it has failed)."""
        deadline = time.monotonic() + timeout
        while not self._frames:
            if not self._hear(deadline - time.monotonic()):
                return None
        return self._frames.popleft()

    def is_dead(self) -> bool:
        """Whether it has to be opened again."""
        return self.failure is not None or time.monotonic() > self._patient_until

    def close(self) -> None:
        self._link.close()

    def _hear(self, timeout: float) -> bool:
        """Take the next message; whether there was one."""
        if self.failure is not None:
            return False
        try:
            message = self._link.receive(max(0.0, timeout))
        except NightvoiceError as error:
            self.failure = error
            return False
        if message is None:
            return False
        if message.startswith(OPENED):
            self._opened(message[1:])
        else:
            self._patient_until = time.monotonic() + STALL_S
            self.overruns += message[1]
            self._cut(np.frombuffer(message, dtype=np.int16, offset=2).reshape(-1, self._channels))
        return True

    def _opened(self, message: bytes) -> None:
        opened = json.loads(message)
        self.device = Device(**opened["device"])
        self._channels = opened["channels"]
        if opened["rate"] != RATE:
            self._resampler = soxr.ResampleStream(opened["rate"], RATE, 1, dtype="int16")

    def _cut(self, sound: Samples) -> None:
        """``sound``, shape (n, channels), into frames."""
        mono = sound[:, 0] if self._channels == 1 else sound.mean(axis=1).astype(np.int16)
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(np.ascontiguousarray(mono))
        samples = np.concatenate([self._rest, mono])
        whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
        self._frames.extend(samples[:whole].reshape(-1, FRAME_SAMPLES))
        self._rest = samples[whole:]
