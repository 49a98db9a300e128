"""A recording in place of the microphone: the same face as the live room, faster than real time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Frame, Samples
from nightvoice.audio.player import PlaybackQueue
from nightvoice.errors import NightvoiceError, reason

SPEECH_RATE: Final = 24_000
"""Samples a second of the spoken track: a whole number of them in a frame, and the default voice's own rate."""
_SPEECH_SAMPLES: Final = FRAME_SAMPLES * SPEECH_RATE // RATE
_CHUNK_S: Final = 1.0


class WavRoom:
    """Plays ``path`` (WAV, FLAC, OGG; any rate; channels are mixed) into the ear; the recording's end is the end.

    The clock is the frame count: a sound queued during one frame begins with the next. With ``speech_out``, what is
    spoken is written there as a WAV of the recording's length. Raises NightvoiceError for a missing file.
    """

    deaf_since: float | None = None
    """A recording is never deaf."""

    def __init__(self, path: Path, *, speech_out: Path | None = None) -> None:
        self._path = path
        self._speech_path = speech_out
        self._recording = _open_recording(path)
        self._speech: soundfile.SoundFile | None = None
        self._player = PlaybackQueue(SPEECH_RATE)
        if speech_out is not None:
            if speech_out.resolve() == path.resolve():
                raise NightvoiceError(f"{speech_out}: is the recording itself; name another file for the speech")
            try:
                self._speech = soundfile.SoundFile(
                    speech_out, "w", samplerate=SPEECH_RATE, channels=1, format="WAV", subtype="PCM_16"
                )
            except (OSError, soundfile.SoundFileError) as error:
                raise NightvoiceError(f"{speech_out}: cannot be written for the speech: {_reason(error)}") from error

    @property
    def seconds(self) -> float:
        """Length of the recording, by its header."""
        return float(self._recording.frames / self._recording.samplerate)

    def frames(self) -> Iterator[Frame]:
        rest = np.zeros(0, dtype=np.int16)
        for samples in self._samples():
            rest = np.concatenate([rest, samples])
            whole = len(rest) // FRAME_SAMPLES * FRAME_SAMPLES
            for start in range(0, whole, FRAME_SAMPLES):
                self._speak(_SPEECH_SAMPLES)
                yield rest[start : start + FRAME_SAMPLES]
            rest = rest[whole:]
        if len(rest):
            self._speak(round(len(rest) * SPEECH_RATE / RATE))
            yield np.pad(rest, (0, FRAME_SAMPLES - len(rest)))

    def play(self, sound: Samples, rate: int, volume: float) -> int:
        return self._player.play(sound, rate, volume)

    def hush(self) -> None:
        self._player.stop()

    def ended(self) -> list[int]:
        return self._player.ended()

    def close(self) -> None:
        self._recording.close()
        if self._speech is not None:
            self._speech.close()

    def _samples(self) -> Iterator[Samples]:
        """The recording in chunks of about a second, mono at RATE."""
        rate = self._recording.samplerate
        resampler = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="HQ")
        size = max(1, round(rate * _CHUNK_S))
        while True:
            chunk = self._read(size)
            last = len(chunk) < size
            mono = np.nan_to_num(chunk.mean(axis=1, dtype=np.float32))
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

    def _speak(self, n: int) -> None:
        block = self._player.pull(n)
        if self._speech is not None:
            try:
                self._speech.write(block)
            except (OSError, soundfile.SoundFileError) as error:
                raise NightvoiceError(f"{self._speech_path}: cannot be written: {_reason(error)}") from error


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
