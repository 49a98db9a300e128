"""Tells whether the sound that an echo canceller leaves is echo: the assistant's own voice, which it failed to remove.

A filter that has not yet learnt the echo path, or whose loudspeaker was moved, leaves loud echo. Its level does not
tell it from a person, who may be as loud. But each band of it is weaker than the predicted echo by much the same ratio
all the time, while between two voices that ratio rises and falls with every syllable.
"""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

Power = NDArray[np.float64]
"""Power spectrum of two hops, shape (HOP + 1,)."""
_EDGES: Final = [2, 4, 7, 9, 12, 15, 19, 23, 28, 34, 40, 48, 56, 66, 77, 90, 104]
"""Edges of 16 bands of equal width in mel, from 150 to 6500 Hz, as bins of a spectrum."""


class ResidualEchoDetector:
    """Judges one sound after the other: from its first audible hop to a pause."""

    _FLUCTUATION_DB: Final = 8.0
    """Standard deviation of the ratio within a band, below which a sound as loud as the predicted echo is echo."""
    _PER_DB: Final = 0.2
    """By how much that limit rises with each decibel by which the sound is fainter. Of 854 sounds that were left after
    the loudspeaker was moved, 97 % are within it; of 225 commands over a prompt none is (simulated rooms; voices of all
    splits, since with a limit of 9 dB alone one command in twenty of the test voices was held for echo)."""
    _AUDIBLE: Final = 0.002
    """Ratio of the output's power to the microphone's loudest, -27 dB, from which it is a sound. Echo that is cancelled
    as it should be leaves less, and a person so much fainter than the echo is not understood."""
    _DECAY: Final = 0.99
    """Factor by which the loudest power falls with each hop, 5 dB in a second."""
    _MIN_HOPS: Final = 6
    """Hops (0.05 s) from which a sound is judged; until then the judgement of the sound before it stands."""
    _MAX_HOPS: Final = 125
    """The latest hops that are judged, 1 s: a person may begin to speak while echo is left."""
    _FADE: Final = 8
    """Silent hops, 0.06 s, that belong to the sound before them."""
    _PAUSE: Final = 25
    """Silent hops, 0.2 s, after which another sound begins."""
    _MEMORY: Final = 125
    """Silent hops, 1 s, for which the judgement stands: until the listener has decided on the sound."""
    _FLOOR: Final = 1e-6
    """Power added to each band, so that silence has a ratio."""

    def __init__(self) -> None:
        self._sound: deque[NDArray[np.float64]] = deque(maxlen=self._MAX_HOPS)
        """The powers of the sound and of the predicted echo in each band, shape (2, bands), hop by hop."""
        self._was_echo = False
        """Whether the sound before it was."""
        self._loudest = 0.0
        """Latest maximum of the microphone's power."""
        self._silence = self._PAUSE
        """Hops since the last audible one."""

    def reset(self) -> None:
        """Begin again after a rest, in which there was no echo."""
        self._sound.clear()
        self._loudest, self._silence, self._was_echo = 0.0, self._PAUSE, False

    @property
    def is_echo(self) -> bool:
        """Whether the sound, or the last one in a pause, is echo; what stays inaudible is."""
        if self._silence > self._MEMORY:
            return True
        if len(self._sound) < self._MIN_HOPS:
            return self._was_echo
        sound = np.array(self._sound) + self._FLOOR
        level, echo_level = 10 * np.log10(sound.sum(axis=(0, 2)))
        fluctuation = np.sqrt((10 * np.log10(sound[:, 0] / sound[:, 1])).var(axis=0).mean())
        return bool(fluctuation < self._FLUCTUATION_DB + self._PER_DB * (echo_level - level))

    def update(self, left: Power, echo: Power, near_end: float, output: float) -> None:
        """Take the power spectra of the next hop of what is left and of the predicted echo.

        ``near_end`` and ``output``: mean powers of the microphone's signal and of the canceller's output.
        """
        self._loudest = max(near_end, self._DECAY * self._loudest)
        audible = output > self._AUDIBLE * self._loudest
        if audible and self._silence >= self._PAUSE:
            self._was_echo = self.is_echo
            self._sound.clear()
        self._silence = 0 if audible else self._silence + 1
        if self._silence <= self._FADE:
            self._sound.append(np.add.reduceat([left, echo], _EDGES, axis=1)[:, :-1])
