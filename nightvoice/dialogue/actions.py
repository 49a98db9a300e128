"""What the guide wants done, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Say:
    """Speak; answered by ``SpeechEnded`` with the same number. ``loud``: at help volume; ``soft``: quieter."""

    utterance: int
    text: str
    claim: str | None = None
    loud: bool = False
    soft: bool = False


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Stop speaking at once."""


@dataclass(frozen=True, slots=True)
class Chime:
    """A soft tone: it is the person's builder."""


@dataclass(frozen=True, slots=True)
class Volume:
    """Louder (+1) or quieter (-1) from now on."""

    direction: int


@dataclass(frozen=True, slots=True)
class Record:
    """Write to the diary, synced, before anything further is done."""

    kind: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """Compose last night's summary and hand it back as ``NightTold``."""


@dataclass(frozen=True, slots=True)
class RequestHistory:
    """Read from the diary what helped before, and hand it back as ``Recalled``."""


@dataclass(frozen=True, slots=True)
class RequestDay:
    """Read from the diary what it knows of the day, and hand it back as ``DayRecalled``. ``asked``: by the person."""

    asked: bool = True


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """Keep in the person's profile whether ``condition`` holds, and go by it from now on."""

    condition: str
    holds: bool


Action = Say | StopSpeaking | Chime | Volume | Record | RequestSummary | RequestHistory | RequestDay | UpdateProfile
