"""An open microphone: frames at RATE, whatever the device's own rate and channels are."""

import queue
import threading
from typing import Any, Final

import numpy as np
import soxr

from nightvoice.audio.devices import START_S, Device, close, portaudio, settings
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, Frame, Samples
from nightvoice.errors import NightvoiceError

_WAITING: Final = round(10 / FRAME_S)
"""Frames kept for a listener that is busy; then the oldest is dropped."""


class Microphone:
    """Captures from ``device`` until closed. Raises NightvoiceError where it cannot be opened."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.overruns = 0
        """Times that sound was lost: by the device, or because nobody took the frames."""
        self._frames: queue.Queue[Frame] = queue.Queue(_WAITING)
        self._started = threading.Event()
        self._rest = np.zeros(0, dtype=np.int16)
        self.rate, channels = settings(device, "input", rates=(RATE,))
        self._resampler = None if self.rate == RATE else soxr.ResampleStream(self.rate, RATE, 1, dtype="int16")
        sd = portaudio()
        try:
            self._stream = sd.InputStream(
                device=device.index,
                samplerate=self.rate,
                channels=channels,
                dtype="int16",
                blocksize=round(FRAME_S * self.rate),
                latency="low",
                callback=self._hear,
            )
            self._stream.start()
        except sd.PortAudioError as error:
            raise NightvoiceError(
                f"microphone {device.name!r} cannot be opened ({error}): is it plugged in and free? "
                "Run: nightvoice doctor"
            ) from error
        if not self._started.wait(START_S):
            self.close()
            raise NightvoiceError(
                f"microphone {device.name!r} gives no sound: is it plugged in? Run: nightvoice doctor"
            )

    def take(self, timeout: float) -> Frame | None:
        """The next frame, or None where none came within ``timeout`` seconds."""
        try:
            return self._frames.get(timeout=timeout) if timeout > 0 else self._frames.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        close(self._stream)

    def _hear(self, sound: Samples, _frames: int, _time: Any, status: Any) -> None:
        """Called by PortAudio in its own thread; ``sound`` has shape (n, channels)."""
        self._started.set()
        if status.input_overflow:
            self.overruns += 1
        mono = sound[:, 0] if sound.shape[1] == 1 else sound.mean(axis=1).astype(np.int16)
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(np.ascontiguousarray(mono))
        samples = np.concatenate([self._rest, mono])
        whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
        for frame in samples[:whole].reshape(-1, FRAME_SAMPLES):
            self._push(frame)
        self._rest = samples[whole:]

    def _push(self, frame: Frame) -> None:
        while True:
            try:
                self._frames.put_nowait(frame)
                return
            except queue.Full:
                self.overruns += 1
                self.take(0)
