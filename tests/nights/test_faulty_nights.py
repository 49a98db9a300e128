"""Nights in which a part fails: the guidance goes on."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nightvoice import assembly
from nightvoice.audio.ports import Spoken, Utterance
from nightvoice.config.schema import Config, DailySettings
from nightvoice.content.countries import HelpNumbers, help_numbers
from nightvoice.diary.episode import Episode
from nightvoice.diary.night import night_of
from nightvoice.diary.spool import Spool
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.listening.listener import RecognitionResult
from nightvoice.rehearsal.script import NightScript, ScriptedUtterance
from nightvoice.rehearsal.silent import ScriptedListener, SilentAudio
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system.clock import ClockWatch
from tests.nights.rehearsed_night import BEGAN, CRAMP, Night


def outcomes(night: Night) -> list[str]:
    return [event["outcome"] for event in night.named("episode_closed")]


def test_without_a_diary_the_person_is_led_out_all_the_same(tmp_path: Path) -> None:
    def none() -> Diary:
        raise StorageUnavailable("diary: may not be written")

    usual, night = Night(), Night()
    night.diary = WriteBehindDiary(none, spool=Spool([tmp_path / "unwritten"]))
    usual.play()
    night.play()
    assert [event["text"] for event in night.named("said")] == [event["text"] for event in usual.named("said")]
    assert outcomes(night) == ["gone"]
    assert any("may not be written" in event["why"] for event in night.named("diary_unavailable"))
    night.diary.close()
    later = WriteBehindDiary(lambda: diary, spool=Spool([tmp_path / "unwritten"])) if (diary := Diary.open()) else None
    later.heard_until(BEGAN + timedelta(hours=1))
    assert [episode.outcome for episode in diary.episodes()] == ["gone"]


def test_a_voice_that_fails_leaves_pauses_and_the_guidance_goes_on() -> None:
    class Mute(SilentAudio):
        def say(self, utterance: Utterance) -> Spoken:
            return Spoken(super().say(utterance).seconds, RuntimeError("no voice"))

    night = Night()
    night.audio = Mute(150)
    night.play()
    assert outcomes(night) == ["gone"]
    (failure,) = night.named("part_failed")[:1]
    assert (failure["part"], "no voice" in failure["why"]) == ("voice", True)


def test_a_guide_that_fails_once_is_asked_again_and_one_that_always_fails_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nightvoice.dialogue.guide import Guide

    step, fails = Guide.step, [0]

    def faulty(self: Guide, state: Any, event: Any) -> Any:
        if 30 < event.t < 30 + fails[0]:
            raise KeyError("a fault of ours")
        return step(self, state, event)

    monkeypatch.setattr(Guide, "step", faulty)
    fails[0] = 0.1
    once = Night()
    once.play()
    assert outcomes(once) == ["gone"]
    assert len(once.named("part_failed")) == 1
    fails[0] = 5
    often = Night((*CRAMP[:2], ScriptedUtterance(at=60, say="i have a cramp in my left calf")), until=80)
    often.play()
    assert len(often.named("episode_opened")) == 2, "it listens again"
    assert len(often.named("part_failed")) < 12, "told, and not with every frame"


def test_ears_that_are_deaf_are_a_gap_and_in_an_episode_it_is_said() -> None:
    class DeafForAWhile(ScriptedListener):
        now = 0.0

        @property
        def input_lost(self) -> bool:  # type: ignore[override]
            return 40 < self.now < 50

        def hear(self, frame: Any, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
            self.now += 0.032
            return super().hear(frame, state, speaking, question)

    night = Night()
    night.listener = DeafForAWhile(NightScript(night=CRAMP, until=150), assembly.build_recognizer(Config()))
    night.play()
    assert [event["reason"] for event in night.named("deaf")] == ["ears"]
    assert any("can't hear you" in event["text"] for event in night.named("said"))
    assert isinstance(night.diary, Diary)
    (gap,) = [event for event in night.diary.events() if event.kind == "gap"]
    assert gap.data["reason"] == "ears"
    seconds = datetime.fromisoformat(gap.data["end"]) - datetime.fromisoformat(gap.data["start"])
    assert 9 < seconds.total_seconds() < 11


def test_the_ears_are_told_of_each_frame_that_holds_its_own_voice() -> None:
    class Pushed(SilentAudio):
        @property
        def hears_itself(self) -> bool:  # type: ignore[override]
            return 40 < self._t <= 41

    class Told(ScriptedListener):
        frames = 0

        def on_own_voice(self) -> None:
            self.frames += 1

    night = Night()
    night.audio = Pushed(150)
    night.listener = told = Told(NightScript(night=CRAMP, until=150), assembly.build_recognizer(Config()))
    night.play()
    assert told.frames == pytest.approx(1 / 0.032, abs=1)


class Wall:
    """The clocks of a computer: ``jumps`` (t, seconds of sleep, seconds by which the clock is set)."""

    def __init__(self, *jumps: tuple[float, float, float]) -> None:
        self._jumps = jumps
        self.t = 0.0

    def watch(self, kind: type[ClockWatch] = ClockWatch) -> ClockWatch:
        asleep = lambda: sum(sleep for t, sleep, _ in self._jumps if self.t > t)  # noqa: E731
        moved = lambda: sum(move for t, _, move in self._jumps if self.t > t)  # noqa: E731
        elapsed = lambda: 500.0 + self.t + asleep()  # noqa: E731
        return kind(wall=lambda: BEGAN.timestamp() + self.t + asleep() + moved(), elapsed=elapsed)

    def ticking(self, audio: SilentAudio) -> SilentAudio:
        frames = audio.frames

        def timed() -> Any:
            for frame in frames():
                self.t += 0.032
                yield frame

        audio.frames = timed  # type: ignore[method-assign]
        return audio


def with_wall(*jumps: tuple[float, float, float]) -> Night:
    night, wall = Night(until=200), Wall(*jumps)
    night.clock_watch = wall.watch()
    night.audio = wall.ticking(night.audio)
    night.play()
    return night


def test_a_sleeping_computer_is_a_gap_and_the_times_after_it_are_right() -> None:
    night = with_wall((40, 3 * 3600, 0))
    assert isinstance(night.diary, Diary)
    (gap,) = [event for event in night.diary.events() if event.kind == "gap"]
    assert gap.data["reason"] == "suspended"
    start, end = (datetime.fromisoformat(gap.data[key]) for key in ("start", "end"))
    assert (end - start).total_seconds() == pytest.approx(3 * 3600, abs=2)
    closed = next(event for event in night.diary.events() if event.kind == "episode_closed")
    assert (closed.at - BEGAN).total_seconds() == pytest.approx(3 * 3600 + 90, abs=3)
    assert outcomes(night) == ["gone"]


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_set_by_a_day_makes_neither_a_gap_nor_a_day_of_listening(days: int) -> None:
    night = with_wall((130, 0, days * 86_400))
    assert isinstance(night.diary, Diary)
    kinds = [event.kind for event in night.diary.events()]
    assert "gap" not in kinds
    assert kinds.count("clock_set") == 1
    dates = sorted({BEGAN.date(), (BEGAN + timedelta(days=days)).date()})
    listened = sum((night.diary.night(date).listened for date in dates), timedelta())
    assert listened.total_seconds() == pytest.approx(200, abs=3)
    stopped = night.diary.events()[-1]
    assert (stopped.at - BEGAN).total_seconds() == pytest.approx(200 + days * 86_400, abs=3)
    assert outcomes(night) == ["gone"]


def cramp_of(night: Night) -> Episode:
    assert isinstance(night.diary, Diary)
    (episode,) = night.diary.episodes()
    return episode


@pytest.mark.parametrize("seconds", [56 * 365 * 86_400, 3 * 3600, -3 * 3600, -10 * 365 * 86_400])
def test_a_clock_that_is_set_in_a_cramp_changes_neither_its_length_nor_its_end(seconds: int) -> None:
    usual, night = with_wall(), with_wall((40, 0, seconds))
    episode = cramp_of(night)
    assert episode.ended is not None
    assert episode.duration == pytest.approx(cramp_of(usual).duration, abs=timedelta(seconds=2))
    assert (episode.ended - BEGAN).total_seconds() == pytest.approx(90 + seconds, abs=3)
    assert episode.night == night_of(episode.onset)
    assert all(episode.onset <= step.at <= episode.ended for step in episode.steps)
    assert isinstance(night.diary, Diary)
    night.diary.rebuild()
    assert cramp_of(night) == episode
    assert outcomes(night) == ["gone"]
    said = [event["text"] for event in night.named("said")]
    assert said == [event["text"] for event in usual.named("said")]


def test_a_time_zone_that_is_set_changes_the_numbers_to_call_and_the_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    def abroad() -> HelpNumbers:
        return help_numbers("US")

    class Travelling(ClockWatch):
        def zone_change(self) -> bool:
            if wall.t > 60 and os.environ.get("TZ") != "America/New_York":
                monkeypatch.setenv("TZ", "America/New_York")
            return super().zone_change()

    call = (*CRAMP[:2], ScriptedUtterance(at=90, say="i have chest pain"))
    night, wall = Night(call, until=120), Wall()
    night.clock_watch, night.help_numbers = wall.watch(Travelling), abroad
    night.audio = wall.ticking(night.audio)
    try:
        night.play()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [event["offset"] for event in night.named("time_zone")] == ["-0500"]
    assert any("9 1 1" in event["text"] for event in night.named("said") if event["start"] > 90)
    assert isinstance(night.diary, Diary)
    offsets = [event.at.utcoffset() for event in night.diary.events()]
    assert offsets[-1] == timedelta(hours=-5)


def test_seconds_of_drift_are_nobodys_business() -> None:
    night = with_wall((40, 3, 2))
    assert not night.named("suspended")
    assert not night.named("clock_moved")


def test_without_memory_the_night_goes_on_and_the_ears_come_back_with_it(tmp_path: Path) -> None:
    night, diary = Path(__file__).with_name("short_of_memory.py"), tmp_path / "diary.sqlite"
    played = subprocess.run([sys.executable, night, diary], capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stderr
    events = [json.loads(line) for line in played.stdout.splitlines()]
    assert [event["outcome"] for event in events if event["event"] == "episode_closed"][-1] == "gone"
    assert events[-1]["text"], "the night is told"


def test_an_appointment_is_kept_once_although_the_program_starts_again() -> None:
    minute_later = (BEGAN + timedelta(minutes=1)).time()
    config = Config(daily=DailySettings(evening=minute_later))
    diary, said = Diary.open(), []
    for _ in range(2):
        night = Night(night=(), until=90)
        night.diary, night.config = diary, config
        night.play()
        said.append(len(night.named("said")))
    assert said[0] > 0
    assert said[1] == 0
    assert [event.data for event in diary.events() if event.kind == "appointment"] == [{"what": "evening"}]
