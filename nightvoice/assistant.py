"""The assistant: frames to the ears, perceptions to the guide, the guide's actions to loudspeaker and diary."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from traceback import format_exception
from types import MappingProxyType
from typing import Any

import numpy as np

from nightvoice import __version__
from nightvoice.audio import earcons
from nightvoice.audio.frames import FRAME_S, RATE
from nightvoice.audio.ports import Room
from nightvoice.dialogue.actions import (
    Action,
    Chime,
    Record,
    RequestDay,
    RequestHistory,
    RequestSummary,
    Say,
    StopSpeaking,
    UpdateProfile,
    Volume,
)
from nightvoice.dialogue.events import (
    ContactNotified,
    Event,
    Heard,
    InputLost,
    InputRestored,
    LowConfidenceWake,
    NotUnderstood,
    SpeechEnded,
    Suspected,
    Tick,
)
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.state import Phase, State
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.errors import NightvoiceError
from nightvoice.history import History
from nightvoice.insight.narrative import Line
from nightvoice.insight.night import NightSummary
from nightvoice.listening.decision import Verdict
from nightvoice.listening.pipeline import Listener, RecognitionResult
from nightvoice.speaking.voice import Speech
from nightvoice.system.clock import ClockWatch, DailySchedule, NightClock
from nightvoice.system.control_socket import BUTTONS, Order

HEARTBEAT_S = 60.0
"""How often the diary is told that it was still listening."""
VOLUME_STEP = 1.5
"""Factor of one "louder"."""
SOFT = 0.5
"""Factor on the volume for who whispers."""

S_PER_LETTER = 0.07
"""What a letter takes to say, about."""
GIVE_UP = 30
"""So often in a row a part may fail at the same thing before it begins anew (or tells of it again)."""

_NO_UTTERANCE = -1
"""Number of what the guide did not ask for."""

Sink = Callable[[dict[str, Any]], None]
"""Takes each event of the night: ``t``, ``event`` and what belongs to it."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Playback volumes, 0..1."""

    night: float = 0.35
    help: float = 0.9
    earcons: bool = True


@dataclass(slots=True)
class _Playing:
    """An utterance on the loudspeaker."""

    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class _Deaf:
    """Nothing is heard since then (t)."""

    since: float
    reason: str


class Assistant:
    """One night. ``began``: wall clock of t = 0, aware. ``speak``: text to sound. ``tell``: a night in words.

    ``daily``: events of the dialogue that come at a time of day; ``only``: comes at once, and with what it begins the
    night ends. ``keep``: writes into the profile whether a condition holds; raises NightvoiceError.
    ``content``: which language pack it is, and whether a clinician reviewed it.
    ``notice``: is said at the beginning.
    ``drift``: for a night in real time; ``alive`` is called every second of it. ``orders``: those that came meanwhile.
    """

    def __init__(
        self,
        room: Room,
        ears: Listener,
        guide: Guide,
        diary: WriteBehindDiary,
        speak: Callable[[str], Speech],
        voice: str,
        tell: Callable[[NightSummary], list[Line]],
        began: datetime,
        sink: Sink,
        levels: Levels = Levels(),
        daily: Mapping[Callable[[float], Event], time] = MappingProxyType({}),
        only: Event | None = None,
        content: str = "",
        drift: ClockWatch | None = None,
        alive: Callable[[], None] = lambda: None,
        orders: Callable[[], list[Order]] = list,
        keep: Callable[[str, bool], None] = lambda condition, holds: None,
        notice: str = "",
    ) -> None:
        self._room, self._ears, self._guide, self._diary = room, ears, guide, diary
        self._memory = History(diary, tell, lambda error: self._emit("diary_unavailable", why=str(error)))
        self._speak, self._voice = speak, voice
        self._began, self._sink, self._levels = began, sink, levels
        self._clock = NightClock(began)
        self._schedule = DailySchedule(self._clock, daily)
        self._only, self._content, self._keep, self._notice = only, content, keep, notice
        self._drift, self._alive, self._orders = drift, alive, orders
        self._state = State()
        self._t = 0.0
        self._playing: dict[int, _Playing] = {}
        self._gain = 1.0
        self._deaf: _Deaf | None = None
        self._beat = HEARTBEAT_S
        self._second = 0.0
        self._failures: Counter[str] = Counter()

    def run(self) -> None:
        """Listen until the room has no more frames; then tell the night."""
        self._write("listening_started", engine=self._ears.name, voice=self._voice, version=__version__)
        self._emit("listening", engine=self._ears.name, voice=self._voice, content=self._content)
        for event in self._memory.beginning(self._began):
            self._step(event)
        if self._notice:
            self._say(Say(_NO_UTTERANCE, self._notice))
        if self._only is not None:
            self._step(self._only)
        frames = 0
        try:
            for frame in self._room.frames():
                frames += 1
                self._t = frames * FRAME_S
                self._tick(frame)
                if self._only is not None and self._at_rest:
                    break
        finally:
            self._write("listening_stopped", reason="ended")
        if self._only is None:
            self._emit("summary", **self._memory.summary(self._began))

    @property
    def _at_rest(self) -> bool:
        """Nothing is said, asked or waited for."""
        return self._state.phase is Phase.IDLE and self._state.current is None and not self._playing

    @property
    def _now(self) -> datetime:
        return self._clock.at(self._t)

    def _tick(self, frame: Any) -> None:
        for number in self._room.ended():
            playing = self._playing.pop(number, None)
            if playing is not None:
                self._ears.on_playback_end()
                self._step(SpeechEnded(self._t, playing.utterance))
        speaking = next((playing.text for playing in self._playing.values()), None)
        perception = self._ears.hear(frame, self._state.listens_for, speaking)
        if perception is not None:
            self._perceive(perception)
        self._mind_the_ears()
        for order in self._orders():
            self._obey(order)
        self._step(Tick(self._t))
        for event in self._schedule.due(self._t):
            self._step(event)
        if self._t >= self._second:
            self._second += 1.0
            self._alive()
            self._mind_the_clock()
            self._tell_of_the_diary()
        if self._t >= self._beat:
            self._beat += HEARTBEAT_S
            if self._deaf is None:
                self._diary.heard_until(self._now)

    def _step(self, event: Event) -> None:
        try:
            self._state, actions = self._guide.step(self._state, event)
        except Exception as error:
            self._failed("guide", error)
            if self._failures["guide"] % GIVE_UP == 0:
                self._begin_anew()
            return
        self._failures["guide"] = 0
        for action in actions:
            self._act(action)

    def _begin_anew(self) -> None:
        """The guide cannot get out of where it is: better it listens again than that it is silent for ever."""
        self._write("episode_closed", outcome="interrupted")
        self._room.hush()
        self._playing.clear()
        self._state = State()

    def _failed(self, part: str, error: Exception) -> None:
        """A fault of ours in one part; the night goes on."""
        self._failures[part] += 1
        if self._failures[part] % GIVE_UP == 1:
            self._emit("part_failed", part=part, why="".join(format_exception(error)[-2:]).strip())

    def _act(self, action: Action) -> None:
        match action:
            case Record(kind=kind, data=data):
                self._write(kind, **data)
                self._emit(kind, **data)
            case Say():
                self._say(action)
            case StopSpeaking():
                self._room.hush()
                for playing in self._playing.values():
                    self._emit("interrupted", text=playing.text)
                self._playing.clear()
            case Chime():
                if self._levels.earcons:
                    self._room.play(earcons.your_turn(), earcons.RATE, self._levels.night * self._gain)
            case Volume(direction=direction):
                self._gain = min(max(self._gain * VOLUME_STEP**direction, 0.2), 1 / max(self._levels.night, 0.01))
            case RequestSummary():
                self._step(self._memory.night(self._t, self._now))
            case RequestHistory():
                self._step(self._memory.helped(self._t))
            case RequestDay(asked=asked):
                self._step(self._memory.day(self._t, self._now, asked))
            case UpdateProfile(condition=condition, holds=holds):
                self._know(condition, holds)

    def _know(self, condition: str, holds: bool) -> None:
        """Go by it from now on, whether or not it could be kept."""
        self._guide = self._guide.with_condition(condition, holds)
        try:
            self._keep(condition, holds)
        except NightvoiceError as error:
            self._emit("profile_not_kept", why=str(error))
        else:
            self._emit("profile", condition=condition, holds=holds)

    def _say(self, say: Say) -> None:
        speech = self._spoken(say.text)
        volume = self._levels.night * self._gain
        if say.loud:
            volume = max(self._levels.help, volume)
        elif say.soft:
            volume *= SOFT
        number = self._room.play(speech.samples, speech.rate, volume)
        self._playing[number] = _Playing(say.utterance, say.text)
        claim = {"claim": say.claim} if say.claim else {}
        self._emit("said", text=say.text, **claim, start=round(self._t, 3), end=round(self._t + speech.seconds, 3))

    def _spoken(self, text: str) -> Speech:
        """``text`` as sound; where no voice can say it, silence of about its length, so that the guidance goes on."""
        try:
            return self._speak(text)
        except Exception as error:
            self._failed("voice", error)
            return Speech(np.zeros(round(len(text) * S_PER_LETTER * RATE), dtype=np.int16), RATE)

    def _perceive(self, perception: RecognitionResult) -> None:
        common = {"score": perception.score, "engine": perception.engine, "text": perception.text}
        match perception.verdict:
            case Verdict.HEARD:
                slots = dict(perception.slots)
                self._write(
                    "heard", intent=perception.intent, slots=slots, score=perception.score, engine=perception.engine
                )
                self._emit("heard", intent=perception.intent, slots=slots, **common)
                self._step(
                    Suspected(self._t, slots["flag"])
                    if perception.intent == "suspicion"
                    else Heard(self._t, perception.intent, slots, perception.whispered)
                )
            case Verdict.DOUBTFUL:
                self._emit("rejected", intent=perception.intent, why=perception.why, verdict="doubtful", **common)
                self._step(LowConfidenceWake(self._t))
            case Verdict.REJECTED:
                self._emit("rejected", intent=perception.intent, why=perception.why, verdict="rejected", **common)
                self._step(NotUnderstood(self._t))

    def _obey(self, order: Order) -> None:
        """A button counts as the words that it stands for, where those would mean something."""
        self._emit("ordered", order=order.value)
        if order in BUTTONS:
            self._write("ordered", order=order.value)
        match order:
            case Order.START_GUIDANCE if self._state.phase in (Phase.IDLE, Phase.SETTLING):
                self._step(Heard(self._t, "cramp"))
            case Order.GOOD_NIGHT if self._state.phase is Phase.IDLE:
                self._step(Heard(self._t, "good_evening"))
            case Order.MUTE:
                self._step(Heard(self._t, "stop"))
            case Order.CONTACT_REACHED | Order.CONTACT_NOT_REACHED:
                self._step(ContactNotified(self._t, order is Order.CONTACT_REACHED))

    def _mind_the_ears(self) -> None:
        since, reason = self._room.deaf_since, "microphone"
        if since is None and self._ears.input_lost:
            since, reason = self._t, "ears"
        if since is not None and self._deaf is None:
            self._deaf = _Deaf(since, reason)
            self._emit("deaf", reason=reason)
            self._step(InputLost(self._t))
        elif since is None and self._deaf is not None:
            deaf, self._deaf = self._deaf, None
            self._write_gap(self._clock.at(deaf.since), self._now, deaf.reason)
            self._emit("hears_again", seconds=round(self._t - deaf.since, 1))
            self._step(InputRestored(self._t))

    def _mind_the_clock(self) -> None:
        if self._drift is None:
            return
        lost, moved = self._drift.lost_time(self._t), self._drift.clock_change()
        if lost:
            before = self._now
            self._clock.shift(lost)
            self._write_gap(before, self._now, "suspended")
            self._emit("suspended", seconds=round(lost, 1))
        if moved:
            # Two spans of listening, so that an hour that the clock skipped or repeated is neither a gap nor counted.
            self._write("listening_stopped", reason="clock")
            self._clock.shift(moved)
            self._write("listening_started", engine=self._ears.name, voice=self._voice, version=__version__)
            self._emit("clock_moved", seconds=round(moved, 1))
        if lost or moved:
            self._schedule.reschedule(self._t)

    # --- the diary --------------------------------------------------------------------------------------------------

    def _write(self, kind: str, **data: Any) -> None:
        self._diary.write(kind, self._now, data)

    def _write_gap(self, start: datetime, end: datetime, reason: str) -> None:
        self._write("gap", start=start.isoformat(), end=end.isoformat(), reason=reason)

    def _tell_of_the_diary(self) -> None:
        for line in self._diary.news():
            self._emit("diary_unavailable" if self._diary.failure else "diary", why=line)

    def _emit(self, event: str, **fields: Any) -> None:
        self._sink({"t": round(self._t, 3), "event": event, **fields})
