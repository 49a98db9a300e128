"""The guide's state. It is immutable, so ``Guide.step`` is a pure function and a test can inspect any moment."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Final

from nightvoice.content.schema import THIGH, UNKNOWN, Site, Step
from nightvoice.dialogue.agenda import YES_OR_NO, AgendaItem, Ask, HoldProgress, Line, QuestionKind
from nightvoice.dialogue.cramp_history import NO_HISTORY, CrampHistory


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


@dataclass(frozen=True, slots=True)
class EpisodeState:
    """The running episode."""

    onset: float
    site: Site | None = None
    side: str | None = None
    thigh: bool = False
    """Whether it is in the thigh, front or back unknown."""
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
    offered: bool = False
    """Whether the person was asked if it is where their cramps are most often."""
    sought: bool = False
    """Whether they were asked where it is, before or after that."""
    known: bool = False
    """Whether the person's cramps at this site are known to be usual, so that the question is left out."""
    cautioned: bool = False
    """Whether the caution was spoken because nobody answered whether the cramp is usual."""
    eased: bool = False
    screening: int | None = None
    """Index of the open danger question. Nothing is stretched until all are answered."""
    screened: bool = False
    """Whether all danger questions were answered with no."""
    worse: bool = False
    """Whether the danger questions were started because the cramp got worse."""
    seated: bool = False
    """Whether the person was asked to sit on the edge of the bed."""
    walk_told: bool = False
    """Whether the person was told that walking comes when the cramp lets go."""
    helper: bool = False
    """Whether somebody is there to help."""
    silent: bool = False
    """Whether nobody answered if it is easing, so that the guide leads on without asking."""
    wish: str | None = None
    """The step that the person asked for before the steps began."""

    @property
    def usual_open(self) -> bool:
        """Whether it is still to be found out whether the cramp is usual."""
        return self.usual is None and not self.cautioned and not self.known

    @property
    def suitable_protocol(self) -> str:
        """The protocol for what is known of the site."""
        return self.site or (THIGH if self.thigh else UNKNOWN)


SAME: Final = "same"
"""The site of who says that the cramp is back: where the last one was."""
OTHER_SIDE: Final = {"left": "right", "right": "left"}


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
    quiet_left: float = 0.0
    """Seconds of the current wait that are left after calm words in its middle; 0 if there are none."""
    alarm: float = inf
    """End of the episode's ten minutes."""
    held_question: Ask | None = None
    """The question asked within a hold, while it can still be answered."""
    tries: int = 0
    """How often the current question was repeated."""
    recent_texts: tuple[str, ...] = ()
    """The texts spoken last, each once, the most recent last."""
    progress: HoldProgress | None = None
    """How far the current hold has been counted."""
    soft: bool = False
    """Whether the person whispered."""
    whisper_until: float = -inf
    """Time until which the guide whispers and says only what is needed, because somebody sleeps beside the person."""
    aloud_until: float = -inf
    """Time until which it does not whisper although the setting says so, because it was told to speak louder."""
    no_cramp_until: float = -inf
    """Time until which a call for help is not asked whether it is a cramp, because the last one was none."""
    doubt_muted_until: float = 0.0
    """Time until which no "is it a cramp?" is asked, because one went unanswered."""
    last_site: Site | None = None
    last_side: str | None = None
    """Where the latest episode was, for who says that the cramp is back."""
    usual_until: float = -inf
    """Time until which a cramp where the latest one was is taken for as usual as that one."""
    unresolved: float | None = None
    """Onset of the latest episode, if it closed before the cramp was gone."""
    danger_until: float = -inf
    """Time until which a danger sign rules out stretching, unless the danger questions are answered with no."""
    dangers: frozenset[str] = frozenset()
    """The danger signs behind ``danger_until``; the danger questions ask about each of them."""
    told: frozenset[str] = frozenset()
    """Conditions of the profile that the person told of tonight."""
    told_until: float = -inf
    """Time until which ``told`` counts."""
    clot_due: bool = False
    """Whether a pregnancy told tonight makes the clot question come before the next stretch."""
    to_keep: tuple[str, ...] = ()
    """Conditions told tonight that the guide has not yet offered to remember."""
    getting_up_from: float = -inf
    """Time from which the end of an episode says again how to get up."""
    not_understood: int = 0
    """How often in a row several words were not understood."""
    help_asked: bool = False
    """Whether the guide asked in this episode if the person needs help, because it understood nothing."""
    here_again_at: float = 0.0
    """Time from which words that are not understood in a hold are answered with "I'm here" again."""
    help_coming: bool = False
    """Whether the person said that help is on its way."""
    contact_reached: bool | None = None
    """Whether the contact has the message about this episode; None if no result is known."""
    pace: float = 1.0
    """Factor on every pause."""
    history: CrampHistory = NO_HISTORY
    """The person's earlier cramps, as last read from the diary."""
    flags: frozenset[str] = field(default_factory=frozenset)
    """Danger signs raised in this episode."""
    episode: EpisodeState | None = None
    stretching: Stretching | None = None
    check_in: CheckIn | None = None
    last_summary_at: float = -inf
    """Time at which the summary of the night was last spoken."""

    def reset(self) -> "State":
        """Return the idle state, with what still counts for the night: danger signs and what the person told."""
        return State(
            spoken=self.spoken,
            last_site=self.last_site,
            last_side=self.last_side,
            usual_until=self.usual_until,
            unresolved=self.unresolved,
            danger_until=self.danger_until,
            dangers=self.dangers,
            told=self.told,
            told_until=self.told_until,
            getting_up_from=self.getting_up_from,
            whisper_until=self.whisper_until,
            aloud_until=self.aloud_until,
            history=self.history,
        )

    @property
    def asked(self) -> Ask | None:
        """The open question."""
        return self.current if isinstance(self.current, Ask) else None

    @property
    def question(self) -> str:
        """The words of the open question, or ""."""
        asked = self.asked or self.held_question
        return asked.wordings[0] if asked is not None else ""

    @property
    def listens_for(self) -> str:
        """Name of the grammar that applies now."""
        match self.asked or self.held_question:
            case Ask(kind=QuestionKind.SITE | QuestionKind.THIGH):
                return "site"
            case Ask(kind=kind) if kind in YES_OR_NO:
                return "usual"
            case Ask(kind=QuestionKind.TRIAGE):
                return "triage"
        if self.phase is Phase.IDLE:
            return "morning" if self.current or self.agenda else "idle"
        return "guiding"
