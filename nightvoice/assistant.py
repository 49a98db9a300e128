"""The assistant: passes frames to the listener, results to the guide, its actions to speaker and diary."""

from __future__ import annotations

from dataclasses import dataclass
from traceback import format_exception
from typing import TYPE_CHECKING

from nightvoice.audio.ports import AudioPorts, Loudness, Utterance
from nightvoice.audio.rate import FRAME_S
from nightvoice.dialogue import events
from nightvoice.dialogue.actions import (
    Action,
    Chime,
    Record,
    RequestDay,
    RequestHistory,
    RequestSummary,
    RequestTime,
    Say,
    StopSpeaking,
    UpdateProfile,
    Volume,
)
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.state import Phase, State
from nightvoice.diary import kinds
from nightvoice.diary.marks import ABSENT
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.errors import NightvoiceError
from nightvoice.history import History
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import Listener, RecognitionResult
from nightvoice.night import events as night_events
from nightvoice.night.recorder import NightRecorder
from nightvoice.night.settings import Hooks, NightSettings
from nightvoice.system.clock import DailySchedule, NightClock
from nightvoice.system.control_socket import BUTTONS, Order
from nightvoice.system.failures import FailureCounter

if TYPE_CHECKING:
    from nightvoice.audio.frames import Frame

HEARTBEAT_S = 60.0
"""How often the diary records that the assistant is still listening."""

_NOTICE = -1
"""Utterance id of the opening notice, which the guide does not know about."""


@dataclass(frozen=True, slots=True)
class _Loss:
    """A loss of input: the time (t) of its start, and its reason."""

    since: float
    reason: str


class Assistant:
    """One night: runs until the microphone ends, or until the dialogue of ``settings.only`` is over."""

    def __init__(
        self,
        audio: AudioPorts,
        listener: Listener,
        guide: Guide,
        diary: WriteBehindDiary,
        settings: NightSettings,
        hooks: Hooks,
    ) -> None:
        self._microphone, self._speaker = audio.microphone, audio.speaker
        self._listener, self._guide = listener, guide
        self._settings, self._hooks = settings, hooks
        self._clock = NightClock(settings.began)
        self._recorder = NightRecorder(diary, self._clock, hooks.sink)
        self._history = History(diary, settings.narrate, settings.numbers, self._recorder.show_unavailable)
        self._schedule = DailySchedule(self._clock, {name: daily.at for name, daily in settings.daily.items()})
        self._state = State()
        self._speaking: dict[int, str] = {}
        """Text of each utterance that is queued or being spoken, by its id."""
        self._loss: _Loss | None = None
        self._next_second, self._next_heartbeat = 0.0, HEARTBEAT_S
        self._failures, self._profile_not_kept = FailureCounter(), False

    def run(self) -> None:
        """Listen until the microphone has no more frames, then summarize the night."""
        began, only = self._settings.began, self._settings.only
        self._recorder.write_start(self._listener.name, self._speaker.voice, self._hooks.clock_watch)
        parts = {"engine": self._listener.name, "voice": self._speaker.voice}
        self._recorder.show(night_events.ListeningEvent(**parts, content=self._settings.content))
        for event in self._history.at_start(began):
            self._step(event)
        self._schedule.go_on(*self._history.appointments(began))
        if self._settings.notice:
            self._say(Say(_NOTICE, self._settings.notice))
        if only is not None:
            self._step(only)
        try:
            for number, frame in enumerate(self._microphone.frames(), start=1):
                self._recorder.t = number * FRAME_S
                self._tick(frame)
                if only is not None and self._at_rest:
                    break
        finally:
            self._recorder.write(kinds.ListeningStopped(reason="ended"))
        if only is None:
            self._recorder.show(night_events.SummaryEvent(**self._history.summary(began)))

    @property
    def _t(self) -> float:
        """The current second of the night."""
        return self._recorder.t

    @property
    def _at_rest(self) -> bool:
        """Whether the dialogue is idle and nothing is being said."""
        return self._state.phase is Phase.IDLE and self._state.current is None and not self._speaking

    def _tick(self, frame: Frame) -> None:
        for utterance in self._speaker.ended():
            if self._speaking.pop(utterance, None) is not None:
                self._listener.on_playback_end()
                self._step(events.SpeechEnded(self._t, utterance))
        speaking = next(iter(self._speaking.values()), None)
        if self._microphone.hears_itself:
            self._listener.on_own_voice()
        result = self._listener.hear(frame, self._state.listens_for, speaking, self._state.question)
        if result is not None:
            self._handle_result(result)
        self._check_input()
        for order in self._hooks.orders():
            self._obey(order)
        self._step(events.Tick(self._t))
        for name in self._schedule.due(self._t):
            self._recorder.write(kinds.AppointmentKept(what=name))
            self._step(self._settings.daily[name].event(self._t))
        if self._t >= self._next_second:
            self._next_second += 1.0
            self._hooks.alive()
            self._check_clock()
            self._recorder.show_diary_notices()
        if self._t >= self._next_heartbeat:
            self._next_heartbeat += HEARTBEAT_S
            if self._loss is None:
                self._recorder.heartbeat()

    def _step(self, event: events.Event) -> None:
        try:
            self._state, actions = self._guide.step(self._state, event)
        except Exception as error:
            self._failed("guide", error)
            if self._failures.is_hopeless("guide"):
                self._reset_dialogue()
            return
        self._failures.worked("guide")
        for action in actions:
            self._act(action)
        if self._profile_not_kept:
            self._profile_not_kept = False
            self._step(events.ProfileNotKept(self._t))

    def _reset_dialogue(self) -> None:
        """Start again from idle: better to listen for a cramp than to stay silent in a state that always fails."""
        self._recorder.write(kinds.EpisodeClosed(outcome="interrupted"))
        self._speaker.stop()
        self._speaking.clear()
        self._state = self._state.reset()

    def _failed(self, part: str, error: Exception) -> None:
        """Report a bug in one part; the night goes on."""
        if self._failures.failed(part):
            why = "".join(format_exception(error)[-2:]).strip()
            self._recorder.show(night_events.PartFailedEvent(part=part, why=why))

    def _act(self, action: Action) -> None:
        match action:
            case Record(kind=kind, data=data):
                self._recorder.record(kind, data)
            case Say():
                self._say(action)
            case StopSpeaking():
                self._speaker.stop()
                for text in self._speaking.values():
                    self._recorder.show(night_events.InterruptedEvent(text=text))
                self._speaking.clear()
            case Chime():
                self._speaker.chime()
            case Volume(direction=direction):
                self._speaker.change_volume(direction)
            case RequestSummary():
                self._step(self._history.night(self._t, self._recorder.now))
            case RequestHistory():
                self._step(self._history.cramps(self._t))
            case RequestDay(asked=asked):
                self._step(self._history.day(self._t, self._recorder.now, asked))
            case RequestTime():
                self._step(events.TimeReady(self._t, self._recorder.now.timetz()))
            case UpdateProfile(condition=condition, holds=holds):
                self._update_profile(condition, holds)

    def _update_profile(self, condition: str, holds: bool) -> None:
        """Apply the condition from now on, even if it cannot be saved for later nights."""
        self._guide = self._guide.with_condition(condition, holds)
        try:
            self._hooks.keep_condition(condition, holds)
        except NightvoiceError as error:
            self._recorder.show(night_events.ProfileNotKeptEvent(why=str(error)))
            self._profile_not_kept = True
        else:
            self._recorder.show(night_events.ProfileEvent(condition=condition, holds=holds))

    def _say(self, say: Say) -> None:
        loudness = Loudness.HELP if say.loud else Loudness.SOFT if say.soft else Loudness.NIGHT
        spoken = self._speaker.say(Utterance(say.utterance, say.text, loudness))
        if spoken.failure is not None:
            self._failed("voice", spoken.failure)
        self._speaking[say.utterance] = say.text
        start, end = round(self._t, 3), round(self._t + spoken.seconds, 3)
        self._recorder.show(night_events.SaidEvent(text=say.text, claim=say.claim or ABSENT, start=start, end=end))

    def _handle_result(self, result: RecognitionResult) -> None:
        if result.verdict is Verdict.HEARD:
            slots = dict(result.slots)
            heard = kinds.IntentHeard(intent=result.intent, slots=slots, score=result.score, engine=result.engine)
            self._recorder.write(heard)
            self._recorder.show(night_events.HeardEvent(**heard.data(), text=result.text))
            self._step(
                events.Suspected(self._t, slots["flag"], "what_if" in slots)
                if result.intent == "suspicion"
                else events.Heard(self._t, result.intent, slots, result.whispered)
            )
            return
        self._recorder.show(night_events.RejectedEvent(
            intent=result.intent, why=result.why, verdict=result.verdict.value,
            score=result.score, engine=result.engine, text=result.text,
        ))  # fmt: skip
        not_understood = events.NotUnderstood(self._t, len(result.text.split()))
        self._step(events.LowConfidenceWake(self._t) if result.verdict is Verdict.DOUBTFUL else not_understood)

    def _obey(self, order: Order) -> None:
        """Treat a button as the words it stands for, in the states where those words mean something."""
        ordered = kinds.Ordered(order=order.value)
        self._recorder.show(ordered)
        if order in BUTTONS:
            self._recorder.write(ordered)
        match order:
            case Order.START_GUIDANCE if self._state.phase in (Phase.IDLE, Phase.SETTLING):
                self._step(events.Heard(self._t, "cramp"))
            case Order.GOOD_NIGHT if self._state.phase is Phase.IDLE:
                self._step(events.Heard(self._t, "good_evening"))
            case Order.MUTE:
                self._step(events.Heard(self._t, "stop"))
            case Order.CONTACT_REACHED | Order.CONTACT_NOT_REACHED:
                self._step(events.ContactNotified(self._t, order is Order.CONTACT_REACHED))

    def _check_input(self) -> None:
        since, reason = self._microphone.lost_since, "microphone"
        if since is None and self._listener.input_lost:
            since, reason = self._t, "ears"
        if since is not None and self._loss is None:
            self._loss = _Loss(since, reason)
            self._recorder.show(night_events.DeafEvent(reason=reason))
            self._step(events.InputLost(self._t))
        elif since is None and self._loss is not None:
            loss, self._loss = self._loss, None
            self._recorder.write_gap(self._clock.at(loss.since), loss.reason)
            self._recorder.show(night_events.HearsAgainEvent(seconds=round(self._t - loss.since, 1)))
            self._step(events.InputRestored(self._t))

    def _check_clock(self) -> None:
        if (watch := self._hooks.clock_watch) is None:
            return
        lost, moved, zone = watch.lost_time(self._t), watch.clock_change(), watch.zone_change()
        if lost:
            before = self._recorder.now
            self._clock.shift(lost)
            self._recorder.write_gap(before, "suspended")
            self._recorder.show(night_events.SuspendedEvent(seconds=round(lost, 1)))
        if moved:
            # The diary corrects what the old clock dated: neither a cramp nor the listening grows by the change.
            self._clock.shift(moved)
            self._recorder.write(kinds.ClockSet(seconds=round(moved, 3)))
            self._recorder.show(night_events.ClockMovedEvent(seconds=round(moved, 1)))
        if zone:
            self._recorder.show(night_events.TimeZoneEvent(offset=f"{self._recorder.now:%z}"))
            self._update_help_numbers()
        if lost or moved or zone:
            self._schedule.reschedule(self._t, moved)

    def _update_help_numbers(self) -> None:
        """Use the numbers to call in the present time zone: it may be in another country."""
        if self._hooks.help_numbers is None:
            return
        try:
            numbers = self._hooks.help_numbers()
        except NightvoiceError as error:
            self._recorder.show(night_events.PartFailedEvent(part="help numbers", why=str(error)))
            return
        self._history.numbers = numbers
        self._guide = self._guide.with_numbers(numbers)
