"""The sound of the last minutes, kept to find a fault: only where somebody turned that on."""

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
"""Length of a file: at most 2 MB."""
_WAITING: Final = 3
"""Pieces kept for a slow disk; further ones are lost."""
_CLOSE_S: Final = 3.0


class DebugRecording:
    """What the ears get, in ``folder``: a FLAC file a minute, of which the newest ``minutes`` stay; 0: none of it.

    Nothing waits for the disk, and where it takes no more the night goes on without a recording.
    """

    def __init__(self, folder: Path, minutes: int) -> None:
        self._folder, self.minutes = folder, minutes
        self._frames: list[Frame] = []
        self._began = datetime.now()
        self._pieces: queue.Queue[tuple[datetime, list[Frame]] | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._work, name="debug recording", daemon=True)
        if minutes:
            self._thread.start()

    def push(self, frame: Frame) -> None:
        """The next frame."""
        if not self.minutes:
            return
        if not self._frames:
            self._began = datetime.now()
        self._frames.append(frame)
        if len(self._frames) * FRAME_S >= PIECE_S:
            self._hand_over()

    def close(self) -> None:
        """Write the rest."""
        if not self.minutes:
            return
        if self._frames:
            self._hand_over()
        with suppress(queue.Full):
            self._pieces.put(None, timeout=_CLOSE_S)
        self._thread.join(_CLOSE_S)

    def _hand_over(self) -> None:
        with suppress(queue.Full):
            self._pieces.put_nowait((self._began, self._frames))
        self._frames = []

    def _work(self) -> None:
        while (piece := self._pieces.get()) is not None:
            with suppress(OSError, soundfile.SoundFileError):
                self._write(*piece)
            for old in kept(self._folder)[: -self.minutes]:
                with suppress(OSError):
                    old.unlink()

    def _write(self, began: datetime, frames: list[Frame]) -> None:
        content = io.BytesIO()
        soundfile.write(content, np.concatenate(frames), RATE, format="FLAC")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._folder / f"{began:%Y%m%d-%H%M%S}.flac"
        with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
            out.write(content.getbuffer())


def kept(folder: Path) -> list[Path]:
    """The files of a recording, oldest first."""
    return sorted(folder.glob("*.flac"))
