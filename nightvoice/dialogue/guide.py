"""The guide: ``step(state, event) -> (state, actions)``. No input or output, no clock of its own, no threads."""

from math import inf

from nightvoice.content.schema import Pack
from nightvoice.dialogue import check_in, stretching
from nightvoice.dialogue.actions import Action, Chime, RequestDay, RequestSummary, Volume
from nightvoice.dialogue.answers import answer, no_match, place, silence, unsure
from nightvoice.dialogue.commands import COMMANDS, QUERIES, VOLUMES
from nightvoice.dialogue.episode_flow import DANGER_S, EpisodeFlow
from nightvoice.dialogue.events import (
    ContactNotified,
    DayReady,
    EveningTime,
    Event,
    Heard,
    HistoryReady,
    InputLost,
    InputRestored,
    LowConfidenceWake,
    MorningTime,
    NotUnderstood,
    ProfileTime,
    Remembered,
    Resumed,
    SpeechEnded,
    StretchTime,
    SummaryReady,
    Suspected,
    Tick,
)
from nightvoice.dialogue.prompt_builder import PromptBuilder
from nightvoice.dialogue.state import Ask, Line, Phase, State
from nightvoice.dialogue.step_builder import StepBuilder

ECHO_S = 1.5
"""Nobody hears a question out, answers it, and falls silent again within so many seconds."""
MORNING_S = 12 * 3600.0
"""A night that was told so recently is not told again unasked."""
NOTHING: tuple[Action, ...] = ()


class Guide:
    """Leads a person out of a cramp. Holds the words only; all memory is in the state."""

    def __init__(self, pack: Pack, emergency: str = "112", profile: frozenset[str] = frozenset()) -> None:
        """``emergency``: the number to call. ``profile``: conditions (content.schema.Condition) that rule steps out."""
        self._pack, self._emergency, self._profile = pack, emergency, profile
        self._script = PromptBuilder(pack, emergency, profile)
        self._course = EpisodeFlow(self._script)

    def knowing(self, condition: str, holds: bool) -> "Guide":
        """The same guide for somebody of whom that holds, or does not."""
        profile = self._profile | {condition} if holds else self._profile - {condition}
        return Guide(self._pack, self._emergency, profile)

    def step(self, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
        """What ``event`` changes, and what is to be done, in order."""
        if isinstance(event, Tick) and event.t < state.due and event.t < state.alarm:
            return state, NOTHING  # nearly every tick of the night
        turn = StepBuilder(state, event.t)
        match event:
            case Tick():
                self._time(turn)
            case SpeechEnded(utterance=number) if number == state.utterance:
                self._speech_ended(turn)
            case Heard():
                turn.set(soft=event.whispered)
                self._heard(turn, event)
            case Suspected(flag=flag):
                self._course.suspect(turn, flag)
            case NotUnderstood() if state.phase is not Phase.IDLE and state.asked is not None:
                self._not_understood(turn, state.asked)
            case LowConfidenceWake() if (
                state.phase is Phase.IDLE and state.current is None and event.t >= state.undoubting
            ):
                self._course.ask_doubt(turn)
            case SummaryReady() if state.phase is Phase.IDLE:
                check_in.morning(self._course, turn, event)
            case DayReady() if state.phase is Phase.IDLE:
                check_in.evening(self._course, turn, event)
            case MorningTime() if self._free(state) and event.t - state.told > MORNING_S:
                turn.do(RequestSummary())
            case EveningTime() if self._free(state):
                turn.do(RequestDay(asked=False))
            case ProfileTime() if self._free(state):
                check_in.person(self._course, turn)
            case InputLost() if self._guiding(state):
                self._course.say_first(turn, self._script.talk("deaf"))
            case InputRestored() if self._guiding(state):
                self._course.say_first(turn, self._script.talk("hearing"))
            case Resumed():
                self._course.resume(turn, event)
            case Remembered(unresolved=unresolved, danger=danger):
                turn.set(unresolved=unresolved, danger_until=-inf if danger is None else danger + DANGER_S)
            case HistoryReady(experience=experience):
                turn.set(experience=experience)
            case ContactNotified(reached=reached):
                self._course.contact_told(turn, reached)
            case StretchTime(ask=ask) if state.phase is Phase.IDLE and state.current is None:
                (stretching.ask if ask else stretching.start)(self._course, turn)
        return turn.done()

    @staticmethod
    def _guiding(state: State) -> bool:
        return state.phase not in (Phase.IDLE, Phase.FLAGGED)

    @staticmethod
    def _free(state: State) -> bool:
        """Nothing else is going on."""
        return state.phase is Phase.IDLE and state.current is None

    def _time(self, turn: StepBuilder) -> None:
        if turn.t >= turn.state.alarm:
            turn.set(alarm=inf)
            self._course.raise_flag(turn, "ten_minutes")
        elif turn.state.asked is not None:
            silence(self._course, turn, turn.state.asked)
        else:
            self._course.advance(turn)

    def _not_understood(self, turn: StepBuilder, asked: Ask) -> None:
        """Words without meaning; what ends so soon after the question is its echo."""
        if not turn.state.utterance and turn.t >= turn.state.since + ECHO_S:
            no_match(turn, asked)

    def _speech_ended(self, turn: StepBuilder) -> None:
        turn.set(utterance=0)
        match turn.state.current:
            case Ask(patience=patience):
                turn.do(Chime())
                turn.set(since=turn.t, due=turn.t + patience * turn.state.pace)
            case Line(at_least=beat, paced=paced) if beat > 0:
                turn.set(due=turn.state.since + beat * (turn.state.pace if paced else 1.0))
                if turn.state.due <= turn.t:
                    self._course.advance(turn)
            case _:
                self._course.advance(turn)

    def _heard(self, turn: StepBuilder, heard: Heard) -> None:
        """Danger signs first, in every state; then by phase."""
        state, intent = turn.state, heard.intent
        if intent == "flag":
            self._course.raise_flag(turn, heard.slots["flag"])
        elif state.phase is Phase.FLAGGED:
            self._heard_flagged(turn, intent)
        elif check_in.heard(self._course, turn, heard):
            pass
        elif intent == "unsure":
            if state.asked is not None:
                unsure(self._course, turn, state.asked)
        elif state.phase is Phase.IDLE:
            self._heard_idle(turn, heard)
        elif state.held is not None:
            self._heard_paused(turn, heard)
        else:
            self._heard_guided(turn, heard)

    def _heard_idle(self, turn: StepBuilder, heard: Heard) -> None:
        asked = turn.state.asked
        match heard.intent:
            case "cramp":
                self._course.open(turn, heard.slots.get("site"), heard.slots.get("side"))
            case "yes" | "no" if asked is not None:
                answer(self._course, turn, asked, yes=heard.intent == "yes")
            case "stop" if asked is not None:
                self._course.leave(turn)
            case "no" | "stop":
                turn.clear()
            case "help":
                self._course.ask_doubt(turn)
            case "good_morning" | "summary":
                turn.clear()
                turn.do(RequestSummary())
            case "good_evening":
                turn.clear()
                turn.do(RequestDay())
            case "profile":
                check_in.person(self._course, turn)
            case "repeat":
                self._course.go(turn, *turn.state.unit)
            case "stretch":
                stretching.start(self._course, turn)
            case "louder" | "quieter":
                turn.do(Volume(VOLUMES[heard.intent]))
            case _ if asked is not None:
                no_match(turn, asked)

    def _heard_flagged(self, turn: StepBuilder, intent: str) -> None:
        """A danger sign outranks every command but being left alone; the volume still works."""
        if intent in VOLUMES:
            turn.do(Volume(VOLUMES[intent]))
        elif intent == "stop":
            self._course.close(turn, "escalated")
        elif intent == "how_long" and turn.state.episode is not None:
            COMMANDS[intent](self._course, turn)
        elif intent not in ("yes", "no"):
            self._course.go(turn, self._script.advice("flagged_reminder"), *turn.state.unit, keep_unit=True)

    def _heard_paused(self, turn: StepBuilder, heard: Heard) -> None:
        held = turn.state.held or ()
        if heard.intent in VOLUMES:
            turn.do(Volume(VOLUMES[heard.intent]))
        if heard.intent in ("pause", "no", *VOLUMES):
            return
        if heard.intent in QUERIES:
            return COMMANDS[heard.intent](self._course, turn)
        turn.set(held=None)
        turn.plan(*held, keep_unit=True)
        if heard.intent not in ("continue", "yes"):
            self._heard_guided(turn, heard)
        if turn.state.current is None:
            self._course.advance(turn)

    def _heard_guided(self, turn: StepBuilder, heard: Heard) -> None:
        if turn.state.phase is Phase.STRETCHING:
            self._heard_stretching(turn, heard)
        else:
            self._heard_in_episode(turn, heard)

    def _heard_stretching(self, turn: StepBuilder, heard: Heard) -> None:
        intent = heard.intent
        if intent in stretching.COMMANDS:
            stretching.COMMANDS[intent](self._course, turn)
        elif intent in stretching.AS_EVER:
            COMMANDS[intent](self._course, turn)
        elif intent == "cramp":
            self._course.close(turn, "stopped")
            self._course.open(turn, heard.slots.get("site"), heard.slots.get("side"))

    def _heard_in_episode(self, turn: StepBuilder, heard: Heard) -> None:
        intent, asked = heard.intent, turn.state.asked
        site, side = heard.slots.get("site"), heard.slots.get("side")
        turn.set_episode(answered=True)
        if intent in COMMANDS:
            COMMANDS[intent](self._course, turn)
        elif intent == "cramp" and turn.state.phase is Phase.SETTLING:
            self._course.close(turn, "gone")
            self._course.open(turn, site, side)
        elif asked is not None and intent in ("yes", "no"):
            answer(self._course, turn, asked, yes=intent == "yes")
        elif turn.state.phase is Phase.SETTLING and intent in ("site", "side"):
            pass  # it is gone, wherever it was
        elif intent in ("site", "side", "cramp") and place(self._course, turn, site, side):
            pass
        elif asked is not None:
            no_match(turn, asked)
