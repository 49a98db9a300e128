"""Actions that the guide asks the assistant to carry out, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Say:
    """Speak ``text``. Its end is reported as ``SpeechEnded`` with the same utterance number.

    ``loud``: at the volume for help. ``soft``: quieter than usual, for somebody who whispers.
    """

    utterance: int
    text: str
    claim: str | None = None
    loud: bool = False
    soft: bool = False


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Stop the current utterance at once. No ``SpeechEnded`` follows."""


@dataclass(frozen=True, slots=True)
class Chime:
    """Play the soft tone that invites an answer."""


@dataclass(frozen=True, slots=True)
class Volume:
    """Raise (+1) or lower (-1) the volume by one step."""

    direction: int


@dataclass(frozen=True, slots=True)
class Record:
    """Write an event to the diary, synced to disk before the next action runs."""

    kind: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """Compose last night's summary; answered by ``SummaryReady``."""


@dataclass(frozen=True, slots=True)
class RequestHistory:
    """Read from the diary the earlier cramps; answered by ``HistoryReady``."""


@dataclass(frozen=True, slots=True)
class RequestDay:
    """Read the tags of the day from the diary; answered by ``DayReady``."""

    asked: bool = True
    """Whether the person asked for it, rather than the schedule."""


@dataclass(frozen=True, slots=True)
class RequestTime:
    """Read the clock; answered by ``TimeReady``."""


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """Save in the person's profile whether ``condition`` holds, and apply it from now on."""

    condition: str
    holds: bool


Action = (
    Say
    | StopSpeaking
    | Chime
    | Volume
    | Record
    | RequestSummary
    | RequestHistory
    | RequestDay
    | RequestTime
    | UpdateProfile
)
