"""Devices that die, and microphones that deliver a constant signal."""

import numpy as np
import pytest

from nightvoice.audio.devices import flatline, supervisor
from nightvoice.audio.devices.flatline import FlatlineDetector
from nightvoice.audio.devices.supervisor import Supervisor
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, SILENCE


class Device:
    def __init__(self) -> None:
        self.dead = self.closed = False

    def is_dead(self) -> bool:
        return self.dead

    def close(self) -> None:
        self.closed = True


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(supervisor, "time", time)
    return time


def attempts(supervised: Supervisor[Device], time: Time, seconds: float) -> list[float]:
    """Times in seconds at which a device was opened, if each one dies at once."""
    begin, opened = time.now, []
    while time.now - begin < seconds:
        before = supervised.device
        supervised.poll()
        if supervised.device is not None and supervised.device is not before:
            opened.append(round(time.now - begin, 1))
            supervised.device.dead = True
        time.now += 0.1
    return opened


def test_a_dead_device_is_closed_and_reopened_with_growing_pauses(time: Time) -> None:
    first = Device()
    supervised = Supervisor(first, Device)
    supervised.poll()
    assert supervised.device is first
    first.dead = True
    when = attempts(supervised, time, 30)
    assert first.closed
    pauses = np.diff([0.0, *when])
    assert pauses[0] == pytest.approx(supervisor.FIRST_RETRY_S, abs=0.3)
    assert (np.diff(pauses) > -0.25).all()
    assert max(pauses) <= supervisor.MAX_RETRY_S + 0.3
    supervised.mark_healthy()
    assert min(np.diff(attempts(supervised, time, 10))) < 1.5, "the pause starts again"


def test_opening_is_tried_again_when_it_raises(time: Time) -> None:
    tries = 0

    def open_() -> Device:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError("no process left")
        return Device()

    supervised = Supervisor(Device(), open_)
    supervised.reopen()
    for _ in range(100):
        supervised.poll()
        time.now += 0.1
    assert tries == 3
    assert supervised.device is not None


def test_a_constant_signal_is_a_flat_line_only_after_a_while_and_any_noise_ends_it() -> None:
    detector = FlatlineDetector()
    noise = np.random.default_rng(1).integers(-2, 2, FRAME_SAMPLES, dtype=np.int16)
    frames = round(flatline.FLAT_S / FRAME_S)
    assert not any(detector.push(SILENCE) for _ in range(frames - 1))
    assert not detector.push(noise)
    assert not any(detector.push(SILENCE + 7) for _ in range(frames - 1))
    detector.push(SILENCE)
    assert detector.push(SILENCE)
    assert not detector.push(noise)


def test_a_flat_microphone_is_reopened_at_growing_intervals() -> None:
    detector = FlatlineDetector()
    reopened = 0
    for _ in range(round(4 * 3600 / FRAME_S)):
        detector.push(SILENCE)
        reopened += detector.should_reopen()
    assert 6 <= reopened <= 20
