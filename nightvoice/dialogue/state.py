"""The guide's whole memory: immutable, so that a step is a function and a test can hold any moment still."""

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from nightvoice.content.schema import Site


class Phase(StrEnum):
    """Where in the night we are."""

    IDLE = "idle"
    OPENING = "opening"
    """Finding out where it is, and whether it is safe to stretch."""
    GUIDING = "guiding"
    SETTLING = "settling"
    """It is over: how to rest and to get up."""
    FLAGGED = "flagged"
    """A danger sign: only help is talked about."""


class Topic(StrEnum):
    """What a question is about."""

    DOUBT = "doubt"
    SITE = "site"
    THIGH = "thigh"
    USUAL = "usual"
    TRIAGE = "triage"
    EASING = "easing"
    GONE = "gone"
    ANOTHER_WAY = "another_way"
    SAFE_TO_STAND = "safe_to_stand"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Line:
    """Words to be spoken."""

    text: str
    claim: str | None = None
    loud: bool = False
    at_least: float = 0.0
    """Seconds from its start until the agenda goes on (the beat of counting)."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Silence of so many seconds."""

    seconds: float
    paced: bool = True
    """Whether "slower" makes it longer; not within a count."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question; no answer asks once more in other words, then goes on as the topic has it."""

    topic: Topic
    text: str
    again: str
    patience: float = 8.0
    """Seconds of silence after the question before it is asked again."""
    number: int = 0
    """Which of the danger questions."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A step of the protocol starts."""

    step: int


@dataclass(frozen=True, slots=True)
class Close:
    """The episode is over."""

    outcome: str


Item = Line | Wait | Ask | Begin | Close


@dataclass(frozen=True, slots=True)
class Episode:
    """The cramp that is being dealt with."""

    onset: float
    site: Site | None = None
    side: str | None = None
    protocol: str | None = None
    step: int = 0
    rounds: int = 0
    """How often the whole protocol was gone through."""
    answered: bool = False
    """Whether anything was answered since the protocol began."""
    usual: bool | None = None
    """None until answered."""
    eased: bool = False
    worse: bool = False
    """The danger questions are asked because it got worse."""


@dataclass(frozen=True, slots=True)
class State:
    """Times are in seconds since listening began."""

    phase: Phase = Phase.IDLE
    agenda: tuple[Item, ...] = ()
    """What comes next."""
    current: Item | None = None
    """What is being spoken, waited for or asked."""
    unit: tuple[Item, ...] = ()
    """What "repeat" says again: the current step or question from its beginning."""
    held: tuple[Item, ...] | None = None
    """While paused: what to go on with."""
    utterance: int = 0
    """Number of the utterance being spoken; 0: silent."""
    spoken: int = 0
    """How many utterances there were."""
    since: float = 0.0
    """When the current item began."""
    due: float = inf
    """When the current item is over or has waited long enough."""
    alarm: float = inf
    """When ten minutes are over."""
    tries: int = 0
    """How often the current question was left unanswered."""
    undoubting: float = 0.0
    """Until when no soft question is asked, because one was left unanswered."""
    unresolved: float | None = None
    """Onset of the latest episode that closed while the cramp was not gone."""
    pace: float = 1.0
    """Factor on every pause."""
    flags: frozenset[str] = field(default_factory=frozenset)
    episode: Episode | None = None

    @property
    def asked(self) -> Ask | None:
        """The open question."""
        return self.current if isinstance(self.current, Ask) else None

    @property
    def listens_for(self) -> str:
        """The dialogue state whose grammar applies now."""
        match self.asked:
            case Ask(topic=Topic.SITE | Topic.THIGH):
                return "site"
            case Ask(topic=Topic.USUAL | Topic.DOUBT):
                return "usual"
            case Ask(topic=Topic.TRIAGE):
                return "triage"
        if self.phase is Phase.IDLE:
            return "morning" if self.current or self.agenda else "idle"
        return "guiding"
