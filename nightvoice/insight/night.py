"""Summarises one night as plain facts, without wording."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from nightvoice.content.triage import ACTIONS
from nightvoice.diary.episode import Episode, RecordedFlag, StepTaken
from nightvoice.diary.night import NOON, Night, Span, night_of

WHOLE_NIGHT: Final = timedelta(hours=4)
"""Shortest listening that counts as a whole night."""
MAX_GAPS: Final = timedelta(hours=1)
"""Longest total of gaps that leaves a night whole; beyond it a cramp may have been missed."""
DAWN: Final = time(5)
"""Local time that listening must reach to count as a whole night."""
NEGLIGIBLE_GAPS: Final = timedelta(minutes=5)
"""Total of gaps below which they are not mentioned."""

RATINGS: Final = ("severity", "soreness", "sleep_lost_minutes")
"""Ratings asked for in the morning, in the order of the questions."""


class Coverage(StrEnum):
    """Extent of listening during a night."""

    NONE = "none"
    WHOLE = "whole"
    GAPS = "gaps"
    """Listened with gaps."""
    PART = "part"
    """Listened without gaps, but only briefly or not until the morning."""


@dataclass(frozen=True, slots=True)
class Cramp:
    """One episode, with figures derived from it."""

    episode: Episode
    minutes: float | None
    """Duration; None if the end is unknown."""
    eased_by: StepTaken | None
    """Step that eased the cramp, if known."""


@dataclass(frozen=True, slots=True)
class NightSummary:
    """Facts about one night."""

    date: date
    """Date of the evening on which the night began."""
    coverage: Coverage
    listened: timedelta
    began: datetime | None
    """Local time at which listening began."""
    ended: datetime | None
    gaps: tuple[Span, ...]
    cramps: tuple[Cramp, ...]
    """Cramps in order of onset."""
    flags: tuple[RecordedFlag, ...]
    """Danger signs, each once with its latest status, most urgent first."""

    @property
    def missing(self) -> timedelta:
        """Total of the gaps."""
        return sum((gap.duration for gap in self.gaps), timedelta())

    @property
    def has_few_gaps(self) -> bool:
        """Whether the gaps are short beside a night that was otherwise listened to until the morning."""
        return self.missing <= MAX_GAPS and lasted_until_morning(self.listened, self.ended, self.date)


def summarize(night: Night) -> NightSummary:
    """Return the facts about ``night``."""
    flags: dict[str, RecordedFlag] = {}
    for flag in night.flags:
        flags[flag.flag] = _updated(flags.get(flag.flag), flag)
    return NightSummary(
        date=night.date,
        coverage=_coverage(night),
        listened=night.listened,
        began=night.spans[0].start if night.spans else None,
        ended=night.spans[-1].end if night.spans else None,
        gaps=night.gaps,
        cramps=tuple(cramp_of(episode) for episode in night.episodes),
        flags=tuple(sorted(flags.values(), key=lambda flag: urgency_rank(flag.action))),
    )


def _updated(known: RecordedFlag | None, flag: RecordedFlag) -> RecordedFlag:
    """Return the first report of a danger sign with the status that a later one gives it."""
    if known is None:
        return flag
    told = known.status is None and flag.status == "unconfirmed"
    return known if told else known._replace(status=flag.status)


@dataclass(frozen=True, slots=True)
class Unrated:
    """Ratings still missing for the longest cramp of a night (the last cramp if durations are unknown)."""

    cramp: int
    """Number of the episode."""
    ratings: tuple[str, ...]
    several: bool
    """Whether the night had other cramps as well."""


def unrated(night: NightSummary) -> Unrated | None:
    """Return the missing ratings of ``night``, or None if there are none."""
    if not night.cramps:
        return None
    known = [cramp for cramp in night.cramps if cramp.minutes is not None]
    episode = max(known, key=lambda cramp: cramp.minutes or 0).episode if known else night.cramps[-1].episode
    ratings = tuple(rating for rating in RATINGS if getattr(episode, rating) is None)
    return Unrated(episode.id, ratings, len(night.cramps) > 1) if ratings else None


def last_night(now: datetime, ends: time = NOON) -> date:
    """Return the night that people call "last night" at the time ``now``, if a night ``ends`` at a time of day.

    With a night that ends at noon, it changes at midnight; with a later one, as many hours later.
    """
    return night_of(now - timedelta(hours=12), ends)


def lasted_until_morning(listened: timedelta, ended: datetime | None, night: date) -> bool:
    """Return whether listening took ``WHOLE_NIGHT`` and ended at ``DAWN`` or later."""
    dawn = datetime.combine(night + timedelta(days=1), DAWN)
    return listened >= WHOLE_NIGHT and ended is not None and ended.replace(tzinfo=None) >= dawn


def _coverage(night: Night) -> Coverage:
    if not night.listened:
        return Coverage.NONE
    if sum((gap.duration for gap in night.gaps), timedelta()) >= NEGLIGIBLE_GAPS:
        return Coverage.GAPS
    whole = lasted_until_morning(night.listened, night.spans[-1].end, night.date)
    return Coverage.WHOLE if whole else Coverage.PART


def cramp_of(episode: Episode) -> Cramp:
    """Return ``episode`` with its duration and the step that eased it."""
    lasted = None if episode.outcome in ("interrupted", "unanswered") else episode.duration
    return Cramp(episode, None if lasted is None else lasted.total_seconds() / 60, eased_by(episode))


def eased_by(episode: Episode) -> StepTaken | None:
    """Return the step that the person said eased the cramp, or during which it went away."""
    for step in reversed(episode.steps):
        if step.effect == "eased":
            return step
    if episode.outcome == "gone" and episode.steps and episode.steps[-1].effect is None:
        return episode.steps[-1]
    return None


def urgency_rank(action: str) -> int:
    """Return the rank of a danger sign's action, 0 for the most urgent; unknown actions are most urgent."""
    return ACTIONS.index(action) if action in ACTIONS else 0
