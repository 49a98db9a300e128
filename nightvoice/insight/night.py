"""What one night comes to: facts for telling, without words."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from nightvoice.content.triage import ACTIONS
from nightvoice.diary.episode import Episode, Flag, Step
from nightvoice.diary.night import Night, Span

ENOUGH: Final = timedelta(hours=4)
"""Less listening than this is never a whole night,"""
DAWN: Final = time(5)
"""nor is one that ended before this time of the morning,"""
NEGLIGIBLE: Final = timedelta(minutes=5)
"""nor one with gaps of this much together."""


RATINGS: Final = ("severity", "soreness", "sleep_lost_minutes")
"""What is rated in the morning, in the order in which it is asked."""


class Coverage(StrEnum):
    """How much of the night was listened to."""

    NONE = "none"
    WHOLE = "whole"
    GAPS = "gaps"
    """With gaps between."""
    PART = "part"
    """Without a gap, but for a short time, or not until the morning."""


@dataclass(frozen=True, slots=True)
class Cramp:
    """One episode, as it is told."""

    episode: Episode
    minutes: float | None
    """None where nobody knows when it ended."""
    eased_by: Step | None
    """The step that the person said eased it, or in which it went."""


@dataclass(frozen=True, slots=True)
class NightSummary:
    """One night, as it is told."""

    date: date
    """The evening on which it began."""
    coverage: Coverage
    listened: timedelta
    began: datetime | None
    """When listening began, by the person's clock."""
    ended: datetime | None
    gaps: tuple[Span, ...]
    cramps: tuple[Cramp, ...]
    """In order of onset."""
    flags: tuple[Flag, ...]
    """Each danger sign once, the most pressing first."""


def summarize(night: Night) -> NightSummary:
    """What ``night`` comes to."""
    first: dict[str, Flag] = {}
    for flag in night.flags:
        first.setdefault(flag.flag, flag)
    return NightSummary(
        date=night.date,
        coverage=_coverage(night),
        listened=night.listened,
        began=night.spans[0].start if night.spans else None,
        ended=night.spans[-1].end if night.spans else None,
        gaps=night.gaps,
        cramps=tuple(_cramp(episode) for episode in night.episodes),
        flags=tuple(sorted(first.values(), key=_urgency)),
    )


@dataclass(frozen=True, slots=True)
class Unrated:
    """What may be asked about a night: the ratings that its longest cramp (else the last) does not have yet."""

    cramp: int
    """The episode's number."""
    ratings: tuple[str, ...]
    several: bool
    """The night had other cramps besides."""


def unrated(night: NightSummary) -> Unrated | None:
    """None where there is nothing to ask."""
    if not night.cramps:
        return None
    known = [cramp for cramp in night.cramps if cramp.minutes is not None]
    episode = max(known, key=lambda cramp: cramp.minutes or 0).episode if known else night.cramps[-1].episode
    ratings = tuple(rating for rating in RATINGS if getattr(episode, rating) is None)
    return Unrated(episode.id, ratings, len(night.cramps) > 1) if ratings else None


def last_night(now: datetime) -> date:
    """The night that a person means in the morning, or any time later that day."""
    return now.date() - timedelta(days=1)


def _coverage(night: Night) -> Coverage:
    if not night.listened:
        return Coverage.NONE
    if sum((gap.duration for gap in night.gaps), timedelta()) >= NEGLIGIBLE:
        return Coverage.GAPS
    ended = night.spans[-1].end.replace(tzinfo=None)
    into_morning = ended >= datetime.combine(night.date + timedelta(days=1), DAWN)
    return Coverage.WHOLE if into_morning and night.listened >= ENOUGH else Coverage.PART


def _cramp(episode: Episode) -> Cramp:
    known = episode.duration is not None and episode.outcome not in ("interrupted", "unanswered")
    minutes = episode.duration.total_seconds() / 60 if known and episode.duration is not None else None
    return Cramp(episode, minutes, eased_by(episode))


def eased_by(episode: Episode) -> Step | None:
    """The step that the person said eased it, or in which it went."""
    for step in reversed(episode.steps):
        if step.effect == "eased":
            return step
    if episode.outcome == "gone" and episode.steps and episode.steps[-1].effect is None:
        return episode.steps[-1]
    return None


def _urgency(flag: Flag) -> int:
    return ACTIONS.index(flag.action) if flag.action in ACTIONS else 0
