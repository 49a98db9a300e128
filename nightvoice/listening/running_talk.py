"""Learns the level of talk that runs on, such as a radio's, so that a nearer voice stands out from it."""

from collections import deque
from math import log10, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import FRAME_S, Frame

_SMOOTHED_FRAMES: Final = 5
"""Frames over which a level is measured: 160 ms, about a syllable. Single frames of a reader are up to 14 dB above his
``_LOUD`` level, syllables 5 dB at the median (validation split)."""
_MEMORY_FRAMES: Final = round(60 / FRAME_S)
"""Frames that the level is learnt from."""
_RUNNING_FRAMES: Final = round(8 / FRAME_S)
_RUNNING_SHARE: Final = 0.6
"""Share of the latest ``_RUNNING_FRAMES`` with speech from which talk is running. Answers to questions have less."""
_NEARER_FRAMES: Final = round(10 / FRAME_S)
"""Frames of a nearer voice in that memory from which it is running talk itself: the radio was turned up."""
_FILLED_FRAMES: Final = round(15 / FRAME_S)
"""Frames with speech in the minute before an utterance, from which that is part of talk that runs on."""
_LOUD: Final = 90
"""Percentile of the talk's levels that counts as its level: that of its stressed syllables."""
_RENEWAL_FRAMES: Final = 16
"""Frames after which the level is computed again."""


class RunningTalk:
    """Measures how far each frame is above the talk of the last minute."""

    def __init__(self) -> None:
        self._powers: deque[float] = deque(maxlen=_SMOOTHED_FRAMES)
        self._levels: deque[float] = deque(maxlen=_MEMORY_FRAMES)
        """Levels in decibels; NaN for frames without speech."""
        self._nearer: deque[bool] = deque(maxlen=_MEMORY_FRAMES)
        self._speech: deque[bool] = deque(maxlen=_RUNNING_FRAMES)
        self._level = nan
        """The talk's level in decibels; NaN while no talk is running."""
        self._age = 0
        """Frames since the level was computed."""

    def push(self, frame: Frame, speech: bool, nearer: bool = False) -> float:
        """Return the decibels by which the sound is above the running talk; NaN while there is none.

        ``nearer``: whether the frame belongs to a voice that stands out, which is not learnt.
        """
        sound = frame.astype(np.float32)
        self._powers.append(float(sound @ sound) / len(sound))
        level = 10 * log10(sum(self._powers) / len(self._powers) + 1e-3)
        self._levels.append(level if speech else nan)
        self._nearer.append(nearer)
        self._speech.append(speech)
        self._age += 1
        if self._age >= _RENEWAL_FRAMES:
            self._age = 0
            self._level = self._learnt()
        return level - self._level

    def level(self, frames: int) -> float:
        """Return the level in decibels of the speech in the latest ``frames``; NaN if there is none."""
        return _loud(np.array(self._levels)[-frames:])

    def surrounds(self, frames: int, nearer_db: float) -> bool:
        """Return whether the latest ``frames`` came amid talk and are not ``nearer_db`` decibels louder than it."""
        levels = np.array(self._levels)
        talk = levels[:-frames]
        filled = len(talk) - np.isnan(talk).sum() >= _FILLED_FRAMES
        return bool(filled and _loud(levels[-frames:]) - _loud(talk) < nearer_db)

    def _learnt(self) -> float:
        if sum(self._speech) < _RUNNING_SHARE * _RUNNING_FRAMES:
            return nan
        levels, nearer = np.array(self._levels), np.array(self._nearer)
        return _loud(levels[~nearer] if nearer.sum() < _NEARER_FRAMES else levels)


def _loud(levels: NDArray[np.float64]) -> float:
    """Return the ``_LOUD`` percentile of the levels of speech; NaN without any."""
    speech = levels[~np.isnan(levels)]
    return float(np.percentile(speech, _LOUD)) if len(speech) else nan
