"""The frame: the unit of audio input and of time. The frame count is the assistant's clock."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.rate import FRAME_S, FRAME_SAMPLES, RATE

__all__ = ["FRAME_S", "FRAME_SAMPLES", "RATE", "SILENCE", "Frame", "Samples"]

Samples = NDArray[np.int16]
"""Mono 16-bit sound of any length, shape (n,)."""
Frame = NDArray[np.int16]
"""One frame, shape (FRAME_SAMPLES,), at RATE."""

SILENCE: Final[Frame] = np.zeros(FRAME_SAMPLES, dtype=np.int16)
"""Stands in for a frame while the microphone delivers none."""
