"""Opt-in recording of the microphone's last minutes, for debugging."""

import io
import os
import queue
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from nightvoice.audio.frames import FRAME_S, RATE, Frame

PIECE_S: Final = 60.0
"""Length of one file, which is at most 2 MB."""
_MAX_BACKLOG: Final = 3
"""Maximum pieces kept in memory for a slow disk; further pieces are dropped."""
_CLOSE_S: Final = 3.0
"""Time that ``close`` waits for the disk."""


class DebugRecording:
    """Records frames to ``folder``, one FLAC file per minute, and keeps the newest ``minutes``; 0 records nothing.

    A thread writes the files, so no frame waits for the disk. Disk errors are ignored: the night goes on unrecorded.
    """

    def __init__(self, folder: Path, minutes: int) -> None:
        self._folder, self.minutes = folder, minutes
        self._frames: list[Frame] = []
        self._piece_start = datetime.now()
        self._pieces: queue.Queue[tuple[datetime, list[Frame]] | None] = queue.Queue(_MAX_BACKLOG)
        self._thread = threading.Thread(target=self._work, name="debug recording", daemon=True)
        if minutes:
            self._thread.start()

    def push(self, frame: Frame) -> None:
        """Record the next frame."""
        if not self.minutes:
            return
        if not self._frames:
            self._piece_start = datetime.now()
        self._frames.append(frame)
        if len(self._frames) * FRAME_S >= PIECE_S:
            self._queue_piece()

    def close(self) -> None:
        """Write the remaining frames."""
        if not self.minutes:
            return
        if self._frames:
            self._queue_piece()
        with suppress(queue.Full):
            self._pieces.put(None, timeout=_CLOSE_S)
        self._thread.join(_CLOSE_S)

    def _queue_piece(self) -> None:
        with suppress(queue.Full):
            self._pieces.put_nowait((self._piece_start, self._frames))
        self._frames = []

    def _work(self) -> None:
        while (piece := self._pieces.get()) is not None:
            with suppress(OSError, soundfile.SoundFileError):
                self._write(*piece)
            for old in recorded_files(self._folder)[: -self.minutes]:
                with suppress(OSError):
                    old.unlink()

    def _write(self, start: datetime, frames: list[Frame]) -> None:
        content = io.BytesIO()
        soundfile.write(content, np.concatenate(frames), RATE, format="FLAC")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._folder / f"{start:%Y%m%d-%H%M%S}.flac"
        with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
            out.write(content.getbuffer())


def recorded_files(folder: Path) -> list[Path]:
    """Return the files of a debug recording, oldest first."""
    return sorted(folder.glob("*.flac"))
