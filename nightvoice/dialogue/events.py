"""What the guide is told. Every event carries ``t``, the seconds since listening began."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from nightvoice.dialogue.step_history import StepHistory


@dataclass(frozen=True, slots=True)
class Tick:
    """A frame has passed."""

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
    """Words that may tell of a danger sign, and may not: to be asked about."""

    t: float
    flag: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Something was said that has no meaning here."""

    t: float


@dataclass(frozen=True, slots=True)
class LowConfidenceWake:
    """A cramp was nearly heard: not sure enough to act, too likely to ignore."""

    t: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The last sample of an utterance was played (not sent for one that was hushed)."""

    t: float
    utterance: int


@dataclass(frozen=True, slots=True)
class InputLost:
    """The microphone gives nothing any more."""

    t: float


@dataclass(frozen=True, slots=True)
class InputRestored:
    """The microphone is back."""

    t: float


@dataclass(frozen=True, slots=True)
class SummaryReady:
    """The answer to ``TellNight``: the sentences, each with its claim or None."""

    t: float
    lines: tuple[tuple[str, str | None], ...]
    unrated: tuple[str, ...] = ()
    """Ratings of ``cramp`` that are not in the diary yet."""
    cramp: int | None = None
    """The diary's number of the cramp to be rated."""
    several: bool = False
    """It was not the only one: the longest."""
    tip_day: date | None = None
    """The day whose tip is told last; None where a danger sign is enough for a morning."""


@dataclass(frozen=True, slots=True)
class DayReady:
    """The answer to ``RecallDay``: the tags of the day that the diary has already. ``asked``: the person began it."""

    t: float
    known: frozenset[str]
    asked: bool = True


@dataclass(frozen=True, slots=True)
class MorningTime:
    """It is time to tell the night."""

    t: float


@dataclass(frozen=True, slots=True)
class EveningTime:
    """It is time to ask about the day."""

    t: float


@dataclass(frozen=True, slots=True)
class Resumed:
    """An episode was running when the power went, minutes ago; ``onset`` is in seconds like ``t``, so negative."""

    t: float
    onset: float
    site: str | None = None
    side: str | None = None
    flags: tuple[str, ...] = ()
    """Danger signs that were raised in it."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the diary knows of the hours before a restart. Times are in seconds like ``t``, so negative."""

    t: float
    unresolved: float | None = None
    """Onset of the latest episode, if that closed while the cramp was not gone."""
    danger: float | None = None
    """When the latest pressing danger sign was raised."""


@dataclass(frozen=True, slots=True)
class HistoryReady:
    """The answer to ``Recall``."""

    t: float
    step_history: StepHistory


@dataclass(frozen=True, slots=True)
class ContactNotified:
    """What became of the message to the contact. ``reached``: it arrived."""

    t: float
    reached: bool


@dataclass(frozen=True, slots=True)
class StretchTime:
    """It is time for the bedtime stretches. ``ask``: whether to begin is asked first."""

    t: float
    ask: bool = True


@dataclass(frozen=True, slots=True)
class ProfileTime:
    """The profile is to be asked for."""

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
    | StretchTime
    | DayReady
    | MorningTime
    | EveningTime
    | ProfileTime
)
