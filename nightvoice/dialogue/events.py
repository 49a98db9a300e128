"""Events that the guide reacts to. Each carries ``t``, seconds since listening began."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from nightvoice.dialogue.cramp_history import CrampHistory


@dataclass(frozen=True, slots=True)
class Tick:
    """One audio frame has passed."""

    t: float


@dataclass(frozen=True, slots=True)
class Heard:
    """An intent was accepted."""

    t: float
    intent: str
    slots: Mapping[str, str] = field(default_factory=dict)
    whispered: bool = False


@dataclass(frozen=True, slots=True)
class Suspected:
    """Words that may mean a danger sign: the guide asks about it."""

    t: float
    flag: str
    what_if: bool = False
    """Whether they ask what to do if it came."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Speech that matches nothing in the current grammar."""

    t: float
    words: int = 0
    """Number of words that were recognised in it."""


@dataclass(frozen=True, slots=True)
class LowConfidenceWake:
    """Something like "I have a cramp": too uncertain to act on, too likely to ignore."""

    t: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The last sample of an utterance was played. Not sent after ``StopSpeaking``."""

    t: float
    utterance: int


@dataclass(frozen=True, slots=True)
class InputLost:
    """The microphone or the recogniser stopped working."""

    t: float


@dataclass(frozen=True, slots=True)
class InputRestored:
    """The assistant can hear again."""

    t: float


@dataclass(frozen=True, slots=True)
class SummaryReady:
    """The answer to ``RequestSummary``."""

    t: float
    lines: tuple[tuple[str, str | None], ...]
    """The sentences, each with its claim, or None."""
    unrated: tuple[str, ...] = ()
    """Ratings of ``cramp`` that the diary does not have yet."""
    cramp: int | None = None
    """Diary number of the episode to rate."""
    several: bool = False
    """Whether the night had other episodes; ``cramp`` is the longest."""
    tip_day: date | None = None
    """The day whose tip closes the summary; None after a danger sign."""
    incomplete: bool = False
    """Whether the diary cannot be read, or events wait to be written to it."""


@dataclass(frozen=True, slots=True)
class DayReady:
    """The answer to ``RequestDay``."""

    t: float
    known: frozenset[str]
    """Tags of the day that the diary already has."""
    asked: bool = True
    """Copied from the request: whether the person asked for it."""


@dataclass(frozen=True, slots=True)
class TimeReady:
    """The answer to ``RequestTime``."""

    t: float
    now: time


@dataclass(frozen=True, slots=True)
class MorningTime:
    """The scheduled time of the morning summary."""

    t: float


@dataclass(frozen=True, slots=True)
class EveningTime:
    """The scheduled time of the questions about the day."""

    t: float


@dataclass(frozen=True, slots=True)
class Resumed:
    """An episode was open when the power went out, minutes ago."""

    t: float
    onset: float
    """In the same seconds as ``t``, so negative."""
    site: str | None = None
    side: str | None = None
    flags: tuple[str, ...] = ()
    """Danger signs raised in that episode."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Facts from the diary about the hours before a restart. Times are in the same seconds as ``t``, so negative."""

    t: float
    unresolved: float | None = None
    """Onset of the latest episode, if it closed before the cramp was gone."""
    danger: float | None = None
    """When the latest pressing danger sign was raised."""
    signs: frozenset[str] = frozenset()
    """All pressing danger signs of these hours."""
    told: frozenset[str] = frozenset()
    """Conditions of the profile that the person told of in these hours."""
    told_at: float | None = None
    """When the person last told of one."""


@dataclass(frozen=True, slots=True)
class HistoryReady:
    """The answer to ``RequestHistory``."""

    t: float
    history: CrampHistory


@dataclass(frozen=True, slots=True)
class ContactNotified:
    """The message to the contact was delivered, or could not be."""

    t: float
    reached: bool


@dataclass(frozen=True, slots=True)
class ProfileNotKept:
    """An ``UpdateProfile`` applies from now on, but could not be saved."""

    t: float


@dataclass(frozen=True, slots=True)
class StretchTime:
    """The scheduled time of the bedtime stretches."""

    t: float
    ask: bool = True
    """Whether to ask first, rather than begin at once."""


@dataclass(frozen=True, slots=True)
class ProfileTime:
    """Somebody started the questions about the profile."""

    t: float


Event = (
    Tick
    | Heard
    | Suspected
    | NotUnderstood
    | LowConfidenceWake
    | SpeechEnded
    | InputLost
    | InputRestored
    | SummaryReady
    | Resumed
    | Remembered
    | HistoryReady
    | ContactNotified
    | ProfileNotKept
    | StretchTime
    | DayReady
    | TimeReady
    | MorningTime
    | EveningTime
    | ProfileTime
)
