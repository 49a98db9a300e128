"""LiveAudio over real PortAudio in the virtual bedroom."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError

import numpy as np
import pytest
import soxr

from nightvoice.audio.devices import listing
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE
from nightvoice.audio.live import LiveAudio
from nightvoice.errors import NightvoiceError
from nightvoice.speaking.registry import choose_voice
from nightvoice.speaking.say import say_aloud
from tests.helpers.virtual_room import RATE as TAPE_RATE
from tests.helpers.virtual_room import Recorder, Sound, VirtualRoom, find, missing_tools, onset, reply_latency
from tests.helpers.waiting import came_true

pytestmark = pytest.mark.bedroom

WHOLE = 0.95
"""Least ``likeness`` of a phrase that was heard without a gap."""
WHOLE_TRIES, TRYING_S = 10, 120.0
"""How often a phrase is played, and for how many seconds in all. Unless the machine is busy, once is enough."""


def sweep(seconds: float, rate: int = RATE, low: float = 300, high: float = 3000) -> Sound:
    """A chirp, which cross-correlation finds easily."""
    t = np.arange(round(seconds * rate)) / rate
    return (9000 * np.sin(2 * np.pi * (low * t + (high - low) * t**2 / (2 * seconds)))).astype(np.int16)


class Night:
    """Takes the frames of a LiveAudio in a thread, as the assistant would, and keeps them."""

    def __init__(self, audio: LiveAudio, on_frame: Callable[[Sound], None]) -> None:
        self.audio = audio
        self.heard: list[Sound] = []
        self._on_frame = on_frame
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        for frame in self.audio.frames():
            self.heard.append(frame)
            self._on_frame(frame)

    def end(self) -> None:
        self.audio.close()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def hears_whole(self, room: VirtualRoom, phrase: Sound) -> bool:
        """Whether ``phrase`` is heard without a gap, in one of WHOLE_TRIES attempts.

        On a busy machine the virtual room itself loses sound, so an attempt counts only if the room's own recording of
        the phrase has no gap and PortAudio reported no lost sound.
        """
        counted, end = 0, time.monotonic() + TRYING_S
        while counted < WHOLE_TRIES and time.monotonic() < end:
            before, overruns, tape = len(self.heard), self.audio.overruns, room.record()
            room.say(phrase, RATE)
            said = len(self.heard)
            heard = self._wait_until_heard(lambda since=before: likeness(phrase, self.sound(since)) > WHOLE, said)
            in_the_room = soxr.resample(tape.stop().room, TAPE_RATE, RATE)
            if heard:
                return True
            counted += likeness(phrase, in_the_room) > WHOLE and self.audio.overruns == overruns
        assert counted, "the virtual room lost sound each time: the machine is too busy for this test"
        return False

    def hears(self, room: VirtualRoom) -> bool:
        """Whether a sweep played in the room is heard within TRYING_S."""
        end = time.monotonic() + TRYING_S
        while time.monotonic() < end:
            before = len(self.heard)
            room.say(sweep(0.3), RATE)
            said = len(self.heard)
            if self._wait_until_heard(lambda before=before: np.abs(self.sound(before)).max() > 3000, said):
                return True
        return False

    def sound(self, since: int) -> Sound:
        """What was heard since frame ``since``."""
        return np.concatenate([np.zeros(1, np.int16), *self.heard[since:]])

    def _wait_until_heard(self, condition: Callable[[], bool], said: int) -> bool:
        """Whether ``condition()`` is true by the time that two more seconds of frames have arrived."""
        came_true(lambda: condition() or (len(self.heard) - said) * FRAME_S > 2.0)
        return condition()


@contextmanager
def night(
    microphone: str | int | None = None,
    loudspeaker: str | int | None = None,
    on_frame: Callable[[Sound], None] = lambda frame: None,
) -> Iterator[Night]:
    running = Night(LiveAudio(microphone, loudspeaker), on_frame)
    try:
        yield running
    finally:
        running.end()


def falls_silent(tape: Recorder) -> bool:
    """Whether the loudspeaker has played something and been silent for 250 ms since."""
    played = tape.peek().speaker
    return onset(played) is not None and np.abs(played[-TAPE_RATE // 4 :]).max() < 100


def likeness(phrase: Sound, heard: Sound) -> float:
    """Correlation (0..1) of ``phrase`` with the best matching part of ``heard`` (both at RATE)."""
    wanted, there = phrase.astype(float), heard.astype(float)
    if len(there) < len(wanted) or not there.any():
        return 0.0
    sums = np.correlate(there, wanted, "valid")
    best = int(np.argmax(sums))
    part = there[best : best + len(wanted)]
    return float(sums[best] / np.sqrt((wanted**2).sum() * max(1.0, (part**2).sum())))


def test_a_sound_in_the_room_is_heard(in_the_room: VirtualRoom) -> None:
    phrase = sweep(0.5)
    with night() as listening:
        assert came_true(lambda: len(listening.heard) > 10)
        assert listening.hears_whole(in_the_room, phrase)
    assert all(frame.shape == (FRAME_SAMPLES,) and frame.dtype == np.int16 for frame in listening.heard)


def test_sounds_come_out_of_the_loudspeaker_and_their_ends_are_reported(in_the_room: VirtualRoom) -> None:
    first, second = sweep(0.4, 24_000), sweep(0.3, 22_050, 2000, 500)
    gaps = []
    with night() as listening:
        queue = listening.audio.queue
        for number in (1, 3, 5, 7, 9):
            ended: list[int] = []
            tape = in_the_room.record()
            assert [queue.play(first, 24_000, 0.5), queue.play(second, 22_050, 0.5)] == [number, number + 1]
            assert came_true(lambda ended=ended: ended.extend(queue.ended()) or len(ended) == 2)
            assert ended == [number, number + 1]
            assert came_true(lambda tape=tape: falls_silent(tape))
            heard = tape.stop().speaker
            assert 4000 < np.abs(heard).max() < 5000
            _, first_end = find(first, 24_000, heard)
            second_start, _ = find(second, 22_050, heard)
            gaps.append(abs(second_start - first_end) / TAPE_RATE)
            if gaps[-1] < 0.05:
                break
    assert min(gaps) < 0.05  # a busy machine may leave a gap once


def test_stop_takes_at_most_50_ms_longer_than_play(in_the_room: VirtualRoom) -> None:
    """Both are called at the same sound in the room; the difference is the fade."""
    tone = (9000 * np.sin(2 * np.pi * 440 * np.arange(24_000 * 20) / 24_000)).astype(np.int16)
    stops: list[float] = []
    starts: list[float] = []
    clap = sweep(0.05)
    with night() as listening:
        # The input is muted during the first second of playback, until the echo canceller has converged.
        first = listening.audio.queue.play(sweep(1.0), RATE, 1.0)
        assert came_true(lambda: first in listening.audio.queue.ended())
        act: Callable[[], object] = lambda: None  # noqa: E731

        def on_frame(frame: Sound) -> None:
            nonlocal act
            if np.abs(frame).max() > 3000:
                act()
                act = lambda: None  # noqa: E731

        listening._on_frame = on_frame
        for _ in range(12):
            tape = in_the_room.record()
            act = lambda: listening.audio.queue.play(tone, 24_000, 1.0)  # noqa: E731
            in_the_room.say(clap, RATE)
            replied = came_true(lambda tape=tape: reply_latency(tape.peek(), clap, RATE) is not None, 2)
            before, latency = tape.seconds(), reply_latency(tape.peek(), clap, RATE)
            act = listening.audio.queue.stop
            in_the_room.say(clap, RATE)
            stopped = came_true(lambda tape=tape: falls_silent(tape), 2)
            heard = tape.stop()
            if latency is None or not replied or not stopped:  # a busy machine may lose a clap
                act = lambda: None  # noqa: E731
                listening.audio.queue.stop()
                continue
            starts.append(latency)
            later = round(before * TAPE_RATE)
            _, clap_end = find(clap, RATE, heard.room[later:])
            loud = np.flatnonzero(np.abs(heard.speaker) > 100)
            stops.append((loud[-1] - later - clap_end) / TAPE_RATE)
            if len(stops) == 4:
                break
    assert listening.audio.queue.ended() == []
    assert len(stops) == 4
    assert min(stops) - min(starts) < 0.05


def test_an_unplugged_microphone_yields_silence_in_real_time_until_it_returns(in_the_room: VirtualRoom) -> None:
    with night() as listening:
        assert listening.hears(in_the_room)
        in_the_room.unplug_mic()
        assert came_true(lambda: listening.audio.lost_since is not None)
        began, before = time.monotonic(), len(listening.heard)

        def keeps_pace() -> bool:
            elapsed = time.monotonic() - began
            return elapsed > 2.0 and abs((len(listening.heard) - before) * FRAME_S - elapsed) < 0.7

        assert came_true(keeps_pace)
        assert not any(frame.any() for frame in listening.heard[before:])
        number = listening.audio.queue.play(sweep(0.2), RATE, 0.5)
        assert came_true(lambda: number in listening.audio.queue.ended())
        in_the_room.plug_mic()
        assert listening.hears(in_the_room)
        assert listening.audio.lost_since is None


def test_audio_survives_a_restart_of_the_sound_server(in_the_room: VirtualRoom) -> None:
    with night() as listening:
        assert listening.hears(in_the_room)
        in_the_room.kill_server()
        assert came_true(lambda: listening.audio.lost_since is not None)
        number = listening.audio.queue.play(sweep(0.2), RATE, 0.5)
        assert came_true(lambda: number in listening.audio.queue.ended()), "a sound that nobody hears still ends"
        in_the_room.start_server()
        assert listening.hears(in_the_room)
        tape = in_the_room.record()

        def comes_out() -> bool:
            listening.audio.queue.play(sweep(0.2), RATE, 0.5)
            return came_true(lambda: onset(tape.peek().speaker) is not None, 5)

        assert any(comes_out() for _ in range(8)), "the loudspeaker is reopened"
        tape.stop()


def test_devices_are_found_by_name_part_of_it_and_number(in_the_room: VirtualRoom) -> None:
    microphone = listing.find_device("side_MICRO", "input")
    assert microphone.name == "bedside_microphone"
    assert listing.find_device(microphone.index, "input") == microphone
    assert listing.find_device("bedside_speaker", "output").name == "bedside_speaker"
    assert listing.has_microphone()
    with night("bedside_micro", "bedside_speak") as listening:
        assert listening.hears(in_the_room)


def test_a_name_that_fits_none_or_several_lists_the_devices(in_the_room: VirtualRoom) -> None:
    with pytest.raises(NightvoiceError, match=r"no microphone 'kitchen'; there are: .*bedside_microphone"):
        LiveAudio("kitchen")
    with pytest.raises(NightvoiceError, match=r"loudspeaker 'bedside' could be several of: .*bedside_speaker"):
        LiveAudio(None, "bedside")
    with pytest.raises(NightvoiceError, match="no microphone 99"):
        LiveAudio(99)


def test_a_missing_microphone_at_the_start_says_what_to_do(in_the_room: VirtualRoom) -> None:
    in_the_room.unplug_mic()
    assert not listing.has_microphone()
    with pytest.raises(NightvoiceError, match="nightvoice doctor"):
        LiveAudio()


ONLY = """
import sounddevice

def check(*, samplerate, channels, **_):
    if (samplerate, channels) != ({rate}, {channels}):
        raise sounddevice.PortAudioError("not so")

sounddevice.check_input_settings = check
"""


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 1), (44_100, 2), (16_000, 2)])
def test_sound_is_converted_for_a_device_with_another_rate_or_in_stereo(
    in_the_room: VirtualRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rate: int, channels: int
) -> None:
    phrase = sweep(0.5)
    (tmp_path / "sitecustomize.py").write_text(ONLY.format(rate=rate, channels=channels))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    with night() as listening:
        assert came_true(lambda: len(listening.heard) > 10)
        assert listening.hears_whole(in_the_room, phrase)


def test_the_loudspeakers_monitor_is_never_recorded(in_the_room: VirtualRoom) -> None:
    with night() as listening:
        assert listening.hears(in_the_room)
        in_the_room.unplug_mic(and_its_readers=False)
        assert came_true(lambda: listening.audio.lost_since is not None)
        before = len(listening.heard)
        number = listening.audio.queue.play(sweep(3.0), RATE, 1.0)
        assert came_true(lambda: number in listening.audio.queue.ended())
        assert not any(frame.any() for frame in listening.heard[before:])
        assert listening.audio.lost_since is not None
        in_the_room.plug_mic()
        assert listening.hears(in_the_room)


def test_frames_taken_too_late_are_counted_and_the_newest_kept(in_the_room: VirtualRoom) -> None:
    room = LiveAudio()
    try:
        frames = room.frames()
        next(frames)

        def keeps_the_newest() -> bool:
            time.sleep(12)
            in_the_room.say(sweep(0.3), RATE)
            # What was lost comes as silence; the sweep may arrive after all that waited.
            return any(np.abs(next(frames)).max() > 3000 for _ in range(round(18 / FRAME_S)))

        assert any(keeps_the_newest() for _ in range(3))  # a busy machine may lose a sweep
        assert room.overruns > 0
    finally:
        room.close()


@pytest.mark.timeout(600)
def test_its_own_voice_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := missing_tools():
        pytest.skip(reason)
    for rooms_left in (3, 2, 1, 0):
        with VirtualRoom(echo=0.5) as room:
            for name, value in room.env.items():
                monkeypatch.setenv(name, value)
            try:
                hears_others_but_not_itself(room)
                return
            except (AssertionError, NightvoiceError, SubprocessError) as error:
                # On a busy machine the sound server may exit or deliver no sound, also when the devices are opened.
                if not rooms_left or not (isinstance(error, NightvoiceError) or room.died or not room.sounds()):
                    raise


def hears_others_but_not_itself(room: VirtualRoom) -> None:
    burst = (np.random.default_rng(1).normal(size=2 * RATE) * 3000).astype(np.int16)
    with night() as listening:
        least, end = 0.0, time.monotonic() + TRYING_S
        while least <= 10 and time.monotonic() < end:
            tape, before = room.record(), len(listening.heard)
            number = listening.audio.queue.play(burst, RATE, 1.0)
            assert came_true(lambda number=number: number in listening.audio.queue.ended())
            came_true(lambda tape=tape: falls_silent(tape), 5)  # not if it ended unheard: no device was open yet
            echo = soxr.resample(tape.stop().room.astype(float), TAPE_RATE, RATE)
            heard = listening.sound(before).astype(float)
            if np.abs(echo).max() > 3000 and np.abs(heard).max() > 0:
                least = max(least, 10 * float(np.log10((echo**2).sum() / (heard**2).sum())))
        assert least > 10
        assert listening.hears_whole(room, sweep(0.5))


def test_say_aloud_returns_when_all_is_said(in_the_room: VirtualRoom) -> None:
    text = "Good morning. You had no cramp."
    speech = choose_voice().render(text)
    spoken = soxr.resample(speech.samples, speech.rate, RATE)

    def whole() -> bool:
        tape = in_the_room.record()
        say_aloud(text)
        heard = soxr.resample(tape.stop().speaker, TAPE_RATE, RATE)
        return likeness(spoken, heard) > 0.95 and likeness(spoken[-RATE // 2 :], heard) > 0.95

    assert any(whole() for _ in range(8))  # a busy machine may leave a gap
