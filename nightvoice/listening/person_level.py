"""The level of the voice that an episode is about, learnt from what was heard: a television beside it is fainter."""

from math import isnan, nan
from typing import Final

FAINTER_DB: Final = 9.0
"""Decibels below the person's level from which a voice amid talk that runs on is somebody else's, or a television's."""
LEARNING: Final = 0.5
"""Weight of the latest utterance in the level: who called out loud may go on quietly."""


class PersonLevel:
    """The level in decibels, unknown until somebody was heard."""

    def __init__(self) -> None:
        self._level = nan

    def learn(self, level: float) -> None:
        """Take the level of an utterance that was heard; NaN, a level that is unknown, is ignored."""
        if isnan(self._level):
            self._level = level
        elif not isnan(level):
            self._level += LEARNING * (level - self._level)

    def is_far(self, level: float) -> bool:
        """Return whether a voice is much fainter than the person's; False as long as that is unknown."""
        return self._level - level >= FAINTER_DB
