"""Time limits, in seconds, for devices that stop responding."""

from typing import Final

INPUT_LOST_S: Final = 0.5
"""A microphone that delivers nothing for this long counts as lost."""
STALL_S: Final = 1.5
"""An open device that neither delivers nor takes samples for this long is reopened."""
START_S: Final = 8.0
"""Longest time from opening a device to its first samples."""
