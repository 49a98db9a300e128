"""An open microphone that yields mono frames at RATE from a device with any rate and number of channels."""

import json
import time
from collections import deque

import numpy as np
import soxr

from nightvoice.audio.channels import ChannelPicker
from nightvoice.audio.devices.spec import Device, DeviceSpec
from nightvoice.audio.devices.timeouts import STALL_S, START_S
from nightvoice.audio.devices.worker import OPENED
from nightvoice.audio.devices.worker_client import WorkerClient
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Frame, Samples
from nightvoice.errors import NightvoiceError


class CaptureStream:
    """Captures from a device until closed. The constructor returns at once; ``wait`` checks that the device works."""

    def __init__(self, spec: DeviceSpec = None) -> None:
        self.device: Device | None = None
        """The device, once it has been opened."""
        self.overruns = 0
        """Number of times that samples were lost, by the device or because ``take`` was called too late."""
        self.failure: NightvoiceError | None = None
        """Why the stream has ended."""
        self._worker = WorkerClient("input", spec)
        self._frames: deque[Frame] = deque()
        self._rest = np.zeros(0, dtype=np.int16)
        self._channels = 1
        self._picker = ChannelPicker(self._channels, RATE)
        self._resampler: soxr.ResampleStream | None = None
        self._dead_at = time.monotonic() + START_S
        """Deadline for the next samples."""

    def wait(self) -> Device:
        """Wait for the first frame. Raises NightvoiceError if none comes."""
        while not self._frames:
            if not self._receive(self._dead_at - time.monotonic()):
                self.close()
                raise self.failure or NightvoiceError("the microphone gives no sound: is it plugged in?")
        assert self.device is not None
        return self.device

    def take(self, timeout: float) -> Frame | None:
        """Return the next frame, or None if none comes within ``timeout`` seconds (at once after a failure)."""
        deadline = time.monotonic() + timeout
        while not self._frames:
            if not self._receive(deadline - time.monotonic()):
                return None
        return self._frames.popleft()

    def is_dead(self) -> bool:
        """Whether the device must be reopened."""
        return self.failure is not None or time.monotonic() > self._dead_at

    def close(self) -> None:
        self._worker.close()

    def _receive(self, timeout: float) -> bool:
        """Handle the worker's next message; return whether there was one."""
        if self.failure is not None:
            return False
        try:
            message = self._worker.receive(max(0.0, timeout))
        except NightvoiceError as error:
            self.failure = error
            return False
        if message is None:
            return False
        if message.startswith(OPENED):
            self._on_opened(message[1:])
        else:
            self._dead_at = time.monotonic() + STALL_S
            self.overruns += message[1]
            self._add(np.frombuffer(message, dtype=np.int16, offset=2).reshape(-1, self._channels))
        return True

    def _on_opened(self, message: bytes) -> None:
        opened = json.loads(message)
        self.device = Device(**opened["device"])
        self._channels = opened["channels"]
        self._picker = ChannelPicker(self._channels, opened["rate"])
        if opened["rate"] != RATE:
            self._resampler = soxr.ResampleStream(opened["rate"], RATE, 1, dtype="int16")

    def _add(self, sound: Samples) -> None:
        """Cut ``sound``, shape (n, channels), into frames."""
        mono = self._picker.pick(sound)
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(np.ascontiguousarray(mono))
        samples = np.concatenate([self._rest, mono])
        whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
        self._frames.extend(samples[:whole].reshape(-1, FRAME_SAMPLES))
        self._rest = samples[whole:]
