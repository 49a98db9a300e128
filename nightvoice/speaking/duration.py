"""How long a text takes to say, where it is not rendered."""

from typing import Final

WORDS_PER_MINUTE: Final = 150
PAUSE_S: Final = 0.25
"""Seconds a sentence takes besides its words."""


def estimate_seconds(text: str) -> float:
    """Return the approximate duration of ``text`` at a calm pace: seconds, to the millisecond."""
    return round(len(text.split()) * 60 / WORDS_PER_MINUTE + PAUSE_S, 3)
