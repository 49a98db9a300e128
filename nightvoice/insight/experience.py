"""What helped before, out of the diary: it orders the steps of the next cramp."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from nightvoice.dialogue.experience import Experience
from nightvoice.diary.episode import Episode

EPISODES: Final = 50
"""The latest episodes tell: what helped years ago may help no more."""


def experience(episodes: Iterable[Episode]) -> Experience:
    """How often each step eased one of ``episodes``, and how often it made one worse."""
    told = [(step.effect, (step.protocol, step.step)) for episode in episodes for step in episode.steps]
    return Experience(
        Counter(key for effect, key in told if effect == "eased"),
        Counter(key for effect, key in told if effect == "worse"),
    )
