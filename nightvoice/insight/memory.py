"""What the guide is told of the past, out of the diary: what helped before, and what a restart must not forget."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.dialogue.events import Remembered
from nightvoice.dialogue.experience import Experience
from nightvoice.diary.episode import Episode, Flag

EPISODES: Final = 50
"""The latest episodes tell: what helped years ago may help no more."""


def experience(episodes: Iterable[Episode]) -> Experience:
    """How often each step eased one of ``episodes``, and how often it made one worse."""
    told = [(step.effect, (step.protocol, step.step)) for episode in episodes for step in episode.steps]
    return Experience(
        Counter(key for effect, key in told if effect == "eased"),
        Counter(key for effect, key in told if effect == "worse"),
    )


def remembered(latest: Episode | None, flags: Iterable[Flag], began: datetime) -> Remembered:
    """What is still open of ``latest``, the last episode that was closed, and of the danger signs in ``flags``."""
    unresolved = None
    if latest is not None and latest.ended is not None and latest.outcome not in ("gone", "eased"):
        unresolved = (latest.onset - began).total_seconds()
    pressing = [
        (flag.at - began).total_seconds()
        for flag in flags
        if flag.action not in CALM_ACTIONS and flag.flag != "ten_minutes"
    ]
    return Remembered(0.0, unresolved, max(pressing, default=None))
