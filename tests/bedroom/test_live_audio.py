"""LiveAudio over real PortAudio in the virtual bedroom."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
from tests.helpers.virtual_room import Sound, VirtualRoom, find, missing_tools, onset, reply_latency

pytestmark = pytest.mark.bedroom


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

    def sound(self) -> Sound:
        return np.concatenate(self.heard)

    def likeness(self, room: VirtualRoom, phrase: Sound) -> float:
        """How well ``phrase`` is heard in the best of five attempts: on a busy machine the virtual room stutters."""
        best = 0.0
        for _ in range(5):
            before = len(self.heard)
            room.say(phrase, RATE)
            time.sleep(0.3)
            best = max(best, likeness(phrase, np.concatenate(self.heard[before:])))
            if best > 0.95:
                break
        return best

    def hears(self, room: VirtualRoom, seconds: float = 20) -> bool:
        """Whether a sweep played in the room is heard within ``seconds``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = len(self.heard)
            room.say(sweep(0.3), RATE)
            time.sleep(0.3)
            if any(np.abs(frame).max() > 3000 for frame in self.heard[before:]):
                return True
        return False


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


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def likeness(phrase: Sound, heard: Sound) -> float:
    """Correlation (0..1) of ``phrase`` with the best matching part of ``heard`` (both at RATE)."""
    wanted, there = phrase.astype(float), heard.astype(float)
    sums = np.correlate(there, wanted, "valid")
    best = int(np.argmax(sums))
    part = there[best : best + len(wanted)]
    return float(sums[best] / np.sqrt((wanted**2).sum() * (part**2).sum()))


def test_a_sound_in_the_room_is_heard(in_the_room: VirtualRoom) -> None:
    phrase = sweep(0.5)
    with night() as listening:
        assert wait_for(lambda: len(listening.heard) > 10)
        assert listening.likeness(in_the_room, phrase) > 0.95
    assert all(frame.shape == (FRAME_SAMPLES,) and frame.dtype == np.int16 for frame in listening.heard)


def test_sounds_come_out_of_the_loudspeaker_and_their_ends_are_reported(in_the_room: VirtualRoom) -> None:
    first, second = sweep(0.4, 24_000), sweep(0.3, 22_050, 2000, 500)
    ended: list[int] = []
    with night() as listening:
        tape = in_the_room.record()
        numbers = [listening.audio.queue.play(first, 24_000, 0.5), listening.audio.queue.play(second, 22_050, 0.5)]
        assert wait_for(lambda: bool(ended.extend(listening.audio.queue.ended()) or len(ended) == 2))
        time.sleep(0.2)
        heard = tape.stop().speaker
    assert ended == numbers == [1, 2]
    assert 4000 < np.abs(heard).max() < 5000
    _, first_end = find(first, 24_000, heard)
    second_start, _ = find(second, 22_050, heard)
    assert abs(second_start - first_end) < 0.05 * TAPE_RATE  # a busy machine leaves a gap


def test_stop_takes_at_most_50_ms_longer_than_play(in_the_room: VirtualRoom) -> None:
    """Both are called at the same sound in the room; the difference is the fade."""
    tone = (9000 * np.sin(2 * np.pi * 440 * np.arange(24_000 * 20) / 24_000)).astype(np.int16)
    stops: list[float] = []
    starts: list[float] = []
    clap = sweep(0.05)
    with night() as listening:
        # The input is muted during the first second of playback, until the echo canceller has converged.
        first = listening.audio.queue.play(sweep(1.0), RATE, 1.0)
        assert wait_for(lambda: first in listening.audio.queue.ended())
        act: Callable[[], object] = lambda: None  # noqa: E731

        def on_frame(frame: Sound) -> None:
            nonlocal act
            if np.abs(frame).max() > 3000:
                act()
                act = lambda: None  # noqa: E731

        listening._on_frame = on_frame
        for _ in range(4):
            tape = in_the_room.record()
            act = lambda: listening.audio.queue.play(tone, 24_000, 1.0)  # noqa: E731
            in_the_room.say(clap, RATE)
            time.sleep(0.3)
            latency = reply_latency(tape.peek(), clap, RATE)
            assert latency is not None
            starts.append(latency)
            before = tape.seconds()
            act = listening.audio.queue.stop
            in_the_room.say(clap, RATE)
            time.sleep(0.3)
            heard = tape.stop()
            later = round(before * TAPE_RATE)
            _, clap_end = find(clap, RATE, heard.room[later:])
            loud = np.flatnonzero(np.abs(heard.speaker) > 100)
            stops.append((loud[-1] - later - clap_end) / TAPE_RATE)
    assert listening.audio.queue.ended() == []
    assert min(stops) - min(starts) < 0.05


def test_an_unplugged_microphone_yields_silence_in_real_time_until_it_returns(in_the_room: VirtualRoom) -> None:
    with night() as listening:
        assert listening.hears(in_the_room)
        in_the_room.unplug_mic()
        assert wait_for(lambda: listening.audio.lost_since is not None)
        began, before = time.monotonic(), len(listening.heard)
        time.sleep(2.0)
        frames, elapsed = len(listening.heard) - before, time.monotonic() - began
        assert frames * FRAME_S == pytest.approx(elapsed, abs=0.7)
        assert not any(frame.any() for frame in listening.heard[before:])
        number = listening.audio.queue.play(sweep(0.2), RATE, 0.5)
        assert wait_for(lambda: number in listening.audio.queue.ended())
        in_the_room.plug_mic()
        assert listening.hears(in_the_room)
        assert listening.audio.lost_since is None


def test_audio_survives_a_restart_of_the_sound_server(in_the_room: VirtualRoom) -> None:
    with night() as listening:
        assert listening.hears(in_the_room)
        in_the_room.kill_server()
        assert wait_for(lambda: listening.audio.lost_since is not None)
        number = listening.audio.queue.play(sweep(0.2), RATE, 0.5)
        assert wait_for(lambda: number in listening.audio.queue.ended()), "a sound that nobody hears still ends"
        in_the_room.start_server()
        assert listening.hears(in_the_room, 40)
        tape = in_the_room.record()
        listening.audio.queue.play(sweep(0.2), RATE, 0.5)
        assert wait_for(lambda: onset(tape.peek().speaker) is not None)
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
        assert wait_for(lambda: len(listening.heard) > 10)
        assert listening.likeness(in_the_room, phrase) > 0.95


def test_the_loudspeakers_monitor_is_never_recorded(in_the_room: VirtualRoom) -> None:
    with night() as listening:
        assert listening.hears(in_the_room)
        in_the_room.unplug_mic(and_its_readers=False)
        assert wait_for(lambda: listening.audio.lost_since is not None)
        before = len(listening.heard)
        number = listening.audio.queue.play(sweep(3.0), RATE, 1.0)
        assert wait_for(lambda: number in listening.audio.queue.ended())
        assert not any(frame.any() for frame in listening.heard[before:])
        assert listening.audio.lost_since is not None
        in_the_room.plug_mic()
        assert listening.hears(in_the_room)


def test_frames_taken_too_late_are_counted_and_the_newest_kept(in_the_room: VirtualRoom) -> None:
    room = LiveAudio()
    try:
        frames = room.frames()
        next(frames)
        time.sleep(12)
        in_the_room.say(sweep(0.3), RATE)
        waiting = [next(frames) for _ in range(round(12 / FRAME_S))]
        assert max(np.abs(frame).max() for frame in waiting) > 3000
        assert room.overruns > 0
    finally:
        room.close()


def test_its_own_voice_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := missing_tools():
        pytest.skip(reason)
    burst = (np.random.default_rng(1).normal(size=2 * RATE) * 3000).astype(np.int16)
    with VirtualRoom(echo=0.5) as room:
        for name, value in room.env.items():
            monkeypatch.setenv(name, value)
        with night() as listening:
            least, end = 0.0, time.monotonic() + 180
            while least < 10 and time.monotonic() < end:
                tape, before = room.record(), len(listening.heard)
                number = listening.audio.queue.play(burst, RATE, 1.0)
                assert wait_for(lambda number=number: number in listening.audio.queue.ended())
                time.sleep(0.5)
                echo = soxr.resample(tape.stop().room.astype(float), TAPE_RATE, RATE)
                heard = np.concatenate(listening.heard[before:]).astype(float)
                if np.abs(echo).max() > 3000 and np.abs(heard).max() > 0:
                    least = max(least, 10 * float(np.log10((echo**2).sum() / (heard**2).sum())))
            assert least > 10
            phrase = sweep(0.5)
            assert listening.likeness(room, phrase) > 0.95


def test_say_aloud_returns_when_all_is_said(in_the_room: VirtualRoom) -> None:
    text = "Good morning. You had no cramp."
    speech = choose_voice().render(text)
    spoken = soxr.resample(speech.samples, speech.rate, RATE)

    def whole() -> bool:
        tape = in_the_room.record()
        say_aloud(text)
        heard = soxr.resample(tape.stop().speaker, TAPE_RATE, RATE)
        return likeness(spoken, heard) > 0.95 and likeness(spoken[-RATE // 2 :], heard) > 0.95

    assert any(whole() for _ in range(4))
