"""The frame: the unit of sound and of time. Its count is the assistant's clock."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
"""Samples a second of everything that is listened to."""
FRAME_SAMPLES: Final = 512
"""Samples in one frame (what Silero's voice activity detector takes)."""
FRAME_S: Final = FRAME_SAMPLES / RATE
"""Seconds in one frame: 0.032."""

Samples = NDArray[np.int16]
"""Mono 16-bit sound of any length, shape (n,)."""
Frame = NDArray[np.int16]
"""One frame, shape (FRAME_SAMPLES,), at RATE."""

SILENCE: Final[Frame] = np.zeros(FRAME_SAMPLES, dtype=np.int16)
"""The frame that stands in while no microphone gives one."""
