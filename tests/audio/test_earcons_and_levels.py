"""The earcon, and the measurement of levels."""

import numpy as np
import pytest

from nightvoice.audio import earcons
from nightvoice.audio.levels import SILENT_DBFS, measure


def test_the_earcon_is_short_soft_low_and_without_a_click() -> None:
    sound = earcons.your_turn()
    assert sound.dtype == np.int16
    assert len(sound) <= 0.15 * earcons.RATE
    assert np.abs(sound).max() <= 0.2 * 32_768
    spectrum = np.abs(np.fft.rfft(sound.astype(float))) ** 2
    pitches = np.fft.rfftfreq(len(sound), 1 / earcons.RATE)
    assert spectrum[pitches < 500].sum() > 0.99 * spectrum.sum()
    assert np.abs(np.diff(sound.astype(int))).max() < 0.02 * 32_768
    assert abs(int(sound[0])) + abs(int(sound[-1])) < 20


def test_levels_of_a_sine() -> None:
    levels = measure((32_767 * 0.1 * np.sin(np.arange(16_000) * 0.2)).astype(np.int16))
    assert levels.peak == pytest.approx(-20, abs=0.1)
    assert levels.rms == pytest.approx(-23, abs=0.1)
    assert levels.clipped == 0


def test_the_noise_floor_is_that_of_the_quiet_parts() -> None:
    rng = np.random.default_rng(2)
    sound = rng.normal(0, 33, 64_000)
    sound[:20_000] += 8_000 * np.sin(np.arange(20_000) * 0.2)
    assert measure(sound.astype(np.int16)).noise_floor == pytest.approx(-60, abs=1)


def test_silence_and_clipping() -> None:
    assert measure(np.zeros(100, np.int16)).rms == SILENT_DBFS
    assert measure(np.array([32_767, -32_768, 0, 0], np.int16)).clipped == 0.5
