"""The guide's whole memory: immutable, so that a step is a function and a test can hold any moment still."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from nightvoice.content.schema import Site, Step
from nightvoice.dialogue.step_history import NO_STEP_HISTORY, StepHistory


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
    STRETCHING = "stretching"
    """The bedtime stretches."""


class QuestionKind(StrEnum):
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
    STILL = "still"
    STRETCHES = "stretches"
    OFFER = "offer"
    RATING = "rating"
    TAG = "tag"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class HoldProgress:
    """How far a hold has been counted."""

    hold: int
    holds: int
    count: int
    """The last second counted; 0 before the first."""


@dataclass(frozen=True, slots=True)
class Line:
    """Words to be spoken: of the wordings, the one that was said longest ago."""

    wordings: tuple[str, ...]
    claim: str | None = None
    loud: bool = False
    at_least: float = 0.0
    """Seconds from its start until the agenda goes on (the beat of counting, or of a breath)."""
    paced: bool = False
    """Whether "slower" makes that longer; not within a count."""
    progress: HoldProgress | None = None
    """The count that it is."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Silence of so many seconds."""

    seconds: float
    paced: bool = True
    """Whether "slower" makes it longer; not within a count."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: asked once more in other words when nobody answers, then the kind says how to go on."""

    kind: QuestionKind
    wordings: tuple[str, ...]
    no_input: tuple[str, ...]
    """Said to silence; with none, silence is taken at once."""
    no_match: tuple[str, ...]
    """Said to an answer that means nothing."""
    patience: float = 8.0
    """Seconds of silence after the question before it is asked again."""
    flag: str = ""
    """The danger sign that a yes raises."""
    alone: bool = False
    """Asked because of a word that was said: a no goes back to what it interrupted."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A step of the protocol, or a bedtime stretch, starts."""

    step: int


@dataclass(frozen=True, slots=True)
class HoldDone:
    """A hold of a bedtime stretch is done."""


@dataclass(frozen=True, slots=True)
class Close:
    """The episode, or the routine, is over."""

    outcome: str


AgendaItem = Line | Wait | Ask | Begin | HoldDone | Close


@dataclass(frozen=True, slots=True)
class EpisodeState:
    """The cramp that is being dealt with."""

    onset: float
    site: Site | None = None
    side: str | None = None
    protocol: str | None = None
    plan: tuple[Step, ...] = ()
    """The protocol's steps for this person tonight, in the order in which they are tried."""
    step: int = 0
    """Number of the present one in the plan."""
    rounds: int = 0
    """How often the whole protocol was gone through."""
    answered: bool = False
    """Whether anything was said since the protocol began."""
    usual: bool | None = None
    """None until answered."""
    eased: bool = False
    screening: int | None = None
    """Which danger question is still to be answered; nothing is stretched before."""
    worse: bool = False
    """The danger questions are asked because it got worse."""
    seated: bool = False
    """Was led to the edge of the bed."""
    helper: bool = False
    """Somebody is there who can help."""


@dataclass(frozen=True, slots=True)
class Stretching:
    """The bedtime stretches, as far as they are done."""

    began: float
    number: int = 0
    """Which stretch."""
    holds: int = 0
    """Holds done."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What is being filled in by voice."""

    questions: tuple[str, ...]
    """What is still to be asked, the present one first: ratings of a cramp, tags of the day, or conditions."""
    closing: tuple[Line, ...]
    """Said at its end."""
    episode: int | None = None
    """The diary's number of the cramp that is rated; None: it is about the day, or the person."""
    several: bool = False
    """There were other cramps besides."""
    person: bool = False
    """It is about the person: the profile."""

    def after(self) -> "CheckIn":
        """Without the present question."""
        return replace(self, questions=self.questions[1:])


@dataclass(frozen=True, slots=True)
class State:
    """Times are in seconds since listening began."""

    phase: Phase = Phase.IDLE
    agenda: tuple[AgendaItem, ...] = ()
    """What comes next."""
    current: AgendaItem | None = None
    """What is being spoken, waited for or asked."""
    repeatable: tuple[AgendaItem, ...] = ()
    """What "repeat" says again: the current step or question from its beginning."""
    paused_agenda: tuple[AgendaItem, ...] | None = None
    """While paused: what to go on with."""
    utterance: int = 0
    """Number of the utterance being spoken; 0: silent."""
    spoken: int = 0
    """How many utterances there were."""
    since: float = 0.0
    """When the current item began; with a question, when it was asked to its end."""
    due: float = inf
    """When the current item is over or has waited long enough."""
    alarm: float = inf
    """When ten minutes are over."""
    tries: int = 0
    """How often the current question was asked again."""
    said: tuple[str, ...] = ()
    """The latest texts, each once, the last one last."""
    progress: HoldProgress | None = None
    """How far the present hold has been counted."""
    soft: bool = False
    """The person whispered."""
    doubt_muted_until: float = 0.0
    """Until when no soft question is asked, because one was left unanswered."""
    unresolved: float | None = None
    """Onset of the latest episode that closed while the cramp was not gone."""
    danger_until: float = -inf
    """Until when a danger sign rules stretching out, unless it is denied."""
    pace: float = 1.0
    """Factor on every pause."""
    step_history: StepHistory = NO_STEP_HISTORY
    flags: frozenset[str] = field(default_factory=frozenset)
    episode: EpisodeState | None = None
    stretching: Stretching | None = None
    check_in: CheckIn | None = None
    last_summary_at: float = -inf
    """When the night was last told."""

    @property
    def asked(self) -> Ask | None:
        """The open question."""
        return self.current if isinstance(self.current, Ask) else None

    @property
    def listens_for(self) -> str:
        """The dialogue state whose grammar applies now."""
        match self.asked:
            case Ask(kind=QuestionKind.SITE | QuestionKind.THIGH):
                return "site"
            case Ask(kind=QuestionKind.USUAL | QuestionKind.DOUBT | QuestionKind.STILL | QuestionKind.STRETCHES):
                return "usual"
            case Ask(kind=QuestionKind.TRIAGE):
                return "triage"
        if self.phase is Phase.IDLE:
            return "morning" if self.current or self.agenda else "idle"
        return "guiding"
