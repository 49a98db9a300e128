"""The assistant: frames to the ears, perceptions to the guide, the guide's actions to loudspeaker and diary."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from nightvoice import __version__
from nightvoice.audio import earcons
from nightvoice.audio.frames import FRAME_S
from nightvoice.audio.room import Room
from nightvoice.clock import Appointments, Clock
from nightvoice.dialogue.actions import Action, Chime, Hush, Recall, RecallDay, Record, Say, TellNight, Volume
from nightvoice.dialogue.events import (
    DayRecalled,
    Doubtful,
    Event,
    Heard,
    HearsAgain,
    NightTold,
    NotUnderstood,
    Recalled,
    Resumed,
    SpeechEnded,
    StretchTime,
    Suspected,
    Tick,
    WentDeaf,
)
from nightvoice.dialogue.experience import NOTHING_KNOWN
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.state import State
from nightvoice.diary.errors import DiaryUnavailable, NoSuchEpisode
from nightvoice.diary.night import night_of
from nightvoice.diary.store import Diary
from nightvoice.insight.memory import EPISODES, experience, remembered
from nightvoice.insight.night import NightSummary, last_night, summarize, unrated
from nightvoice.insight.telling import Line, as_json
from nightvoice.listening.decision import Verdict
from nightvoice.listening.ears import Hearing, Perception
from nightvoice.speaking.voice import Speech

HEARTBEAT_S = 60.0
"""How often the diary is told that it was still listening."""
RESUME_WITHIN = timedelta(minutes=30)
"""An episode that a power cut left open this recently is taken up again."""
YESTERDAY = timedelta(hours=24)
"""Danger signs are looked for in the nights of so long ago."""
VOLUME_STEP = 1.5
"""Factor of one "louder"."""
SOFT = 0.5
"""Factor on the volume for who whispers."""

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


class Assistant:
    """One night. ``began``: wall clock of t = 0, aware. ``speak``: text to sound. ``tell``: a night in words.

    ``daily``: events of the dialogue that come at a time of day; ``stretch_now``: the bedtime stretches begin at once.
    ``content``: which language pack it is, and whether a clinician reviewed it.
    """

    def __init__(
        self,
        room: Room,
        ears: Hearing,
        guide: Guide,
        diary: Diary,
        speak: Callable[[str], Speech],
        voice: str,
        tell: Callable[[NightSummary], list[Line]],
        began: datetime,
        sink: Sink,
        levels: Levels = Levels(),
        daily: Mapping[Callable[[float], Event], time] = MappingProxyType({}),
        stretch_now: bool = False,
        content: str = "",
    ) -> None:
        self._room, self._ears, self._guide, self._diary = room, ears, guide, diary
        self._speak, self._voice, self._tell = speak, voice, tell
        self._began, self._sink, self._levels = began, sink, levels
        self._clock = Clock(began)
        self._appointments = Appointments(self._clock, daily)
        self._stretch_now, self._content = stretch_now, content
        self._state = State()
        self._t = 0.0
        self._playing: dict[int, _Playing] = {}
        self._gain = 1.0
        self._deaf_from: float | None = None
        self._beat = HEARTBEAT_S
        self._unwritten: list[tuple[str, datetime, dict[str, Any]]] = []
        self._diary_failed = False

    def run(self) -> None:
        """Listen until the room has no more frames; then tell the night."""
        self._write("listening_started", engine=self._ears.name, voice=self._voice, version=__version__)
        self._emit("listening", engine=self._ears.name, voice=self._voice, content=self._content)
        self._resume()
        if self._stretch_now:
            self._step(StretchTime(0.0, ask=False))
        frames = 0
        try:
            for frame in self._room.frames():
                frames += 1
                self._t = frames * FRAME_S
                self._tick(frame)
        finally:
            self._write("listening_stopped", reason="ended")
        self._summary()

    @property
    def _now(self) -> datetime:
        return self._clock.at(self._t)

    def _tick(self, frame: Any) -> None:
        for number in self._room.ended():
            playing = self._playing.pop(number, None)
            if playing is not None:
                self._ears.spoke()
                self._step(SpeechEnded(self._t, playing.utterance))
        speaking = next((playing.text for playing in self._playing.values()), None)
        perception = self._ears.hear(frame, self._state.listens_for, speaking)
        if perception is not None:
            self._perceive(perception)
        self._mind_the_microphone()
        self._step(Tick(self._t))
        for event in self._appointments.due(self._t):
            self._step(event)
        if self._t >= self._beat:
            self._beat += HEARTBEAT_S
            self._heartbeat()

    def _step(self, event: Event) -> None:
        self._state, actions = self._guide.step(self._state, event)
        for action in actions:
            self._act(action)

    def _act(self, action: Action) -> None:
        match action:
            case Record(kind=kind, data=data):
                self._write(kind, **data)
                self._emit(kind, **data)
            case Say():
                self._say(action)
            case Hush():
                self._room.hush()
                for playing in self._playing.values():
                    self._emit("interrupted", text=playing.text)
                self._playing.clear()
            case Chime():
                if self._levels.earcons:
                    self._room.play(earcons.your_turn(), earcons.RATE, self._levels.night * self._gain)
            case Volume(direction=direction):
                self._gain = min(max(self._gain * VOLUME_STEP**direction, 0.2), 1 / max(self._levels.night, 0.01))
            case TellNight():
                self._tell_night()
            case Recall():
                self._recall()
            case RecallDay(asked=asked):
                self._recall_day(asked)

    def _say(self, say: Say) -> None:
        speech = self._speak(say.text)
        volume = self._levels.night * self._gain
        if say.loud:
            volume = max(self._levels.help, volume)
        elif say.soft:
            volume *= SOFT
        number = self._room.play(speech.samples, speech.rate, volume)
        self._playing[number] = _Playing(say.utterance, say.text)
        claim = {"claim": say.claim} if say.claim else {}
        self._emit("said", text=say.text, **claim, start=round(self._t, 3), end=round(self._t + speech.seconds, 3))

    def _perceive(self, perception: Perception) -> None:
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
                    else Heard(self._t, perception.intent, slots)
                )
            case Verdict.DOUBTFUL:
                self._emit("rejected", intent=perception.intent, why=perception.why, **common)
                self._step(Doubtful(self._t))
            case Verdict.REJECTED:
                self._emit("rejected", intent=perception.intent, why=perception.why, **common)
                self._step(NotUnderstood(self._t))

    def _mind_the_microphone(self) -> None:
        since = self._room.deaf_since
        if since is not None and self._deaf_from is None:
            self._deaf_from = since
            self._emit("deaf")
            self._step(WentDeaf(self._t))
        elif since is None and self._deaf_from is not None:
            start, end = (self._clock.at(t) for t in (self._deaf_from, self._t))
            self._write("gap", start=start.isoformat(), end=end.isoformat(), reason="microphone")
            self._emit("hears_again", seconds=round(self._t - self._deaf_from, 1))
            self._deaf_from = None
            self._step(HearsAgain(self._t))

    # --- the diary --------------------------------------------------------------------------------------------------

    def _write(self, kind: str, **data: Any) -> None:
        """Into the diary, or, while it cannot be written, kept until it can: guidance never waits for a disk."""
        self._unwritten.append((kind, self._now, data))
        self._flush()

    def _flush(self) -> None:
        try:
            while self._unwritten:
                with suppress(NoSuchEpisode):  # deleted on the page while it was being rated
                    self._diary.append(*self._unwritten[0])
                del self._unwritten[0]
            self._diary_failed = False
        except DiaryUnavailable as error:
            if not self._diary_failed:
                self._emit("diary_unavailable", why=str(error))
            self._diary_failed = True

    def _heartbeat(self) -> None:
        self._flush()
        if self._diary_failed or self._deaf_from is not None:
            return
        try:
            self._diary.heard_until(self._now)
        except DiaryUnavailable as error:
            self._emit("diary_unavailable", why=str(error))

    def _resume(self) -> None:
        """Take up an episode that the power cut off minutes ago; an older one is closed as interrupted."""
        try:
            nights = self._diary.nights(night_of(self._began - YESTERDAY), night_of(self._began))
            latest = next(iter(self._diary.latest_episodes(1)), None)
            signs = [flag for night in nights for flag in night.flags]
            self._step(remembered(latest, signs, self._began))
            episode = self._diary.unfinished()
            if episode is None:
                return
            if self._began - episode.onset > RESUME_WITHIN:
                self._diary.interrupt_unfinished()
                return
        except DiaryUnavailable as error:
            self._emit("diary_unavailable", why=str(error))
            return
        onset = (episode.onset - self._began).total_seconds()
        flags = tuple(flag.flag for flag in episode.flags)
        self._step(Resumed(0.0, onset, episode.site, episode.side, flags))

    def _recall(self) -> None:
        """What helped before; a diary that cannot be read has nothing to say."""
        try:
            known = experience(self._diary.latest_episodes(EPISODES))
        except DiaryUnavailable:
            known = NOTHING_KNOWN
        self._step(Recalled(self._t, known))

    def _recall_day(self, asked: bool) -> None:
        """What is known of the day before the coming night; a diary that cannot be read knows nothing."""
        try:
            known = frozenset(self._diary.night(night_of(self._now)).tags)
        except DiaryUnavailable:
            known = frozenset()
        self._step(DayRecalled(self._t, known, asked))

    # --- telling ----------------------------------------------------------------------------------------------------

    def _tell_night(self) -> None:
        try:
            self._diary.heard_until(self._now)
            night = summarize(self._diary.night(last_night(self._now)))
        except DiaryUnavailable as error:
            self._emit("diary_unavailable", why=str(error))
            self._step(NightTold(self._t, ()))
            return
        lines = tuple((line.text, line.claim) for line in self._tell(night))
        tip_of = None if night.flags else self._now.date()
        ask = unrated(night)
        if ask is None:
            self._step(NightTold(self._t, lines, tip_of=tip_of))
        else:
            self._step(NightTold(self._t, lines, ask.ratings, ask.cramp, ask.several, tip_of))

    def _summary(self) -> None:
        try:
            night = summarize(self._diary.night(night_of(self._began)))
        except DiaryUnavailable as error:
            self._emit("summary", text="", why=str(error))
            return
        self._emit("summary", **as_json(night, self._tell(night)))

    def _emit(self, event: str, **fields: Any) -> None:
        self._sink({"t": round(self._t, 3), "event": event, **fields})
