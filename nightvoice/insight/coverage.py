"""Which nights say something about cramps: one rule for patterns, trend and report."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from nightvoice.diary.night import Night
from nightvoice.insight.night import DAWN, ENOUGH

MOST_GAPS: Final = timedelta(hours=1)
"""With more than this missing in between, a cramp may well have gone unheard."""


class Watch(StrEnum):
    """How well a night was listened to."""

    OBSERVED = "observed"
    """At least ``ENOUGH`` in all, until ``DAWN`` or later, with gaps of ``MOST_GAPS`` at most: it counts."""
    PARTLY = "partly"
    """Less: it counts neither as free nor, whatever happened, as a night with cramps. To count only those partly heard
    nights on which a cramp was noticed would make cramps look more frequent than they are."""
    NOT = "not"
    """Not at all: nobody knows."""


def watch(night: Night) -> Watch:
    """How well ``night`` was listened to. What happened in it plays no part."""
    if not night.spans:
        return Watch.NOT
    dawn = datetime.combine(night.date + timedelta(days=1), DAWN)
    until_dawn = night.spans[-1].end.replace(tzinfo=None) >= dawn
    missing = sum((gap.duration for gap in night.gaps), timedelta())
    whole = night.listened >= ENOUGH and until_dawn and missing <= MOST_GAPS
    return Watch.OBSERVED if whole else Watch.PARTLY


def observed(night: Night) -> bool:
    """Whether the night counts."""
    return watch(night) is Watch.OBSERVED
