"""Decides which nights count as evidence about cramps in patterns, trends and reports."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from nightvoice.diary.night import Night
from nightvoice.insight.night import DAWN, WHOLE_NIGHT

MAX_GAPS: Final = timedelta(hours=1)
"""Longest total of gaps; beyond it a cramp may have been missed."""


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
    dawn = datetime.combine(night.date + timedelta(days=1), DAWN)
    until_dawn = night.spans[-1].end.replace(tzinfo=None) >= dawn
    missing = sum((gap.duration for gap in night.gaps), timedelta())
    whole = night.listened >= WHOLE_NIGHT and until_dawn and missing <= MAX_GAPS
    return Observation.OBSERVED if whole else Observation.PARTLY


def is_observed(night: Night) -> bool:
    """Return whether the night counts as evidence."""
    return observation(night) is Observation.OBSERVED
