"""The echo canceller on synthetic echoes: speech-like noise in a synthetic room."""

import numpy as np
import pytest
import soxr

from nightvoice.audio.aec.canceller import EchoCanceller
from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples

DELAY = 128
"""Delay of the canceller's output in samples."""
PLAYED_RATE = 48_000


def babble(seconds: float, seed: int, rate: int = RATE) -> np.ndarray:
    """Noise modulated four times a second, as speech is; -1..1."""
    rng, n = np.random.default_rng(seed), round(seconds * rate)
    noise = np.convolve(rng.normal(size=n), np.ones(6 * rate // RATE), "same")
    return noise / np.abs(noise).max() * np.abs(np.sin(2 * np.pi * 2 * np.arange(n) / rate))


def echo_of(played: np.ndarray, delay_s: float) -> np.ndarray:
    """``played`` (at PLAYED_RATE) as the microphone (at RATE) hears it."""
    rng, tail = np.random.default_rng(9), np.arange(RATE // 10)
    path = rng.normal(size=len(tail)) * np.exp(-tail / (0.02 * RATE))
    path[0] = 3
    heard = np.convolve(soxr.resample(played, PLAYED_RATE, RATE), path / 6)[: len(played) // 3]
    return np.concatenate([np.zeros(round(delay_s * RATE)), heard])[: len(heard)]


def cancelled(
    heard: np.ndarray, played: np.ndarray, blocks_ahead: int = 2, lost: tuple[int, ...] = (), ppm: float = 0
) -> Samples:
    """Run ``heard`` (-1..1) through a canceller that gets ``played`` in blocks of 10 ms, ``blocks_ahead`` of ``heard``.

    The frames with the numbers ``lost`` are dropped, with silence in their place. ``ppm``: by how much the microphone's
    clock is slower than the loudspeaker's.
    """
    canceller, block, out = EchoCanceller(PLAYED_RATE), PLAYED_RATE // 100, []
    blocks = iter(played[: len(played) // block * block].astype(np.float32).reshape(-1, block))
    sound = np.round(heard * 32767).astype(np.int16)
    given = 0
    for start in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        while given * 160 < (start + FRAME_SAMPLES) * (1 + ppm * 1e-6) + blocks_ahead * 160:
            canceller.push_far_end(next(blocks, np.zeros(block, np.float32)))
            given += 1
        frame = sound[start : start + FRAME_SAMPLES]
        out.append(np.zeros_like(frame) if start // FRAME_SAMPLES in lost else canceller.process(frame))
    return np.concatenate(out)


def power_db(sound: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(sound.astype(float) ** 2) + 1e-9))


@pytest.mark.parametrize("delay_s", [0.05, 0.3])
def test_the_echo_is_cancelled(delay_s: float) -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE * 3), babble(8, 1, PLAYED_RATE) * 0.5])
    heard = echo_of(played, delay_s)
    late = slice(9 * RATE, 10 * RATE)
    assert power_db(heard[late] * 32767) - power_db(cancelled(heard, played)[late]) > 20


@pytest.mark.parametrize("times", [1, 4])
def test_cancellation_recovers_from_frames_lost_during_a_long_prompt(times: int) -> None:
    played = babble(14, 1, PLAYED_RATE) * 0.5
    heard = echo_of(played, 0.05)
    lost = tuple(int(second * RATE / FRAME_SAMPLES) for second in np.linspace(2, 8, times))
    late = slice(11 * RATE, 12 * RATE)
    assert power_db(heard[late] * 32767) - power_db(cancelled(heard, played, lost=lost)[late]) > 20


def skewed_echo_of(played: np.ndarray, ppm: float) -> np.ndarray:
    """The echo of ``played`` in a microphone whose clock is slower by ``ppm``."""
    fine = 4
    heard = soxr.resample(echo_of(played, 0.05), RATE, fine * RATE, "VHQ")
    return np.interp(np.arange(len(heard) // fine) * fine * (1 + ppm * 1e-6), np.arange(len(heard)), heard)


@pytest.mark.parametrize("ppm", [-50, 20, 50])
def test_clock_drift_between_two_prompts_is_tolerated(ppm: float) -> None:
    pause = np.zeros(10 * PLAYED_RATE)
    played = np.concatenate([pause, babble(4, 1, PLAYED_RATE) * 0.5, pause, babble(2, 2, PLAYED_RATE) * 0.5])
    heard = skewed_echo_of(played, ppm)
    clean, soon = cancelled(heard, played, ppm=ppm), slice(round(24.6 * RATE), round(25.1 * RATE))
    assert power_db(heard[soon] * 32767) - power_db(clean[soon]) > 50


@pytest.mark.parametrize("ppm", [-90, 20, 90])
def test_the_clock_skew_is_learnt_within_some_prompts(ppm: float) -> None:
    pause = np.zeros(6 * PLAYED_RATE)
    prompts = [np.concatenate([babble(4, seed, PLAYED_RATE) * 0.5, pause]) for seed in range(4)]
    played = np.concatenate([pause, *prompts])
    heard = skewed_echo_of(played, ppm)
    clean, last = cancelled(heard, played, ppm=ppm), slice(round(36.1 * RATE), 40 * RATE)
    assert power_db(heard[last] * 32767) - power_db(clean[last]) > 45


def test_distortion_by_the_loudspeaker_is_attenuated_too() -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE * 3), babble(8, 1, PLAYED_RATE) * 0.5])
    heard = echo_of(played + 0.3 * np.abs(played) * played, 0.05)
    late = slice(9 * RATE, 10 * RATE)
    assert power_db(heard[late] * 32767) - power_db(cancelled(heard, played)[late]) > 35


def test_the_output_is_muted_until_the_filter_has_converged() -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE), babble(3, 1, PLAYED_RATE) * 0.5])
    heard = echo_of(played, 0.2)
    clean = cancelled(heard + babble(len(heard) / RATE, 4), played)
    assert power_db(clean[RATE : RATE + RATE // 2]) < 0
    assert power_db(clean[3 * RATE :]) > 70
    assert power_db(cancelled(heard, played)[3 * RATE :]) < 35


def test_a_person_who_talks_over_a_prompt_is_heard() -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE * 3), babble(8, 1, PLAYED_RATE) * 0.5])
    echo = echo_of(played, 0.08)
    speech = np.zeros_like(echo)
    speech[9 * RATE : 10 * RATE] = babble(1, 2)
    speech *= np.sqrt(np.mean(echo[4 * RATE :] ** 2) / np.mean(speech[9 * RATE : 10 * RATE] ** 2))
    clean = cancelled(echo + speech, played)
    heard, wanted = clean[9 * RATE + DELAY : 10 * RATE + DELAY].astype(float), speech[9 * RATE : 10 * RATE]
    correlation = float(np.sum(heard * wanted) / np.sqrt(np.sum(heard**2) * np.sum(wanted**2)))
    assert correlation > 0.9


def test_without_playback_the_signal_passes_unchanged() -> None:
    heard = babble(3, 3) * 0.3
    sound = np.round(heard * 32767).astype(np.int16)
    clean = cancelled(heard, np.zeros(4 * PLAYED_RATE))
    assert (clean[DELAY:] == sound[: len(clean) - DELAY]).all()


def test_the_signal_passes_unchanged_again_once_the_echo_has_faded() -> None:
    played = np.concatenate([np.zeros(PLAYED_RATE), babble(2, 1, PLAYED_RATE) * 0.5, np.zeros(3 * PLAYED_RATE)])
    heard = echo_of(played, 0.05) + babble(6, 4) * 0.1
    clean = cancelled(heard, played)
    sound = np.round(heard * 32767).astype(np.int16)
    late = 5 * RATE
    assert (clean[late + DELAY :] == sound[late : len(clean) - DELAY]).all()


def test_the_echo_is_cancelled_after_the_microphone_was_gone() -> None:
    canceller, block = EchoCanceller(PLAYED_RATE), np.zeros(480, np.float32)
    for _ in range(2000):  # the microphone delivers nothing for 20 s
        canceller.push_far_end(block)
    played, heard = babble(8, 1, PLAYED_RATE) * 0.5, []
    echo = echo_of(np.concatenate([np.zeros(6 * PLAYED_RATE), played]), 0.05)
    blocks = iter(np.concatenate([np.zeros(6 * PLAYED_RATE), played]).astype(np.float32).reshape(-1, 480))
    given = 0
    sound = np.round(echo * 32767).astype(np.int16)
    for start in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        while given * 160 < start + FRAME_SAMPLES:
            canceller.push_far_end(next(blocks, block))
            given += 1
        heard.append(canceller.process(sound[start : start + FRAME_SAMPLES]))
    late = slice(12 * RATE, 13 * RATE)
    assert power_db(sound[late]) - power_db(np.concatenate(heard)[late]) > 20
