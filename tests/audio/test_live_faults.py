"""Live sound whose devices misbehave, in simulated time: muted, of a wrong rate, gone in the middle of a sentence."""

from collections.abc import Iterator
from itertools import takewhile
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nightvoice.audio import live
from nightvoice.audio.devices import pace, supervisor
from nightvoice.audio.devices.flatline import FLAT_S
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, SILENCE
from nightvoice.audio.live import LiveAudio

NOISE = (np.random.default_rng(1).normal(0, 30, FRAME_SAMPLES)).astype(np.int16)


class FakeTime:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class FakeMicrophone:
    """Delivers ``frame`` every ``every`` seconds, every other one ``late`` by some seconds; or ``burst`` at once."""

    frame, every, late, burst = NOISE, FRAME_S, 0.0, 1
    opened = 0
    clock: FakeTime

    def __init__(self, _spec: object = None) -> None:
        type(self).opened += 1
        self.overruns, self._next, self._in_burst = 0, self.clock.now, 0
        self._is_late = False

    def wait(self) -> Any:
        return SimpleNamespace(name="microphone", index=0)

    def take(self, timeout: float) -> Any:
        wait = max(0.0, self._next + self._is_late * self.late - self.clock.now)
        self.clock.now += min(wait, timeout)
        if wait > timeout:
            return None
        self._in_burst = (self._in_burst + 1) % self.burst
        if self._in_burst == 0:
            self._next += self.burst * self.every
        self._is_late = not self._is_late
        return self.frame

    def is_dead(self) -> bool:
        return False

    def close(self) -> None:
        pass


class FakeLoudspeaker:
    """Plays in real time, until it is ``gone``; then it cannot be opened either."""

    gone = False

    def __init__(self, queue: Any, *_: object) -> None:
        self.queue = queue
        if self.gone:
            raise OSError("no such device")

    def wait(self) -> Any:
        return SimpleNamespace(name="loudspeaker", index=1)

    def is_playing(self) -> bool:
        return not self.gone

    def is_dead(self) -> bool:
        return self.gone

    def close(self) -> None:
        pass


class NoEcho:
    """Instead of the canceller, which takes as long as the rest together."""

    def __init__(self, *_: object) -> None:
        self.push_far_end = lambda *_: None

    def process(self, frame: Any) -> Any:
        return frame


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    clock = FakeTime()
    for module in (live, supervisor, pace):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(live, "CaptureStream", type("Microphone", (FakeMicrophone,), {"clock": clock}))
    monkeypatch.setattr(live, "PlaybackStream", type("Loudspeaker", (FakeLoudspeaker,), {}))
    monkeypatch.setattr(live, "EchoCanceller", NoEcho)
    monkeypatch.setattr(live, "spec_to_reopen", lambda device, spec: spec)
    return clock


def listened(audio: LiveAudio, clock: FakeTime, seconds: float) -> Iterator[Any]:
    """The frames of the next ``seconds`` of real time."""
    end = clock.now + seconds
    return takewhile(lambda _: clock.now < end, audio.frames())


def test_a_muted_microphone_counts_as_lost_and_is_opened_again(clock: FakeTime) -> None:
    live.CaptureStream.frame = SILENCE
    audio, lost_at = LiveAudio(), []
    for _ in listened(audio, clock, 10 * 60):
        if audio.lost_since is not None and not lost_at:
            lost_at.append(audio.lost_since)
    assert lost_at[0] == pytest.approx(FLAT_S, abs=1)
    assert 2 <= live.CaptureStream.opened <= 5, "at growing intervals"
    live.CaptureStream.frame = NOISE
    for _ in listened(audio, clock, 5):
        pass
    assert audio.lost_since is None


def test_frames_of_a_muted_microphone_that_come_a_little_late_are_not_made_up_for(clock: FakeTime) -> None:
    live.CaptureStream.frame, live.CaptureStream.late = SILENCE, 0.01
    audio, seconds = LiveAudio(), FLAT_S + 120
    heard = sum(FRAME_S for _ in listened(audio, clock, seconds))
    assert audio.lost_since is not None
    assert heard == pytest.approx(seconds, abs=1)
    assert audio.overruns == 0


@pytest.mark.parametrize("times", [3, 1.5, 1.0])
def test_a_microphone_that_names_a_wrong_rate_does_not_speed_up_the_night(clock: FakeTime, times: float) -> None:
    live.CaptureStream.every = FRAME_S / times
    audio = LiveAudio()
    heard = sum(FRAME_S for _ in listened(audio, clock, 600))
    assert heard == pytest.approx(600, abs=pace.AHEAD_S + 1)
    assert (audio.lost_since is not None) == (times > 1), "what it delivers cannot be understood"
    live.CaptureStream.every = FRAME_S
    audio._microphone.device._next = clock.now
    for _ in listened(audio, clock, 3 * pace.FORGOTTEN_S):
        pass
    assert audio.lost_since is None


@pytest.mark.parametrize(("share", "lost"), [(0.9, False), (0.6, True)])
def test_a_microphone_that_is_too_slow_does_not_slow_the_night_down(clock: FakeTime, share: float, lost: bool) -> None:
    live.CaptureStream.every = FRAME_S / share
    told: list[str] = []
    audio = LiveAudio(report=told.append)
    frames, delivered, most_behind = 0, 0, 0.0
    began = clock.now
    for frame in listened(audio, clock, 600):
        frames, delivered = frames + 1, delivered + frame.any()
        most_behind = max(most_behind, clock.now - began - frames * FRAME_S)
    assert frames * FRAME_S == pytest.approx(600, abs=pace.SHORT_S + 1)
    assert most_behind < pace.SHORT_S + 1, "holds are counted in real seconds, and nothing is taken for sleep"
    assert delivered * FRAME_S == pytest.approx(600 * share, abs=1), "all that came is heard"
    assert (audio.lost_since is not None) == lost
    assert len(told) == 1
    assert "of the microphone's sound did not arrive" in told[0]


def test_sound_in_bursts_of_a_second_is_heard_whole(clock: FakeTime) -> None:
    live.CaptureStream.burst = round(1 / FRAME_S)
    told: list[str] = []
    audio = LiveAudio(report=told.append)
    heard = [frame.any() for frame in listened(audio, clock, 600)]
    assert all(heard[round(5 / FRAME_S) :]), "without silence in its middle"
    assert len(heard) * FRAME_S == pytest.approx(600, abs=2)
    assert audio.overruns == 0
    assert not told


def test_sound_that_waits_for_busy_ears_is_not_made_up_for(clock: FakeTime) -> None:
    audio, frames = LiveAudio(), 0
    for frame in listened(audio, clock, 60):
        assert frame.any()
        frames += 1
        if frames == 300:
            clock.now += 5
    assert frames * FRAME_S == pytest.approx(60, abs=1)


def test_clocks_that_differ_a_little_cost_no_sound(clock: FakeTime) -> None:
    keeper = pace.PaceKeeper()
    for _ in range(round(3 * 3600 / FRAME_S)):
        clock.now += FRAME_S * (1 - 300e-6)
        assert keeper.admits()


def test_sound_that_comes_late_all_at_once_is_kept(clock: FakeTime) -> None:
    keeper = pace.PaceKeeper()
    for seconds in (5, 59, 8, 30):
        clock.now += seconds
        assert all(keeper.admits() for _ in range(round(seconds / FRAME_S)))


def test_a_loudspeaker_that_is_gone_in_the_middle_of_a_sentence_ends_it_on_time(clock: FakeTime) -> None:
    audio = LiveAudio()
    rate = audio.queue.rate
    audio.queue.play(np.full(round(10 * rate), 3000, dtype=np.int16), rate, 1.0)
    ended: list[float] = []
    for number, _ in enumerate(listened(audio, clock, 20)):
        t = number * FRAME_S
        if t < 4:
            audio.queue.pull(round(FRAME_S * rate))  # as the loudspeaker's thread does
        elif not live.PlaybackStream.gone:
            live.PlaybackStream.gone = True
        ended += [t for _ in audio.queue.ended()]
    assert ended == [pytest.approx(10, abs=0.5)], "the dialogue goes on as if it had been heard"
    assert audio.lost_since is None
