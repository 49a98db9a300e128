"""Schema of morning.yaml: the words for the summary of a night."""

from typing import Annotated, Final

from pydantic import Field

from nightvoice.system.strict import Strict


class HeadlineWords(Strict):
    """Parts of the line that says how bad a night was."""

    unknown: str
    no_cramp: str
    part: str
    one: str
    many: str
    lasted: str
    lasted_together: str
    not_over: str
    worst: str
    sleep_lost: str
    flag: str


class Listened(Strict):
    """Sentences about how much of the night was listened to."""

    none: str
    all_and_no_cramp: str
    few_gaps_and_no_cramp: str
    gaps_and_no_cramp: str
    part_and_no_cramp: str
    few_gaps: str
    gaps: str
    part: str
    unknown: str
    none_but_told_later: str


class Cramps(Strict):
    """Sentences about the cramps."""

    one: str
    two: str
    of_two: tuple[str, str]
    several: str
    several_at: str
    several_all: str
    longest: str
    eased_most: str
    told_later: str
    all_told_later: str
    some_told_later: str


class Endings(Strict):
    """Sentence endings that say how a cramp ended."""

    over: str
    over_by: str
    worse: str
    stopped: str
    escalated: str
    unanswered: str
    interrupted: str
    open: str
    told_later: str


class ClinicalWords(Strict):
    """A clinical sentence."""

    say: str
    claim: str


class Durations(Strict):
    """Lengths of time in words."""

    instant: str
    minute: str
    minutes: str
    hour: str
    hours: str


class ClockWords(Strict):
    """Times of day in words."""

    hours: Annotated[int, Field(ge=12, le=24)]
    at: str
    sharp: str
    afternoon: str


class Morning(Strict):
    """morning.yaml."""

    greeting: str
    earlier: str
    last_night: str
    that_night: str
    headline: HeadlineWords
    listened: Listened
    cramps: Cramps
    endings: Endings
    soreness: ClinicalWords
    """Said after a cramp that is over, if no danger sign was told."""
    where: str
    steps: dict[str, str]
    numbers: tuple[str, ...]
    """Number words, from zero."""
    durations: Durations
    months: Annotated[tuple[str, ...], Field(min_length=12, max_length=12)]
    clock: ClockWords
    flags: dict[str, str]
    """Sentences by the flags of triage.yaml, and ``other``."""
    other_claim: str
    unconfirmed: str
    """Sentence about a danger sign that nobody confirmed; {question} is what the guide asked."""
    withdrawn: str
    """Sentence about a danger sign that was a false alarm."""


OTHER_FLAG: Final = "other"
