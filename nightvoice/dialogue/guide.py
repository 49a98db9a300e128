"""The guide: a pure function ``step(state, event) -> (state, actions)``, without I/O, clock or threads."""

from collections.abc import Mapping
from math import inf

from nightvoice.content.countries import NO_COUNTRY, HelpNumbers
from nightvoice.content.schema import Pack
from nightvoice.dialogue import answers, check_in, danger_question, flagged, idle, requests, stretching, told
from nightvoice.dialogue.actions import Action, Chime
from nightvoice.dialogue.agenda import Ask, Line, QuestionKind
from nightvoice.dialogue.answers import on_answer, on_held_answer, on_no_input, on_no_match, on_site, on_unsure
from nightvoice.dialogue.commands import ABOUT_HELP, COMMANDS, QUERIES, VOLUMES, unusual
from nightvoice.dialogue.episode_flow import EpisodeFlow
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
    ProfileNotKept,
    ProfileTime,
    Remembered,
    Resumed,
    SpeechEnded,
    StretchTime,
    SummaryReady,
    Suspected,
    Tick,
    TimeReady,
)
from nightvoice.dialogue.not_understood import on_not_understood
from nightvoice.dialogue.prompt_builder import PromptBuilder
from nightvoice.dialogue.state import SAME, Phase, State
from nightvoice.dialogue.step_builder import StepBuilder

PLACES = ("site", "side", "moved", "cramp")
"""Intents that name a place."""
NO_ACTIONS: tuple[Action, ...] = ()


class Guide:
    """Leads a person out of a cramp. It holds only the words to speak; everything it remembers is in ``State``."""

    def __init__(
        self,
        pack: Pack,
        numbers: HelpNumbers = NO_COUNTRY,
        profile: frozenset[str] = frozenset(),
        bridged: bool = False,
        whispers: bool = False,
    ) -> None:
        """``numbers``: whom to call. ``profile``: conditions (content.schema.Condition) that rule steps out.

        ``bridged``: whether ``nightvoice bridge`` passes requests on to the house. ``whispers``: whether it whispers
        during a cramp unless it is told to speak louder.
        """
        self._pack, self._numbers, self._profile = pack, numbers, profile
        self._bridged, self._whispers = bridged, whispers
        self._prompts = PromptBuilder(pack, numbers, profile, bridged)
        self._flow = EpisodeFlow(self._prompts)
        self._guides: dict[frozenset[str], Guide] = {}

    def with_condition(self, condition: str, holds: bool) -> "Guide":
        """Return the same guide for a profile in which ``condition`` holds, or does not."""
        profile = self._profile | {condition} if holds else self._profile - {condition}
        return self._changed(self._numbers, profile)

    def with_numbers(self, numbers: HelpNumbers) -> "Guide":
        """Return the same guide for other numbers to call."""
        return self._changed(numbers, self._profile)

    def _changed(self, numbers: HelpNumbers, profile: frozenset[str]) -> "Guide":
        return Guide(self._pack, numbers, profile, self._bridged, self._whispers)

    def _for(self, told: frozenset[str]) -> "Guide":
        """Return the guide for a person who told of these conditions."""
        if told not in self._guides:
            self._guides[told] = self._changed(self._numbers, self._profile | told)
        return self._guides[told]

    def step(self, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
        """Return the state after ``event``, and the actions to take, in order."""
        if isinstance(event, Tick) and event.t < state.due and event.t < state.alarm:
            return state, NO_ACTIONS  # nearly every tick of the night
        if event.t < state.told_until and not state.told <= self._profile:
            return self._for(state.told).step(state, event)
        builder = StepBuilder(state, event.t, self._whispers)
        match event:
            case Tick():
                self._on_tick(builder)
            case SpeechEnded():
                self._on_speech_ended(builder, event)
            case Heard():
                self._on_heard(builder, event)
            case Suspected(flag=flag, what_if=what_if):
                self._flow.suspect(builder, flag, what_if)
            case NotUnderstood(words=words):
                on_not_understood(self._flow, builder, words)
            case LowConfidenceWake() | MorningTime() | EveningTime() | ProfileTime() | StretchTime():
                if state.phase is Phase.IDLE and state.current is None:
                    idle.begin(self._flow, builder, event)
            case SummaryReady() | DayReady() if state.phase is Phase.IDLE:
                idle.begin_check_in(self._flow, builder, event)
            case InputLost() | InputRestored() if state.phase not in (Phase.IDLE, Phase.FLAGGED):
                self._flow.say_first(builder, self._prompts.talk("deaf" if isinstance(event, InputLost) else "hearing"))
            case Resumed():
                self._flow.resume(builder, event)
            case Remembered():
                told.on_remembered(self._flow, builder, event)
            case HistoryReady(history=history):
                builder.set(history=history)
            case TimeReady(now=now):
                if state.phase not in (Phase.IDLE, Phase.FLAGGED):
                    requests.tell_time(self._flow, builder, now)
            case ContactNotified(reached=reached):
                self._flow.on_contact_notified(builder, reached)
            case ProfileNotKept():
                told.on_not_kept(self._flow, builder)
        return builder.result()

    def _on_tick(self, builder: StepBuilder) -> None:
        if builder.t >= builder.state.alarm:
            builder.set(alarm=inf)
            self._flow.raise_flag(builder, "ten_minutes")
        elif builder.state.quiet_left:
            self._flow.keep_company(builder)
        elif builder.state.asked is not None:
            on_no_input(self._flow, builder, builder.state.asked)
        else:
            self._flow.advance(builder)

    def _on_speech_ended(self, builder: StepBuilder, event: SpeechEnded) -> None:
        if event.utterance != builder.state.utterance:
            return
        builder.set(utterance=0)
        state = builder.state
        match state.current:
            case _ if state.quiet_left:  # calm words in the middle of a wait
                builder.set(since=builder.t)
                self._flow.wait(builder, state.quiet_left)
            case Ask():
                builder.do(Chime())
                builder.set(since=builder.t)
                self._flow.wait(builder, answers.patience(state.current, state.pace))
            case Line(at_least=beat, paced=paced) if beat > 0:
                self._flow.wait(builder, state.since + beat * (state.pace if paced else 1.0) - builder.t)
                if builder.state.due <= builder.t:
                    self._flow.advance(builder)
            case _:
                self._flow.advance(builder)

    def _on_heard(self, builder: StepBuilder, heard: Heard) -> None:
        """Handle a danger sign first, in any phase; react to other intents by phase."""
        builder.note_voice(heard.whispered)
        if heard.intent == "quieter" and "whisper" in heard.slots:
            builder.whisper()
        state, intent, asked = builder.state, heard.intent, builder.state.asked
        if intent == "flag":
            self._on_flag(builder, heard.slots["flag"])
        elif intent == "told":
            self._on_told(builder, heard.slots["condition"])
        elif state.phase is Phase.FLAGGED:
            flagged.on_heard(self._flow, builder, intent)
        elif check_in.on_heard(self._flow, builder, heard):
            pass
        elif asked is not None and asked.kind is QuestionKind.TRIAGE:
            danger_question.on_heard(self._flow, builder, heard, asked)
        elif builder.pending_danger_question() is not None:
            danger_question.on_heard_before(self._flow, builder, heard)
        elif intent == "unsure":
            if asked is not None:
                on_unsure(self._flow, builder, asked)
            elif state.held_question is not None:
                on_held_answer(self._flow, builder, usual=False)
        elif state.phase is Phase.IDLE:
            idle.on_heard(self._flow, builder, heard)
        elif intent == "asked" and state.paused_agenda is not None and heard.slots["what"] in requests.QUESTIONS:
            requests.answer(self._flow, builder, heard.slots)  # the pause goes on
        elif state.paused_agenda is not None:
            self._on_heard_paused(builder, heard)
        else:
            self._on_heard_active(builder, heard)

    def _on_flag(self, builder: StepBuilder, flag: str) -> None:
        """Raise a danger sign. Numbness counts as the condition for this night: no rubbing, no warmth."""
        condition = told.CONDITION_OF.get(flag)
        if condition is not None and condition not in self._profile:
            builder.tell(condition, keep=False)
            told.on_numbness(self._for(frozenset({condition}))._flow, builder)
        self._flow.raise_flag(builder, flag)

    def _on_told(self, builder: StepBuilder, condition: str) -> None:
        """Let a condition count from this moment on."""
        news = condition not in self._profile
        if news:
            builder.tell(condition)
        flow = self._for(frozenset({condition}))._flow
        if builder.state.phase is Phase.FLAGGED:
            flagged.remind(flow, builder)
        else:
            told.on_told(flow, builder, condition, news)

    def _on_asked(self, builder: StepBuilder, slots: Mapping[str, str]) -> None:
        """React to a request; some count as a condition for this night."""
        condition = requests.CONDITION_OF.get(slots["what"])
        flow = self._flow
        if condition is not None and builder.state.phase is not Phase.STRETCHING:
            builder.tell(condition, keep=False)
            flow = self._for(frozenset({condition}))._flow
        requests.on_asked(flow, builder, slots)

    def _on_heard_paused(self, builder: StepBuilder, heard: Heard) -> None:
        agenda = builder.state.paused_agenda or ()
        if heard.intent in VOLUMES:
            builder.change_volume(VOLUMES[heard.intent])
        if heard.intent in ("pause", "no", *VOLUMES, *ABOUT_HELP):
            return
        if heard.intent in QUERIES:
            return COMMANDS[heard.intent](self._flow, builder)
        builder.set(paused_agenda=None)
        builder.plan(*agenda, keep_repeatable=True)
        if heard.intent not in ("continue", "yes"):
            self._on_heard_active(builder, heard)
        if builder.state.current is None:
            self._flow.advance(builder)

    def _on_heard_active(self, builder: StepBuilder, heard: Heard) -> None:
        if builder.state.phase is Phase.STRETCHING:
            self._on_heard_stretching(builder, heard)
        else:
            self._on_heard_in_episode(builder, heard)

    def _on_heard_stretching(self, builder: StepBuilder, heard: Heard) -> None:
        intent = heard.intent
        if intent in stretching.COMMANDS:
            stretching.COMMANDS[intent](self._flow, builder)
        elif intent in stretching.SHARED_COMMANDS:
            COMMANDS[intent](self._flow, builder)
        elif intent == "asked":
            self._on_asked(builder, heard.slots)
        elif intent == "cramp":
            self._flow.close(builder, "stopped")
            self._flow.open_episode(builder, heard.slots.get("site"), heard.slots.get("side"))

    def _on_heard_in_episode(self, builder: StepBuilder, heard: Heard) -> None:
        intent, asked = heard.intent, builder.state.asked
        site, side = heard.slots.get("site"), heard.slots.get("side")
        builder.set_episode(answered=True)
        if intent in COMMANDS:
            COMMANDS[intent](self._flow, builder)
        elif intent == "asked":
            self._on_asked(builder, heard.slots)
        elif intent == "fine" and builder.state.phase is Phase.GUIDING:
            COMMANDS["gone"](self._flow, builder)
        elif intent == "unusual":
            unusual(self._flow, builder)
        elif intent == "cramp" and builder.state.phase is Phase.SETTLING:
            self._flow.close(builder, "gone")
            self._flow.open_episode(builder, site, side)
        elif intent == "moved" and builder.state.phase is Phase.SETTLING:  # the next cramp, in the other leg
            self._flow.close(builder, "gone")
            self._flow.open_episode(builder, SAME, side)
        elif intent == "yes" and answers.on_place_beside_yes(self._flow, builder, asked, heard.slots):
            pass
        elif asked is not None and (intent in ("yes", "no") or (intent == "fine" and asked.kind is QuestionKind.LEFT)):
            on_answer(self._flow, builder, asked, yes=intent == "yes")
        elif builder.state.held_question is not None and intent in ("yes", "no"):
            on_held_answer(self._flow, builder, usual=intent == "yes")
        elif builder.state.phase is Phase.SETTLING and intent in ("site", "side"):
            pass  # the cramp is gone; its site no longer matters
        elif intent in PLACES and on_site(self._flow, builder, site, side, moved=intent == "moved"):
            pass
        elif asked is not None:
            on_no_match(builder, asked)
