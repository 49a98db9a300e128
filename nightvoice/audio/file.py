"""Offline audio, read faster than real time: a recording, or any other source of frames."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from nightvoice.audio.channels import ChannelPicker
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Frame, Samples
from nightvoice.audio.player import PlaybackQueue
from nightvoice.errors import NightvoiceError, reason

SPEECH_RATE: Final = 24_000
"""Sample rate of the speech track in Hz: a whole number of samples per frame, and the default voice's rate."""
_SPEECH_SAMPLES: Final = FRAME_SAMPLES * SPEECH_RATE // RATE
_CHUNK_S: Final = 1.0


class OfflineAudio:
    """Implements the ``Microphone`` port with ``frames``, and plays ``queue`` on their clock.

    A sound queued during one frame begins with the next. ``speech_out``: WAV file for the played sound, as long as the
    frames. Raises NightvoiceError if it cannot be written.
    """

    lost_since: float | None = None
    hears_itself = False

    def __init__(self, frames: Iterable[Frame], speech_out: Path | None = None) -> None:
        self.queue = PlaybackQueue(SPEECH_RATE)
        self._frames = frames
        self._speech_path = speech_out
        self._speech = _open_speech(speech_out) if speech_out is not None else None

    def frames(self) -> Iterator[Frame]:
        for frame in self._frames:
            self._play(_SPEECH_SAMPLES)
            yield frame

    def close(self) -> None:
        if self._speech is not None:
            self._speech.close()

    def _play(self, n: int) -> None:
        block = self.queue.pull(n)
        if self._speech is not None:
            try:
                self._speech.write(block)
            except (OSError, soundfile.SoundFileError) as error:
                raise NightvoiceError(f"{self._speech_path}: cannot be written: {_reason(error)}") from error


class FileAudio(OfflineAudio):
    """A microphone that reads the recording ``path`` (WAV, FLAC, OGG; any rate; of several channels, the best).

    Raises NightvoiceError for an unusable file.
    """

    def __init__(self, path: Path, *, speech_out: Path | None = None) -> None:
        self._path = path
        self._recording = _open_recording(path)
        if speech_out is not None and speech_out.resolve() == path.resolve():
            raise NightvoiceError(f"{speech_out}: is the recording itself; name another file for the speech")
        super().__init__((), speech_out)

    @property
    def seconds(self) -> float:
        """Length of the recording according to its header."""
        return float(self._recording.frames / self._recording.samplerate)

    def frames(self) -> Iterator[Frame]:
        rest = np.zeros(0, dtype=np.int16)
        for samples in self._samples():
            rest = np.concatenate([rest, samples])
            whole = len(rest) // FRAME_SAMPLES * FRAME_SAMPLES
            for start in range(0, whole, FRAME_SAMPLES):
                self._play(_SPEECH_SAMPLES)
                yield rest[start : start + FRAME_SAMPLES]
            rest = rest[whole:]
        if len(rest):
            self._play(round(len(rest) * SPEECH_RATE / RATE))
            yield np.pad(rest, (0, FRAME_SAMPLES - len(rest)))

    def close(self) -> None:
        self._recording.close()
        super().close()

    def _samples(self) -> Iterator[Samples]:
        """Yield the recording in chunks of about a second, mono at RATE."""
        rate = self._recording.samplerate
        resampler = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="HQ")
        size = max(1, round(rate * _CHUNK_S))
        picker = ChannelPicker(self._recording.channels, rate, full_scale=1)
        while True:
            chunk = self._read(size)
            last = len(chunk) < size
            mono = picker.pick(np.nan_to_num(chunk))
            if resampler is not None:
                mono = resampler.resample_chunk(mono, last=last)
            yield np.minimum(np.round(np.clip(mono, -1, 1) * 32768), 32767).astype(np.int16)
            if last:
                return

    def _read(self, size: int) -> NDArray[np.float32]:
        try:
            chunk: NDArray[np.float32] = self._recording.read(size, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise NightvoiceError(f"{self._path}: is damaged and cannot be read on: {_reason(error)}") from error
        return chunk


def _open_speech(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path, "w", samplerate=SPEECH_RATE, channels=1, format="WAV", subtype="PCM_16")
    except (OSError, soundfile.SoundFileError) as error:
        raise NightvoiceError(f"{path}: cannot be written for the speech: {_reason(error)}") from error


def _open_recording(path: Path) -> soundfile.SoundFile:
    if not path.exists():
        raise NightvoiceError(f"{path}: no such recording")
    if path.is_dir():
        raise NightvoiceError(f"{path}: is a folder; name one recording (WAV, FLAC or OGG)")
    try:
        if path.stat().st_size == 0:
            raise NightvoiceError(f"{path}: is empty (no bytes); name a recording (WAV, FLAC or OGG)")
        recording = soundfile.SoundFile(path)
    except OSError as error:
        raise NightvoiceError(f"{path}: cannot be read: {reason(error)}") from error
    except soundfile.SoundFileError as error:
        raise NightvoiceError(f"{path}: is no recording (WAV, FLAC or OGG): {_reason(error)}") from error
    if recording.frames == 0:
        recording.close()
        raise NightvoiceError(f"{path}: is empty (no sound in it); name a recording (WAV, FLAC or OGG)")
    return recording


def _reason(error: OSError | soundfile.SoundFileError) -> str:
    if isinstance(error, OSError):
        return reason(error)
    text = getattr(error, "error_string", None) or str(error)
    return str(text).rstrip(".")
