"""The guide's state. It is immutable, so ``Guide.step`` is a pure function and a test can inspect any moment."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from nightvoice.content.schema import Site, Step
from nightvoice.dialogue.step_history import NO_STEP_HISTORY, StepHistory


class Phase(StrEnum):
    """The phase of the dialogue."""

    IDLE = "idle"
    OPENING = "opening"
    """An episode has begun; the guide asks where the cramp is and whether stretching is safe."""
    GUIDING = "guiding"
    """The guide leads through the steps of a protocol."""
    SETTLING = "settling"
    """The cramp is over; the guide says how to rest and how to get up."""
    FLAGGED = "flagged"
    """A danger sign was raised; the guide talks about getting help and nothing more."""
    STRETCHING = "stretching"
    """The guide leads through the bedtime stretches."""


class QuestionKind(StrEnum):
    """The kind of a question, which decides the reaction to an answer or silence."""

    DOUBT = "doubt"
    """Is it a cramp? Asked after a ``LowConfidenceWake``."""
    SITE = "site"
    THIGH = "thigh"
    """The front or the back of the thigh?"""
    USUAL = "usual"
    """Is it like the person's usual cramps?"""
    TRIAGE = "triage"
    """Is there this danger sign?"""
    EASING = "easing"
    GONE = "gone"
    ANOTHER_WAY = "another_way"
    """It got worse: try another step?"""
    SAFE_TO_STAND = "safe_to_stand"
    RESUME = "resume"
    """Go on after a pause?"""
    STILL = "still"
    """Is the cramp still there after a power cut?"""
    STRETCHES = "stretches"
    """Begin the bedtime stretches?"""
    OFFER = "offer"
    """Rate the night?"""
    RATING = "rating"
    TAG = "tag"
    """Does this tag apply to the day?"""
    CONDITION = "condition"
    """Does this condition of the profile apply?"""


@dataclass(frozen=True, slots=True)
class HoldProgress:
    """How far a hold has been counted."""

    hold: int
    holds: int
    count: int
    """The last second counted; 0 before the first."""


@dataclass(frozen=True, slots=True)
class Line:
    """Words to speak. Of several wordings, the least recently used is spoken."""

    wordings: tuple[str, ...]
    claim: str | None = None
    loud: bool = False
    at_least: float = 0.0
    """Minimum seconds from its start to the next item: the beat of a count or of a breath."""
    paced: bool = False
    """Whether "slower" lengthens ``at_least``. False within a count."""
    progress: HoldProgress | None = None
    """The position in the hold that this count announces."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A silence of ``seconds``."""

    seconds: float
    paced: bool = True
    """Whether "slower" lengthens it. False within a count."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. Silence repeats it once in the words of ``no_input``; then its kind decides how to go on."""

    kind: QuestionKind
    wordings: tuple[str, ...]
    no_input: tuple[str, ...]
    """Spoken on silence. Empty: the first silence counts as final."""
    no_match: tuple[str, ...]
    """Spoken when the answer does not fit the question."""
    patience: float = 8.0
    """Seconds of silence after the question before it is repeated."""
    flag: str = ""
    """The danger sign that a yes raises."""
    alone: bool = False
    """Whether a suspicious word prompted the question: a no resumes the interrupted agenda."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Marks the start of a step of the protocol, or of a bedtime stretch."""

    step: int


@dataclass(frozen=True, slots=True)
class HoldDone:
    """Marks a completed hold of a bedtime stretch."""


@dataclass(frozen=True, slots=True)
class Close:
    """Closes the episode or the bedtime stretches."""

    outcome: str


AgendaItem = Line | Wait | Ask | Begin | HoldDone | Close


@dataclass(frozen=True, slots=True)
class EpisodeState:
    """The running episode."""

    onset: float
    site: Site | None = None
    side: str | None = None
    protocol: str | None = None
    plan: tuple[Step, ...] = ()
    """The protocol's steps that suit this person tonight, in the order in which they are tried."""
    step_index: int = 0
    """Index of the current step in ``plan``."""
    rounds: int = 0
    """How often the whole plan has been completed."""
    answered: bool = False
    """Whether the person has spoken since the protocol began."""
    usual: bool | None = None
    """Whether the cramp is like the usual ones; None until answered."""
    eased: bool = False
    screening: int | None = None
    """Index of the open danger question. Nothing is stretched until all are answered."""
    worse: bool = False
    """Whether the danger questions were started because the cramp got worse."""
    seated: bool = False
    """Whether the person was asked to sit on the edge of the bed."""
    helper: bool = False
    """Whether somebody is there to help."""


@dataclass(frozen=True, slots=True)
class Stretching:
    """Progress through the bedtime stretches."""

    began: float
    number: int = 0
    """Index of the current stretch."""
    holds: int = 0
    """Holds completed."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A questionnaire in progress: ratings of an episode, tags of the day, or conditions of the profile."""

    questions: tuple[str, ...]
    """The questions left to ask, the current one first."""
    closing: tuple[Line, ...]
    """Spoken at the end."""
    episode: int | None = None
    """Diary number of the episode being rated; None for the day or the profile."""
    several: bool = False
    """Whether the night had other episodes besides the rated one."""
    about_person: bool = False
    """Whether the questions are those of the profile."""

    def after(self) -> "CheckIn":
        """Return the same questionnaire without its current question."""
        return replace(self, questions=self.questions[1:])


@dataclass(frozen=True, slots=True)
class State:
    """Everything the guide remembers. Times are in seconds since listening began."""

    phase: Phase = Phase.IDLE
    agenda: tuple[AgendaItem, ...] = ()
    """The items still to come."""
    current: AgendaItem | None = None
    """The item being spoken, waited for or asked."""
    repeatable: tuple[AgendaItem, ...] = ()
    """The items that "repeat" speaks again: the current step or question from its beginning."""
    paused_agenda: tuple[AgendaItem, ...] | None = None
    """The items to resume after a pause; None while not paused."""
    utterance: int = 0
    """Number of the utterance being spoken; 0 while silent."""
    spoken: int = 0
    """Number of utterances so far."""
    since: float = 0.0
    """Start of the current item; for a question, the end of its last word."""
    due: float = inf
    """Time at which the current item ends or its patience runs out."""
    alarm: float = inf
    """End of the episode's ten minutes."""
    tries: int = 0
    """How often the current question was repeated."""
    recent_texts: tuple[str, ...] = ()
    """The texts spoken last, each once, the most recent last."""
    progress: HoldProgress | None = None
    """How far the current hold has been counted."""
    soft: bool = False
    """Whether the person whispered."""
    doubt_muted_until: float = 0.0
    """Time until which no "is it a cramp?" is asked, because one went unanswered."""
    unresolved: float | None = None
    """Onset of the latest episode, if it closed before the cramp was gone."""
    danger_until: float = -inf
    """Time until which a danger sign rules out stretching, unless the danger questions are answered with no."""
    pace: float = 1.0
    """Factor on every pause."""
    step_history: StepHistory = NO_STEP_HISTORY
    flags: frozenset[str] = field(default_factory=frozenset)
    """Danger signs raised in this episode."""
    episode: EpisodeState | None = None
    stretching: Stretching | None = None
    check_in: CheckIn | None = None
    last_summary_at: float = -inf
    """Time at which the summary of the night was last spoken."""

    @property
    def asked(self) -> Ask | None:
        """The open question."""
        return self.current if isinstance(self.current, Ask) else None

    @property
    def question(self) -> str:
        """The words of the open question, or ""."""
        return self.asked.wordings[0] if self.asked is not None else ""

    @property
    def listens_for(self) -> str:
        """Name of the grammar that applies now."""
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
