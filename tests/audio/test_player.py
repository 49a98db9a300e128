"""The playback queue: order, volume, rates, fade."""

import threading

import numpy as np
import pytest

from nightvoice.audio.player import FADE_S, PlaybackQueue

RATE = 48_000


def constant(n: int, value: int = 16_384) -> np.ndarray:
    return np.full(n, value, dtype=np.int16)


def test_sounds_follow_each_other_without_a_gap_and_end_in_order() -> None:
    player = PlaybackQueue(RATE)
    assert [player.play(constant(100), RATE, 1.0), player.play(constant(50, -16_384), RATE, 1.0)] == [1, 2]
    first = player.pull(99)
    assert (first == 0.5).all()
    assert player.ended() == []
    rest = player.pull(60)
    assert rest.tolist() == [0.5] + [-0.5] * 50 + [0.0] * 9
    assert player.ended() == [1, 2]
    assert player.ended() == []
    assert not player.busy


def test_a_sound_ends_with_its_last_sample() -> None:
    player = PlaybackQueue(RATE)
    player.play(constant(480), RATE, 1.0)
    player.pull(479)
    assert player.ended() == []
    player.pull(1)
    assert player.ended() == [1]


def test_an_empty_sound_ends_at_the_next_pull() -> None:
    player = PlaybackQueue(RATE)
    player.play(constant(0), RATE, 1.0)
    player.pull(1)
    assert player.ended() == [1]


@pytest.mark.parametrize(("volume", "level"), [(0.5, 0.25), (0.0, 0.0), (7.0, 0.5), (-1.0, 0.0)])
def test_volume_scales_the_sound_and_is_clamped(volume: float, level: float) -> None:
    player = PlaybackQueue(RATE)
    player.play(constant(10), RATE, volume)
    assert player.pull(10).tolist() == [level] * 10


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 44_100])
def test_resampling_keeps_length_and_pitch(rate: int) -> None:
    tone = (16_000 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.int16)
    player = PlaybackQueue(RATE)
    player.play(tone, rate, 1.0)
    out = player.pull(RATE + 10)
    assert player.ended() == [1]
    assert int(np.argmax(np.abs(np.fft.rfft(out[:RATE])))) == 440
    assert np.abs(out).max() == pytest.approx(16_000 / 32_768, rel=0.02)


def test_stop_fades_out_and_drops_the_queue_and_no_stopped_sound_ends() -> None:
    player = PlaybackQueue(RATE)
    player.play(constant(RATE), RATE, 1.0)
    player.play(constant(RATE), RATE, 1.0)
    player.pull(100)
    player.stop()
    fade = round(FADE_S * RATE)
    out = player.pull(fade + 100)
    assert out[0] == 0.5
    assert (np.diff(out[:fade]) <= 0).all()
    assert np.abs(np.diff(out[:fade])).max() < 0.001
    assert not out[fade:].any()
    assert player.ended() == []
    assert not player.busy


def test_a_sound_played_after_a_stop_follows_the_fade_and_ends() -> None:
    player = PlaybackQueue(RATE)
    player.play(constant(RATE), RATE, 1.0)
    player.pull(10)
    player.stop()
    number = player.play(constant(10), RATE, 1.0)
    player.pull(round(FADE_S * RATE))
    assert player.pull(10).tolist() == [0.5] * 10
    assert player.ended() == [number] == [2]


def test_stopping_just_before_the_end_of_a_sound_or_in_silence_ends_nothing() -> None:
    player = PlaybackQueue(RATE)
    player.stop()
    player.play(constant(100), RATE, 1.0)
    player.pull(99)
    player.stop()
    player.stop()
    player.pull(RATE)
    assert player.ended() == []


def test_one_thread_may_pull_while_another_queues_sounds() -> None:
    player = PlaybackQueue(RATE)
    done = threading.Event()
    pulled: list[float] = []

    def device() -> None:
        while not done.is_set() or player.busy:
            pulled.append(float(player.pull(64).sum()))

    thread = threading.Thread(target=device)
    thread.start()
    for _ in range(300):
        player.play(constant(50), RATE, 1.0)
    done.set()
    thread.join()
    assert player.ended() == list(range(1, 301))
    assert sum(pulled) == pytest.approx(300 * 50 * 0.5)
