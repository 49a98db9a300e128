"""Estimates how long a text takes to say, for speakers that do not render it."""

from typing import Final

WORDS_PER_MINUTE: Final = 150
PAUSE_S: Final = 0.25
"""Seconds added to the time for the words."""


def estimate_seconds(text: str) -> float:
    """Return the approximate duration of ``text`` at a calm pace: seconds, to the millisecond."""
    return round(len(text.split()) * 60 / WORDS_PER_MINUTE + PAUSE_S, 3)
