"""What the guide is told. Every event carries ``t``, the seconds since listening began."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A cramp was nearly heard: not sure enough to act, too likely to ignore."""

    t: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The last sample of an utterance was played (not sent for one that was hushed)."""

    t: float
    utterance: int


@dataclass(frozen=True, slots=True)
class WentDeaf:
    """The microphone gives nothing any more."""

    t: float


@dataclass(frozen=True, slots=True)
class HearsAgain:
    """The microphone is back."""

    t: float


@dataclass(frozen=True, slots=True)
class NightTold:
    """The answer to ``TellNight``: the sentences, each with its claim or None."""

    t: float
    lines: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Resumed:
    """An episode was running when the power went, minutes ago; ``onset`` is in seconds like ``t``, so negative."""

    t: float
    onset: float
    site: str | None = None
    side: str | None = None
    step: int = 0


Event = Tick | Heard | Doubtful | SpeechEnded | WentDeaf | HearsAgain | NightTold | Resumed
