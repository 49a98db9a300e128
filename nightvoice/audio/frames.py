"""The frame: the unit of audio input and of time. The frame count is the assistant's clock."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
"""Sample rate of all audio input, in Hz."""
FRAME_SAMPLES: Final = 512
"""Samples in one frame: the input size of Silero's voice activity detector."""
FRAME_S: Final = FRAME_SAMPLES / RATE
"""Seconds in one frame: 0.032."""

Samples = NDArray[np.int16]
"""Mono 16-bit sound of any length, shape (n,)."""
Frame = NDArray[np.int16]
"""One frame, shape (FRAME_SAMPLES,), at RATE."""

SILENCE: Final[Frame] = np.zeros(FRAME_SAMPLES, dtype=np.int16)
"""Stands in for a frame while the microphone delivers none."""
