"""Decides which nights count as evidence about cramps in patterns, trends and reports."""

from datetime import timedelta
from enum import StrEnum

from nightvoice.diary.night import Night
from nightvoice.insight.night import MAX_GAPS, lasted_until_morning


class Observation(StrEnum):
    """How well a night was listened to, which decides whether it counts as evidence."""

    OBSERVED = "observed"
    """Listened for at least ``WHOLE_NIGHT``, until ``DAWN`` or later, with gaps of at most ``MAX_GAPS``."""
    PARTLY = "partly"
    """Listened for less. Never counts, even with a cramp: counting partly observed nights only if they had a
    cramp would make cramps look more frequent than they are."""
    NOT = "not"
    """Not listened at all."""


def observation(night: Night) -> Observation:
    """Return how well ``night`` was listened to, regardless of what happened in it."""
    if not night.spans:
        return Observation.NOT
    missing = sum((gap.duration for gap in night.gaps), timedelta())
    whole = missing <= MAX_GAPS and lasted_until_morning(night.listened, night.spans[-1].end, night.date)
    return Observation.OBSERVED if whole else Observation.PARTLY


def is_observed(night: Night) -> bool:
    """Return whether the night counts as evidence."""
    return observation(night) is Observation.OBSERVED
