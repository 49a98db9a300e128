"""The rate of samples and frames. It loads no numpy, for what only counts frames."""

from typing import Final

RATE: Final = 16_000
"""Sample rate of all audio input, in Hz."""
FRAME_SAMPLES: Final = 512
"""Samples in one frame: the input size of Silero's voice activity detector."""
FRAME_S: Final = FRAME_SAMPLES / RATE
"""Seconds in one frame: 0.032."""
