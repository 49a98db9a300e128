"""Which channel of a microphone is heard, and with how many channels it is opened."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from nightvoice.audio.channels import ChannelPicker
from nightvoice.audio.devices import worker
from nightvoice.audio.devices.spec import Device, Kind
from nightvoice.audio.frames import RATE, Samples


def _noise(level: float) -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(0, level, 3 * RATE)


def _voice(level: float = 3000) -> NDArray[np.float64]:
    """A voice in the second of three seconds."""
    sound = np.zeros(3 * RATE)
    sound[RATE : 2 * RATE] = level * np.sin(np.arange(RATE) * 2 * np.pi * 300 / RATE)
    return sound


HUM = 8000 * np.sin(np.arange(3 * RATE) * 2 * np.pi * 100 / RATE) + _noise(20)
HEARD = _voice() + _noise(20)


def _picked(*channels: NDArray[np.float64]) -> Samples:
    sound = np.stack(channels, axis=1).astype(np.int16)
    picker = ChannelPicker(len(channels), RATE)
    blocks = [picker.pick(sound[at : at + 512]) for at in range(0, len(sound), 512)]
    return np.concatenate(blocks)


@pytest.mark.parametrize(
    "channels",
    [
        (HEARD, -HEARD),
        (np.zeros(3 * RATE), HEARD),
        (HEARD, np.zeros(3 * RATE)),
        (HUM, HEARD),
        (_voice(300) + _noise(20), HEARD),
        (HUM, np.zeros(3 * RATE), _noise(20), HEARD, _voice(500) + _noise(20), HUM),
    ],
    ids=["opposite", "left dead", "right dead", "hum", "fainter", "six"],
)
def test_the_voice_is_heard_whole(channels: tuple[NDArray[np.float64], ...]) -> None:
    middle = _picked(*channels)[RATE + RATE // 10 : 2 * RATE].astype(float)
    voice = HEARD[RATE + RATE // 10 : 2 * RATE]
    assert abs(np.corrcoef(middle, voice)[0, 1]) > 0.99
    assert np.std(middle) == pytest.approx(np.std(voice), rel=0.02)


def test_what_the_device_plays_back_is_not_taken_for_the_voice() -> None:
    loopback = _voice(20_000)
    assert np.array_equal(_picked(_voice(200) + _noise(20), loopback), (_voice(200) + _noise(20)).astype(np.int16))


def test_equal_channels_are_not_switched() -> None:
    assert np.array_equal(_picked(HEARD, HEARD * 1.1), HEARD.astype(np.int16))


def test_a_switch_makes_no_click() -> None:
    steps = np.abs(np.diff(_picked(1000 + _noise(1), _voice(300) - 1000 + _noise(1)).astype(int)))
    assert steps.max() < 100


@pytest.mark.parametrize(
    ("kind", "opens_with", "expected"),
    [
        ("input", {1, 2}, 2),
        ("input", {1}, 1),
        ("input", {4}, 4),
        ("input", {6}, 6),
        ("input", {7}, 7),
        ("output", {1, 2}, 1),
    ],
)
def test_a_device_is_opened_with_the_channels_it_has(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, opens_with: set[int], expected: int
) -> None:
    def check(channels: int, **_options: object) -> None:
        if channels not in opens_with:
            raise ValueError("Invalid number of channels")

    sound = SimpleNamespace(check_input_settings=check, check_output_settings=check, PortAudioError=OSError)
    monkeypatch.setattr(worker, "_portaudio", lambda: sound)
    most = max(opens_with)
    assert worker._supported_format(Device(0, "array", most, most, 48_000), kind)[1] == expected
