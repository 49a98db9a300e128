"""One try of the bedside microphone, started from the page: its level, and whether the phrase is heard."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np

from nightvoice.audio.frames import FRAME_S, Frame
from nightvoice.audio.levels import SILENT_DBFS, dbfs
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.listening.decision import Verdict

if TYPE_CHECKING:
    from nightvoice.audio.devices.microphone import CaptureStream
    from nightvoice.listening.listener import Listener

LISTEN_S: Final = 10.0
"""Seconds to wait for the phrase."""
GONE_S: Final = 1.0
"""Seconds without sound after which a microphone is gone."""
MUTED_DBFS: Final = -90.0
"""Highest level of a microphone that is muted or off."""
FAINT_DBFS: Final = -60.0
"""Level at which the meter begins; a quiet room has about as much."""
FULL_DBFS: Final = -10.0
"""Level at which the meter is full; a voice near the microphone has about as much."""


class Outcome(StrEnum):
    """What one try of the microphone showed."""

    HEARD = "heard"
    NEARLY = "nearly"
    """The phrase, but too unclear to start by itself."""
    OTHER = "other"
    """Speech that was not the phrase."""
    SOUND = "sound"
    """Sound without speech."""
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The outcome of a try, and what was understood."""

    outcome: Outcome
    text: str = ""


OpenEars = Callable[[Config], AbstractContextManager[tuple[Iterator[Frame], "Listener"]]]


@contextmanager
def live_ears(config: Config) -> "Iterator[tuple[Iterator[Frame], Listener]]":
    """Open the configured microphone and recogniser, alone at this bedside. Raises NightvoiceError."""
    # Sound devices and models are loaded by the try only: most pages never need them.
    from nightvoice import assembly  # noqa: PLC0415
    from nightvoice.audio.devices.microphone import CaptureStream  # noqa: PLC0415
    from nightvoice.night.bedside import sole_listener  # noqa: PLC0415

    with sole_listener("the microphone test of the page", instead='say "I have a cramp" to it, then "stop"'):
        microphone = CaptureStream(config.audio.input_device)
        try:
            microphone.wait()
            listener = assembly.build_pipeline(config, cramps_only=True)
            while microphone.take(0.0) is not None:
                pass  # what was said while the models loaded
            yield _frames(microphone), listener
        finally:
            microphone.close()


def _frames(microphone: "CaptureStream") -> Iterator[Frame]:
    """Yield what comes from ``microphone`` until nothing comes any more."""
    while (frame := microphone.take(GONE_S)) is not None:
        yield frame


class MicrophoneTrial:
    """Tries the microphone, one try at a time. ``level`` may be read from other threads."""

    def __init__(self, open_ears: OpenEars = live_ears) -> None:
        self._open_ears = open_ears
        self._lock = Lock()
        self.level: int | None = None
        """Present level from 0 to 100 while it listens; None before and after."""

    def run(self, config: Config) -> TrialResult:
        """Listen until the phrase is heard, at most ``LISTEN_S``. Raises NightvoiceError, also if others listen."""
        if not self._lock.acquire(blocking=False):
            raise NightvoiceError("the microphone is being tested already: try again in a few seconds")
        try:
            with self._open_ears(config) as (frames, listener):
                return self._listen(frames, listener)
        finally:
            self.level = None
            self._lock.release()

    def _listen(self, frames: Iterator[Frame], listener: "Listener") -> TrialResult:
        result, loudest = TrialResult(Outcome.SOUND), SILENT_DBFS
        for frame in islice(frames, round(LISTEN_S / FRAME_S)):
            level = dbfs(float(np.sqrt(np.mean((frame / 32768.0) ** 2))))
            loudest = max(loudest, level)
            self.level = round(100 * min(1.0, max(0.0, (level - FAINT_DBFS) / (FULL_DBFS - FAINT_DBFS))))
            heard = listener.hear(frame, "idle", None)
            if heard is None:
                continue
            if heard.intent == "cramp":
                if heard.verdict is Verdict.HEARD:
                    return TrialResult(Outcome.HEARD, heard.text)
                result = TrialResult(Outcome.NEARLY, heard.text)
            elif result.outcome is Outcome.SOUND:
                result = TrialResult(Outcome.OTHER, heard.text)
        return TrialResult(Outcome.MUTED) if loudest <= MUTED_DBFS else result
